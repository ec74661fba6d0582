// What `sentinella-server logs search` and `logs backtrace` ask and print.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace sentinella::server {

struct LogSearchOptions {
  std::string query{};  ///< the language of docs/logs-search.md, also with a stage
  std::string from{};   ///< RFC 3339, now-15m; "" = an hour ago
  std::string until{};  ///< "" = now
  std::size_t limit = 100;
  bool json = false;  ///< one object a line
  bool colour = false;
};

/// GET of a path of the API.
using Fetch = std::function<Result<boost::json::value>(const std::string& path)>;

/// The newest records that match, oldest first; or the table that a stage asks for.
Result<std::string> search_log_text(const LogSearchOptions& options, const Fetch& fetch);

/// GET of a path of the API whose answer has no end; `last_id` "" = from the beginning. Returns when it
/// ended, or when `piece` says false.
using FetchStream = std::function<Result<void>(const std::string& path, const std::string& last_id,
                                               const std::function<bool(std::string_view)>& piece)>;
/// Takes a text to be shown; false: there is nobody any more.
using Show = std::function<bool(const std::string& text)>;

/// What a search finds, then what comes, for as long as it is shown. A stream that ends is opened again, from
/// where it was, after `pause`; the error is of the first one only. `query` must have no stage.
Result<void> follow_log_text(const LogSearchOptions& options, const FetchStream& fetch, const Show& show,
                             const std::function<bool()>& pause);

Result<std::string> backtrace_text(const std::string& id, bool colour, const Fetch& fetch);

}  // namespace sentinella::server
