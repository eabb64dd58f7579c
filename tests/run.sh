#!/bin/sh
# sudo tests/run.sh: installs what it needs on Debian 12, builds, and runs all tests: an ordinary build with everything, real Postfix and
# Sendmail and a booted Debian with a real systemd included, and a build with AddressSanitizer and
# UndefinedBehaviorSanitizer of the unit tests and the fuzzers' seeds. Uses loopback and its own namespaces, leaves
# nothing running. It keeps the two Debian roots that it boots, which the first run makes (tests/boot/boxes/roots.py).
# Exit status 0: all of it passed. The long counts are in tests/soak.sh.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh
begun=$(date +%s)

step() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - begun))"; }

step 'packages'
packaging/install-deps.sh
install_postfix
install_test_packages

launcher=
if command -v ccache >/dev/null; then launcher=-DCMAKE_CXX_COMPILER_LAUNCHER=ccache; fi

# build NAME TARGET OPTION...: configures and builds in build/NAME.
build() {
  folder=build/$1
  target=$2
  shift 2
  cmake -S . -B "$folder" -G Ninja $launcher "$@" >"$folder.configure.log" 2>&1 || {
    cat "$folder.configure.log"
    return 1
  }
  cmake --build "$folder" --target "$target" -j "$(nproc)"
}

# check NAME OPTION...: runs ctest in build/NAME and keeps its closing lines for the end. Two tests more than there are processors: those
# with a mail server wait most of their time.
failed=
check() {
  name=$1
  shift
  ctest --test-dir "build/$name" --output-on-failure -j "$(($(nproc) + 2))" --no-tests=error -O "build/$name.ctest.log" "$@" ||
    failed="$failed $name"
}

# last_lines_of_failed FILE: of ctest's output, for each test that failed.
last_lines_of_failed() {
  awk '
    function show(  n) { for (n = lines > 25 ? lines - 25 : 0; n < lines; ++n) print kept[n]; lines = 0 }
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / { show(); failed = !/ Passed +[0-9.]+ sec$|\*\*\*Skipped/; if (failed) print; next }
    /^ +Start +[0-9]+: / { next }
    /^[0-9]+% tests passed/ { show(); exit }
    failed { kept[lines++] = $0 }' "$1"
}

mkdir -p build
step 'ordinary build'
# Optimised and with the prefix of an operator's build, which tests/boot installs; without what only a debugger needs.
build tests all -DCMAKE_INSTALL_PREFIX=/usr -DSUPPRESSD_WERROR=ON -DCMAKE_BUILD_TYPE=Release '-DCMAKE_CXX_FLAGS_RELEASE=-O2 -DNDEBUG'
step 'all tests'
check tests
step 'build with AddressSanitizer and UndefinedBehaviorSanitizer'
build sanitized unit_tests -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-g1 -DSUPPRESSD_BENCH=OFF '-DSUPPRESSD_SANITIZE=address,undefined'
step "unit tests and fuzzers' seeds under the sanitizers"
check sanitized -L 'unit|fuzz'
give_back build

step 'closing lines'
for name in tests sanitized; do
  echo "-- build/$name"
  sed -n '/% tests passed/,$p' "build/$name.ctest.log"
done
for name in $failed; do
  echo "-- build/$name: the last lines of what failed"
  last_lines_of_failed "build/$name.ctest.log"
done
if [ -n "$failed" ]; then
  echo "FAILED:$failed"
  exit 1
fi
echo "passed in $(($(date +%s) - begun)) s"
