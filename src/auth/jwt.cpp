#include "auth/jwt.h"

#include "base/crypto.h"
#include "base/json.h"

namespace sentinella::auth {
namespace {

constexpr std::size_t kMaxToken = 4096;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// Year 2262: where nanoseconds in 64 bits end.
constexpr std::int64_t kMaxSeconds = 9'223'372'036;
/// Servers of one cluster may disagree on the time by this much.
constexpr Duration kLeeway = std::chrono::seconds(30);

/// The only header there is: a token with another one, whatever it says, is not ours.
const std::string& header() {
  static const std::string encoded = to_base64url(R"({"alg":"HS256","typ":"JWT"})");
  return encoded;
}

std::string signature_of(std::string_view signed_part, std::string_view key) {
  const Sha256 mac = hmac_sha256(key, signed_part);
  return to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Errc::kUnauthorized, "the token {}", why);
}

/// RFC 7519 section 2, NumericDate; whole seconds only.
Result<Time> required_date(const boost::json::object& payload, std::string_view name) {
  const boost::json::value* value = payload.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->as_int64() < 0 || value->as_int64() > kMaxSeconds)
    return refuse(fmt::format("has no date in \"{}\"", name));
  return Time{value->as_int64() * kNanosecondsPerSecond};
}

Result<std::string> required_text(const boost::json::object& payload, std::string_view name) {
  const boost::json::value* value = payload.if_contains(name);
  if (value == nullptr || !value->is_string()) return refuse(fmt::format("has no text in \"{}\"", name));
  return std::string(value->as_string());
}

Result<void> check_times(const boost::json::object& payload, const Claims& claims, Time now) {
  if (claims.issued > now + kLeeway)
    return refuse(fmt::format("was issued in the future, at {}", to_rfc3339(claims.issued)));
  if (payload.contains("nbf")) {
    SENT_TRY_ASSIGN(const Time not_before, required_date(payload, "nbf"));
    if (not_before > now + kLeeway)
      return refuse(fmt::format("is not valid before {}", to_rfc3339(not_before)));
  }
  if (claims.expires <= now) return refuse(fmt::format("expired at {}", to_rfc3339(claims.expires)));
  return {};
}

}  // namespace

std::string sign_jwt(const Claims& claims, std::string_view key) {
  JsonWriter payload;
  payload.object()
      .field("sub", claims.subject)
      .field("aud", claims.audience)
      .field("iat", claims.issued.ns / kNanosecondsPerSecond)
      .field("exp", claims.expires.ns / kNanosecondsPerSecond)
      .field("jti", claims.id);
  if (!claims.name.empty()) payload.field("preferred_username", claims.name);
  payload.end();
  const std::string signed_part = header() + "." + to_base64url(payload.str());
  return signed_part + "." + signature_of(signed_part, key);
}

Result<Claims> verify_jwt(std::string_view token, std::string_view key, std::string_view audience, Time now) {
  if (token.size() > kMaxToken)
    return refuse(fmt::format("has {} bytes, at most {}", token.size(), kMaxToken));
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return refuse("is not a JWT");
  if (token.substr(0, first) != header()) return refuse("is not one of ours");
  // The text is compared, not the bytes it stands for: one signature has one spelling.
  if (!constant_time_equal(token.substr(last + 1), signature_of(token.substr(0, last), key)))
    return refuse("has a wrong signature");

  const auto decoded = from_base64url(token.substr(first + 1, last - first - 1));
  if (!decoded) return refuse("has a payload that is not base64url");
  const auto payload = parse_json_object(*decoded);
  if (!payload) return refuse("has a payload that is not a JSON object");
  Claims claims;
  SENT_TRY_ASSIGN(claims.subject, required_text(*payload, "sub"));
  SENT_TRY_ASSIGN(claims.audience, required_text(*payload, "aud"));
  SENT_TRY_ASSIGN(claims.id, required_text(*payload, "jti"));
  SENT_TRY_ASSIGN(claims.issued, required_date(*payload, "iat"));
  SENT_TRY_ASSIGN(claims.expires, required_date(*payload, "exp"));
  if (claims.audience != audience)
    return fail_field(Errc::kUnauthorized, "aud", "the token is not made for this use ({})", audience);
  SENT_TRY(check_times(*payload, claims, now));
  return claims;
}

}  // namespace sentinella::auth
