// Asks what a declared function names, and reads the answer.
#pragma once

#include <string_view>
#include <vector>

#include "agent/collect/database_rows.h"
#include "agent/plugin/declared.h"
#include "agent/plugin/output.h"

namespace sentinella::agent {

/// Blocking, at most `limit`. Errors of the connection; kUnavailable: another status than 200; kInvalid,
/// kCorrupt: nothing of the answer can be read.
Result<PluginOutput> run_http(const HttpCall& call, const std::vector<Label>& labels, Time now,
                              Duration limit);
Result<PluginOutput> run_sql(const SqlCall& call, const std::vector<Label>& labels, Time now, Duration limit);

/// What the answers mean. Pure.
Result<PluginOutput> read_http_json(const HttpCall& call, std::string_view body,
                                    const std::vector<Label>& labels, Time now);
Result<PluginOutput> read_exposition(std::string_view body, bool openmetrics,
                                     const std::vector<Label>& labels, Time now);
PluginOutput read_rows(const SqlCall& call, const DatabaseRows& result, const std::vector<Label>& labels,
                       Time now);

}  // namespace sentinella::agent
