// What the doors of the logs have in common: which records a request means.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "api/parameters.h"
#include "logs/log_store.h"
#include "logs/query/query_parser.h"

namespace sentinella::api::native {

/// Long texts are cut at this many bytes where records are listed.
inline constexpr std::size_t kMaxTextInLists = 16u << 10;

/// The parameters that choose records (q, host, ..., from, to), and `more`.
std::vector<std::string_view> with_log_filters(std::initializer_list<std::string_view> more);

struct LogRequest {
  logs::LogQuery query;
  std::optional<logs::Stage> stage;
};

/// `default_span` as in Query::range(). Errors name the parameter.
Result<LogRequest> read_log_request(const Query& query, Time now, std::optional<Duration> default_span);
/// For doors that answer records themselves: a stage in `q` is an error.
Result<logs::LogQuery> read_log_filter(const Query& query, Time now, std::optional<Duration> default_span);

/// The parameter `order`: desc (also when absent) or asc.
Result<bool> newest_first(const Query& query);

}  // namespace sentinella::api::native
