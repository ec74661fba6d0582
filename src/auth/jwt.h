// JSON Web Tokens, HS256 only (RFC 7519, RFC 8725): the algorithm is fixed, never read from the token, and
// nothing of a token is parsed before its signature holds. Times are whole seconds.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::auth {

struct Claims {
  std::string subject;
  std::string audience;  ///< "user", "agent" or "refresh"
  Time issued;
  Time expires;
  std::string id;         ///< jti
  std::string name = {};  ///< preferred_username: for clients that show it; not read back
};

std::string sign_jwt(const Claims& claims, std::string_view key);
/// kUnauthorized: bad form, signature, audience (field "aud"), not yet valid or expired (says when).
Result<Claims> verify_jwt(std::string_view token, std::string_view key, std::string_view audience, Time now);

}  // namespace sentinella::auth
