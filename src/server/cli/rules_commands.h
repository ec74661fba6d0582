// `sentinella-server rules ...`: test, lint and backtest rule files.
#pragma once

#include <functional>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/result.h"

namespace sentinella::server {

/// Asks the server; method, path, body.
using Ask =
    std::function<Result<boost::json::value>(const std::string&, const std::string&, const std::string&)>;

/// promtool's notation and ours (rules/rule_test_file.h). kInvalid when a test fails; the text names each.
Result<std::string> test_rules(const std::string& file);

/// `fail_on`: hint, warning or error; kInvalid when there is such a finding. Without a server only what the
/// text tells.
Result<std::string> lint_rule_file(const std::string& file, const std::string& fail_on);

/// What the rules of a file would have said in the last days, beside what the stored ones would have.
Result<std::string> backtest_rule_file(const std::string& file, double days, const Ask& ask);

}  // namespace sentinella::server
