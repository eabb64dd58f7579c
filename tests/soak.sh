#!/bin/sh
# sudo tests/soak.sh [STEP...]: the long counts that tests/run.sh only samples. Steps, all of them by default, in this order:
#   asan   the whole suite under AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan   the whole suite under ThreadSanitizer
#   model  50,000 random programs of log rotation, and as many random sets of events; 100,000 random logs with reports and acts by hand,
#          read in many orders and pieces (SUPPRESSD_MODEL_PROGRAMS to change); all of incident_test.py and host_away_test.py
#   fault  every operation of the disk and every allocation of the store fails in turn, once and for ever
#   kill   kill -9 at 1,000 random moments each (SUPPRESSD_KILLS to change) of following, replay, the making of a database, and of the
#          daemon beside a real Postfix
#   crowd  2,000,000 hostile sessions and 1,000,000 orderly ones on the milter's socket
#   package  the Debian package, built in two folders, is the same bytes
#   fuzz   ten minutes for each fuzzer (SUPPRESSD_FUZZ_SECONDS to change), with clang's libFuzzer
# Prints one line of result a step; exit status 0: all of them passed.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh
packaging/install-deps.sh
install_postfix
install_test_packages
mkdir -p build
results=build/soak.results
: >"$results"

# suite PRESET: the whole suite in the preset's build.
suite() {
  cmake --preset "$1" >"build/$1.configure.log"
  cmake --build --preset "$1"
  ctest --test-dir "build/$1" --output-on-failure -j "$(nproc)" --no-tests=error
}

# What a sanitizer says of a daemon that a test has started would be lost with the daemon's standard error.
reports=

# Shown, counted as a failure and removed when the step ends, however it ends.
report_into_files() {
  reports=$(mktemp -d)
  chmod 1777 "$reports"
  trap end_reports EXIT
}

end_reports() {
  status=$?
  if [ -n "$(ls "$reports")" ]; then
    cat "$reports"/*
    status=1
  fi
  rm -rf "$reports"
  exit "$status"
}

asan() {
  report_into_files
  # faketime is loaded before the sanitizer.
  export ASAN_OPTIONS="log_path=$reports/asan:verify_asan_link_order=0" UBSAN_OPTIONS="log_path=$reports/ubsan:print_stacktrace=1"
  suite dev
}

# What libmilter itself does at a stop is not ours.
tsan() {
  report_into_files
  export TSAN_OPTIONS="suppressions=$PWD/tests/unit/milter/libmilter.tsan log_path=$reports/tsan"
  suite tsan
}

# build TARGET...: as it ships.
build() {
  cmake --preset release >build/release.configure.log
  cmake --build --preset release --target "$@"
}

model() {
  build model_follower model_fold suppressctl
  SUPPRESSD_MODEL_PROGRAMS="${SUPPRESSD_MODEL_PROGRAMS:-50000}" build/release/tests/model/model_fold
  SUPPRESSD_MODEL_PROGRAMS="${SUPPRESSD_MODEL_PROGRAMS:-50000}" build/release/tests/model/model_follower
  SUPPRESSD_MODEL_PROGRAMS="${SUPPRESSD_MODEL_PROGRAMS:-100000}" SUPPRESSD_BIN="$PWD/build/release/src" \
    python3 -B tests/model/order_test.py
  SUPPRESSD_BIN="$PWD/build/release/src" python3 -B tests/model/incident_test.py --all
  SUPPRESSD_MODEL_PROGRAMS=2000 SUPPRESSD_BIN="$PWD/build/release/src" python3 -B tests/model/host_away_test.py
}

fault() {
  build fault_store
  SUPPRESSD_FAULT_STRIDE=1 ctest --test-dir build/release/tests/fault --output-on-failure -E fault_kill -j "$(nproc)" --no-tests=error
}

kill_often() {
  build suppressd suppressctl make_log
  export SUPPRESSD_KILLS="${SUPPRESSD_KILLS:-1000}" SUPPRESSD_BIN="$PWD/build/release/src"
  export SUPPRESSD_MAKE_LOG="$PWD/build/release/tests/support/make_log" PYTHONPATH=tests/fault
  python3 -B tests/mta/run.py kill_test crash_test.Killed
}

crowd() {
  build unit_milter
  SUPPRESSD_HOSTILE_SESSIONS=2000000 SUPPRESSD_SESSIONS=1000000 \
    build/release/tests/unit/milter/unit_milter --gtest_filter='Hostile.*:Crowd.*'
}

package() {
  other=$(mktemp -d)
  git clone -q . "$other/suppressd"
  export CCACHE_DISABLE=1
  packaging/build-deb.sh
  "$other/suppressd/packaging/build-deb.sh"
  status=0
  sums=$(cd build/deb && sha256sum ./*.deb ./*.json)
  (cd "$other/suppressd/build/deb" && echo "$sums" | sha256sum -c) || status=1
  rm -rf "$other"
  return "$status"
}

fuzz() {
  install_packages clang libclang-rt-14-dev
  cmake --preset fuzz >build/fuzz.configure.log
  cmake --build --preset fuzz --target fuzzers
  found=
  for fuzzer in build/fuzz/tests/fuzz/fuzz_*; do
    if [ ! -x "$fuzzer" ]; then continue; fi
    found=yes
    name=$(basename "$fuzzer")
    mkdir -p "build/fuzz/findings/$name"
    "$fuzzer" -max_total_time="${SUPPRESSD_FUZZ_SECONDS:-600}" -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name/" \
      "build/fuzz/findings/$name" "tests/fuzz/seeds/${name#fuzz_}"
  done
  [ -n "$found" ] || { echo 'there are no fuzzers in build/fuzz/tests/fuzz'; return 1; }
}

# attempt STEP FUNCTION: runs it in a shell of its own, so that one failure does not hide the others.
failed=
attempt() {
  printf '\n== %s\n' "$1"
  begun=$(date +%s)
  outcome=passed
  set +e
  (set -e; "$2")
  status=$?
  set -e
  if [ "$status" -ne 0 ]; then
    outcome=FAILED
    failed=yes
  fi
  printf '%-5s %s in %s s\n' "$1" "$outcome" "$(($(date +%s) - begun))" >>"$results"
}

[ $# -gt 0 ] || set -- asan tsan model fault kill crowd package fuzz
for step in "$@"; do
  case $step in
    asan | tsan | model | fault | crowd | package | fuzz) attempt "$step" "$step" ;;
    kill) attempt kill kill_often ;;
    *)
      echo "unknown step $step; steps: asan tsan model fault kill crowd package fuzz" >&2
      exit 2
      ;;
  esac
done
give_back build
printf '\n== results\n'
cat "$results"
[ -z "$failed" ]
