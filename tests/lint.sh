#!/bin/sh
# tests/lint.sh [FOLDER|FILE...]: cppcheck and clang-tidy over src, or over what is named. Needs build/tests as tests/run.sh leaves it, for
# the compiler's options and the generated headers. Not part of ctest: it takes half an hour on two cores, and its findings change with
# the tools' versions. Exit status 0: neither has found anything.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh
install_packages cppcheck clang-tidy
database=build/tests
[ -f "$database/compile_commands.json" ] || {
  echo "there is no $database/compile_commands.json: run tests/run.sh first" >&2
  exit 2
}
[ $# -gt 0 ] || set -- src
failed=

echo '== cppcheck'
# False alarms of cppcheck 2.10: it takes `Result` for a number, and the number that scan::number() returns for a view of its text.
nice cppcheck --quiet --std=c++20 --language=c++ --inline-suppr --error-exitcode=1 -j "$(nproc)" -I include -I src \
  --enable=warning,performance,portability --suppress=missingIncludeSystem \
  --suppress=identicalConditionAfterEarlyExit:src/learn/learner_parts.h \
  --suppress=danglingTemporaryLifetime:include/suppressd/base/scan.h "$@" || failed="$failed cppcheck"

echo '== clang-tidy'
# GCC's own warning options are none of clang's, and neither are its precompiled headers.
commands=$(mktemp -d)
trap 'rm -rf "$commands"' EXIT
sed -e 's/ -Winvalid-pch//g' -e 's/ -include [^ ]*cmake_pch\.hxx//g' "$database/compile_commands.json" >"$commands/compile_commands.json"
find "$@" -name '*.cpp' ! -name '*_none.cpp' -print0 |
  nice xargs -0 -n 1 -P "$(nproc)" clang-tidy -p "$commands" --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null ||
  failed="$failed clang-tidy"

[ -z "$failed" ] || {
  echo "FAILED:$failed"
  exit 1
}
echo 'clean'
