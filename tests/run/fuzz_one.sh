#!/usr/bin/env bash
# Runs the fuzz target $1 over its corpus in build/fuzz, and over src/**/testdata/fuzz/NAME where nothing sensible is
# found without a beginning; what it printed is shown when it found something.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../../build/fuzz"
target=$1
mkdir -p "corpus/$target" "found/$target"
mapfile -t seeds < <(find ../../src -type d -path "*/testdata/fuzz/${target%_fuzz}")
if bin/"$target" -runs="${SENTINELLA_FUZZ_RUNS:-10000000}" -max_total_time=1800 -rss_limit_mb=2048 -print_final_stats=1 \
  -artifact_prefix="found/$target/" "corpus/$target" "${seeds[@]}" >"$target.log" 2>&1; then
  echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$target.log") executions, nothing found"
else
  tail -n 40 "$target.log"
  exit 1
fi
