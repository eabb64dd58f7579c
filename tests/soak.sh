#!/bin/sh
# sudo tests/soak.sh [STEP...]: the long counts that tests/run.sh only samples. Steps, all of them by default, in this order:
#   asan   the whole suite under AddressSanitizer and UndefinedBehaviorSanitizer
#   tsan   the whole suite under ThreadSanitizer
#   kill   kill -9 of the live daemon at 1,000 random moments
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

asan() { suite dev; }

tsan() { suite tsan; }

kill_often() {
  cmake --preset release >build/release.configure.log
  cmake --build --preset release --target suppressd suppressctl
  SUPPRESSD_KILLS=1000 SUPPRESSD_BIN=$PWD/build/release/src PYTHONPATH=tests/mta python3 -B tests/mta/run.py crash_test.Killed
}

fuzz() {
  install_packages clang libclang-rt-14-dev
  cmake --preset fuzz >build/fuzz.configure.log
  cmake --build --preset fuzz
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

[ $# -gt 0 ] || set -- asan tsan kill fuzz
for step in "$@"; do
  case $step in
    asan | tsan | fuzz) attempt "$step" "$step" ;;
    kill) attempt kill kill_often ;;
    *)
      echo "unknown step $step; steps: asan tsan kill fuzz" >&2
      exit 2
      ;;
  esac
done
give_back build
printf '\n== results\n'
cat "$results"
[ -z "$failed" ]
