// The Authorization header: RFC 6750 (Bearer; also "Token", as InfluxDB's clients have it), RFC 7617 (Basic;
// with an API key for a password the name is anything) and Elasticsearch's ApiKey (base64 of id:key).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace sentinella::auth {

struct BearerToken {
  std::string token;
};
struct BasicLogin {
  std::string name;
  std::string password;
};

/// kUnauthorized, with a reason fit for the caller.
Result<std::variant<BearerToken, BasicLogin>> parse_credentials(std::string_view header);

}  // namespace sentinella::auth
