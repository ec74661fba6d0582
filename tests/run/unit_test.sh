#!/usr/bin/env bash
# Runs the test program $1, of its tests those that $2 matches; its output comes in one piece when it is done.
set -uo pipefail
output=$("$1" --gtest_brief=1 --gtest_filter="$2" 2>&1)
outcome=$?
printf '\033[1m==> %s\033[0m\n%s\n' "${1##*/}" "$output"
exit $outcome
