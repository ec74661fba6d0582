// What the services that page people by themselves have in common: a key, an address, and ranks of urgency.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "notify/http_answer.h"
#include "notify/words.h"

namespace sentinella::notify {

/// Settings: the key's field (required), url, timeout_seconds, title, text.
struct PagingService {
  HttpTarget target;
  std::string key;
  Words words;

  /// kInvalid names the field. `fallback`: the service's own address.
  static Result<PagingService> read(std::string_view settings, std::string_view key_field,
                                    std::string_view fallback);
};

/// The service's word for a severity: of critical and security, major, minor, warning, and all the rest.
std::string_view urgency(std::string_view severity, const std::array<std::string_view, 5>& words);

}  // namespace sentinella::notify
