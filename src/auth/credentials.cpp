#include "auth/credentials.h"

#include "auth/secrets.h"
#include "base/crypto.h"
#include "base/text.h"

namespace sentinella::auth {
namespace {

constexpr std::size_t kMaxHeader = 8192;

Result<std::variant<BearerToken, BasicLogin>> parse_basic(std::string_view encoded) {
  const auto decoded = from_base64(encoded);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos)
    return fail(Errc::kUnauthorized, "the basic credentials are not name:password in base64");
  if (const auto key = std::string_view(*decoded).substr(colon + 1); key.starts_with(kApiKeyPrefix))
    return BearerToken{.token = std::string(key)};
  return BasicLogin{.name = decoded->substr(0, colon), .password = decoded->substr(colon + 1)};
}

/// Elasticsearch's keys have two parts, ours one: it may stand behind any id, or alone.
Result<std::variant<BearerToken, BasicLogin>> parse_api_key(std::string_view encoded) {
  const auto decoded = from_base64(encoded);
  const std::string both = decoded ? *decoded : std::string(encoded);
  return BearerToken{.token = both.substr(both.find(':') + 1)};
}

}  // namespace

Result<std::variant<BearerToken, BasicLogin>> parse_credentials(std::string_view header) {
  header = trim(header);
  if (header.empty())
    return fail(Errc::kUnauthorized, "this needs credentials: send an Authorization header");
  if (header.size() > kMaxHeader)
    return fail(Errc::kUnauthorized, "the Authorization header has {} bytes, at most {}", header.size(),
                kMaxHeader);
  const std::size_t space = header.find(' ');
  const std::string_view scheme = header.substr(0, space);
  const std::string_view value = space == std::string_view::npos ? "" : trim(header.substr(space));
  if (iequals(scheme, "Basic")) return parse_basic(value);
  if (iequals(scheme, "ApiKey") && !value.empty()) return parse_api_key(value);
  // InfluxDB's clients of version 2 say "Token" where others say "Bearer", Alerta's say "Key".
  if (!iequals(scheme, "Bearer") && !iequals(scheme, "Token") && !iequals(scheme, "Key"))
    return fail(Errc::kUnauthorized, "the Authorization header is neither Bearer nor Basic");
  if (value.empty()) return fail(Errc::kUnauthorized, "the Authorization header has no token after Bearer");
  return BearerToken{.token = std::string(value)};
}

}  // namespace sentinella::auth
