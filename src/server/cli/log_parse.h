// `sentinella-server logs parse`: what the parser makes of a pasted line.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::server {

struct LogParseOptions {
  std::string format;   ///< "" = recognised by itself
  std::string pattern;  ///< a regular expression with named groups, grok names accepted
  std::string zone;     ///< "+02:00", of times without one; "" = UTC
  bool json = false;    ///< one object a record
};

/// Each record of `text` with its format and all its fields. `now` is the time of records without one.
Result<std::string> parse_log_text(std::string_view text, const LogParseOptions& options, Time now);

}  // namespace sentinella::server
