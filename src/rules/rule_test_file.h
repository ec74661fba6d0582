// Unit tests of rules: promtool's files (prometheus.io/docs, "Unit testing for rules"), and what our rules
// need beyond.
//
//   rule_files: [rules.yaml]            # relative to the test file
//   evaluation_interval: 1m
//   tests:
//   - name: a disk fills
//     interval: 1m                      # between values
//     rules: [disk-filling]             # only these; default: all
//     input_series:
//     - {series: 'host_filesystem_used_ratio{host="c1", mountpoint="/"}', values: '0.8 0.9x10 _ 0.5'}
//     input_logs:                       # lines as they are written; `times`, `every` repeat one
//     - {at: 30s, host: c1, service: nova-compute, line: '... 7 ERROR nova [-] x', times: 5, every: 2s}
//     input_reports:                    # what the agent says of processes
//     - {at: 10s, host: c1, service: nova-compute, kind: exited, exit: crash, signal: 9}
//     # of itself: the time by its own clock, and so long on the way
//     - {at: 20s, host: c1, kind: heartbeat, times: 9, every: 10s, clock_ahead: 1h, late: 5s}
//     alert_rule_test: ...              # as promtool
//     promql_expr_test: ...             # as promtool
//     transitions:                      # all of them, in order; at: within a second
//     - {at: 6m, event: DiskFilling, resource: c1 /, state: firing, severity: warning, tier: ticket}
//     - {at: 13m, event: DiskFilling, resource: c1 /, state: resolved}
// Time begins at 0. An agent that has input_reports is alive as long as they come; lines carry the time of
// their `at`.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::rules {

struct RuleTestReport {
  std::size_t passed = 0;
  std::vector<std::string> failures;  ///< "a disk fills: at 6m ... expected, got ..."
};

/// `read` gives the text of a file named in rule_files. kInvalid: the test file itself is wrong, with its
/// line.
Result<RuleTestReport> run_rule_tests(std::string_view yaml,
                                      const std::function<Result<std::string>(const std::string&)>& read);
/// A file on disk.
Result<RuleTestReport> run_rule_tests(const std::filesystem::path& file);

}  // namespace sentinella::rules
