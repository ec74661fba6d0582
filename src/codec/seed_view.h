// The record as the first Sentinel.la showed it: an object of five keys (sentinel.la, "Parsing OpenStack
// logs", 2016).
//   {"time":"2016-01-04 22:41:35.221","description":"[-] Option ...","level":"WARNING","log_id":19090,
//    "component":"oslo_config.cfg"}
// Unlike the original the component has no blanks at its end, the description is never cut, and the JSON is
// valid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/log_record.h"

namespace sentinella::codec {

struct SeedView {
  std::string time;         ///< as the line has it; else UTC, with milliseconds
  std::string description;  ///< with context bracket and instance; a traceback follows on lines of its own
  std::string level;
  std::optional<std::uint32_t> log_id;  ///< the pid
  std::string component;
};

/// Of a record that parse_log has filled.
SeedView seed_view(const LogRecord& record);
std::string to_json(const SeedView& view);

}  // namespace sentinella::codec
