#!/bin/sh
# works.sh FOLDER MAKE_LOG: the benchmark programs in FOLDER still work. Times nothing.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1/bench_fill" "$work/list.db" 1000
"$1/bench_fill" "$work/list.db" 1000 # finds it done
"$2" 2000 >"$work/mail.log"
"$1/bench_lookup" --database="$work/list.db" --entries=1000 --log="$work/mail.log" --benchmark_min_time=0.001 >"$work/output"
for name in find/hit find/miss verdict/hit verdict/miss parse classify; do
  grep -q "^$name" "$work/output" || { echo "bench_lookup did not run $name"; cat "$work/output"; exit 1; }
done
