#!/bin/sh
# sudo tests/bench/run.sh [--quick] [NAME...]: measures suppressd beside what else does such work, by turns in one run, and prints medians,
# ratios and their 95 % intervals. Ratios are what counts, since machines differ. Names, all but the last by default:
#   refusal   from the MTA's bounce line to the refusal of the next mail, on a real Postfix
#   rcpt      RCPT commands a second: no filter, a milter that does nothing, suppressd, Postfix's own maps
#   lookup    one recipient and one log line in the daemon's own process
#   replay    learning from an old log, beside pflogsumm and grep
#   memory    resident memory for each size of the list
#   tags      what [tags] cost a recipient and a message, through one Postfix
#   large     lookup with 50 million entries (15 GB of disk)
# --quick takes few rounds and small lists. Installs what it needs on Debian 12, uses loopback only, leaves nothing running.
# SUPPRESSD_BENCH_DATA names a folder that keeps the lists and logs for the next run.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh
if [ "$(id -u)" -ne 0 ]; then
  echo 'it starts a mail server of its own: run it with sudo' >&2
  exit 1
fi
packaging/install-deps.sh
install_postfix
install_packages python3 sqlite3 pflogsumm postfix-sqlite postfix-lmdb

launcher=
if command -v ccache >/dev/null; then launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
build=build/release
mkdir -p build
cmake --preset release $launcher >build/release.configure.log 2>&1 || { cat build/release.configure.log; exit 1; }
targets="suppressd suppressctl make_log bench_fill bench_lookup bench_noop_milter bench_rcpt"
# shellcheck disable=SC2086  # one word a target
cmake --build "$build" --target $targets >build/release.log 2>&1 || {
  cat build/release.log
  exit 1
}
give_back build
exec python3 -B tests/bench/bench.py --build "$build" ${SUPPRESSD_BENCH_DATA:+--data "$SUPPRESSD_BENCH_DATA"} "$@"
