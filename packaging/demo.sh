#!/bin/sh
# sudo packaging/demo.sh: shows suppressd at work with a private Postfix and a simulated Internet,
# all on loopback. Installs what it needs on Debian 12, builds (once, in build/demo), and leaves
# nothing running and no mail, log or database behind.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh

if [ "$(id -u)" -ne 0 ]; then
  echo "run it as root: sudo packaging/demo.sh (it starts a private Postfix)" >&2
  exit 2
fi

packaging/install-deps.sh
install_postfix
install_packages python3 sqlite3

echo 'building (the first time takes a few minutes) ...'
mkdir -p build
if ! { cmake -S . -B build/demo -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
         -DSUPPRESSD_TESTS=OFF -DSUPPRESSD_BENCH=OFF &&
       cmake --build build/demo --target suppressd suppressctl; } >build/demo.log 2>&1; then
  cat build/demo.log >&2
  exit 1
fi
give_back build

SUPPRESSD_BIN=$PWD/build/demo/src PYTHONPATH=$PWD/tests/mta python3 -B packaging/demo.py
