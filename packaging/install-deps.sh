#!/bin/sh
# Installs on Debian 12 the packages that are needed to build suppressd and its unit tests, and no
# others. Does nothing and prints nothing if all of them are installed. tests/run.sh and
# packaging/demo.sh install what only the tests with real MTAs need (see packaging/packages.sh).
set -eu
# shellcheck source=packaging/packages.sh
. "$(dirname "$0")/packages.sh"

install_packages \
  build-essential cmake ninja-build pkg-config \
  libmilter-dev libspdlog-dev libsqlite3-dev libcli11-dev \
  libre2-dev libidn2-dev libpsl-dev libssl-dev libcctz-dev \
  libtomlplusplus-dev nlohmann-json3-dev libsystemd-dev libarchive-dev zlib1g-dev libgmime-3.0-dev \
  libgtest-dev libbenchmark-dev
