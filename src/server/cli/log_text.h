// What `sentinella-server logs search` and `logs backtrace` ask and print.
#pragma once

#include <functional>
#include <string>

#include <boost/json.hpp>

#include "base/result.h"
#include "model/log_record.h"

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

/// What has come since the last call: the first gives what a search does. Records are told apart by their
/// ids, so that those of slow nodes are not missed, up to five minutes late. `query` must have no stage.
class LogFollower {
 public:
  LogFollower(LogSearchOptions options, Fetch fetch)
      : options_(std::move(options)), fetch_(std::move(fetch)) {}
  Result<std::string> next();

 private:
  Result<std::string> poll();
  Result<boost::json::array> page(std::size_t limit, std::string& cursor);
  /// Those with ids after newest_; `newest` becomes the last of them.
  boost::json::array only_new(const boost::json::array& items, RecordId& newest) const;

  LogSearchOptions options_;
  Fetch fetch_;
  RecordId newest_{};
  bool started_ = false;
};

Result<std::string> backtrace_text(const std::string& id, bool colour, const Fetch& fetch);

}  // namespace sentinella::server
