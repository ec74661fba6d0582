#include "notify/paging_service.h"

namespace sentinella::notify {

Result<PagingService> PagingService::read(std::string_view settings, std::string_view key_field,
                                          std::string_view fallback) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(settings));
  SENT_TRY(only_fields(object, {key_field, "url", "timeout_seconds", "title", "text"}));
  PagingService out;
  SENT_TRY_ASSIGN(out.target.url, read_url(object, fallback));
  SENT_TRY_ASSIGN(out.target.timeout, read_timeout(object));
  SENT_TRY_ASSIGN(out.key, required_string(object, key_field));
  SENT_TRY_ASSIGN(out.words, Words::read(object));
  return out;
}

std::string_view urgency(std::string_view severity, const std::array<std::string_view, 5>& words) {
  if (severity == "critical" || severity == "security") return words[0];
  if (severity == "major") return words[1];
  if (severity == "minor") return words[2];
  if (severity == "warning") return words[3];
  return words[4];
}

}  // namespace sentinella::notify
