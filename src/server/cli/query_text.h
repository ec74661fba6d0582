// What `sentinella-server query` asks and prints.
#pragma once

#include <string>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::server {

struct QueryOptions {
  std::string expression = {};
  std::string at = {};     ///< RFC 3339, Unix seconds, now, now-15m; "" = now
  std::string from = {};   ///< with `until` and `step`: a range
  std::string until = {};  ///< "" = now
  std::string step = {};   ///< "" = a sixtieth of the range
  bool chart = false;
};

/// Path and parameters of the request. kInvalid: options that do not go together, a time that is none.
Result<std::string> query_path(const QueryOptions& options, Time now);

/// The answer's JSON as a table, or as a chart: one row per series, or per step where few series are
/// answered.
std::string format_answer(const boost::json::object& answer, bool chart);

}  // namespace sentinella::server
