#include "telemetry/polling/s3_signature.h"

#include <algorithm>
#include <vector>

#include "base/crypto.h"
#include "base/text.h"
#include "net/http_client.h"

namespace sentinella::telemetry {
namespace {

constexpr std::string_view kScopeEnd = "us-east-1/s3/aws4_request";
constexpr std::string_view kSignedHeaders = "host;x-amz-content-sha256;x-amz-date";

std::string_view bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// "20130524T000000Z".
std::string stamp_of(Time now) {
  std::string out;
  for (const char c : to_rfc3339(Time{now.ns / 1'000'000'000 * 1'000'000'000}).substr(0, 19))
    if (c != '-' && c != ':') out.push_back(c);
  return out + "Z";
}

/// Sorted by name; what stands without a value has an empty one.
std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : net::parse_query(query))
    pairs.emplace_back(net::percent_encode(name), net::percent_encode(value));
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
  return out;
}

std::string host_of(const net::Url& url) {
  const std::string host = url.host.contains(':') ? fmt::format("[{}]", url.host) : url.host;
  return url.port == (url.tls ? 443 : 80) ? host : fmt::format("{}:{}", host, url.port);
}

std::string signature_of(const S3Key& key, std::string_view day, std::string_view text) {
  Sha256 step = hmac_sha256("AWS4" + key.secret, day);
  for (const std::string_view part : split(kScopeEnd, '/')) step = hmac_sha256(bytes_of(step), part);
  return to_hex(hmac_sha256(bytes_of(step), text));
}

}  // namespace

Result<void> sign_s3_get(const std::string& url, const S3Key& key, Time now, net::Headers& headers) {
  SENT_TRY_ASSIGN(const net::Url parsed, net::parse_url(url));
  const std::size_t mark = parsed.target.find('?');
  const std::string query = mark == std::string::npos ? "" : parsed.target.substr(mark + 1);
  const std::string stamp = stamp_of(now), day = stamp.substr(0, 8), nothing = to_hex(sha256(""));
  const std::string request = fmt::format(
      "GET\n{}\n{}\nhost:{}\nx-amz-content-sha256:{}\nx-amz-date:{}\n\n{}\n{}", parsed.target.substr(0, mark),
      canonical_query(query), host_of(parsed), nothing, stamp, kSignedHeaders, nothing);
  const std::string scope = fmt::format("{}/{}", day, kScopeEnd);
  const std::string text = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", stamp, scope, to_hex(sha256(request)));
  headers.set("x-amz-date", stamp);
  headers.set("x-amz-content-sha256", nothing);
  headers.set("Authorization", fmt::format("AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={},Signature={}",
                                           key.access, scope, kSignedHeaders, signature_of(key, day, text)));
  return {};
}

}  // namespace sentinella::telemetry
