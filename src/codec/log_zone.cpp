#include "codec/log_zone.h"

#include <string>

#include "codec/log_time.h"

namespace sentinella::codec {

Result<Duration> parse_log_zone(std::string_view text) {
  if (text.empty() || text == "Z") return Duration(0);
  std::string zone(text);
  if (zone.front() == ' ') zone.front() = '+';
  const std::string whole = "2000-01-01T00:00:00" + zone;
  const auto time = scan_iso_time(whole);
  if (!time || !time->offset || time->length != whole.size())
    return fail_field(Errc::kInvalid, "zone", "\"{}\" is no offset such as +02:00", text);
  return *time->offset;
}

}  // namespace sentinella::codec
