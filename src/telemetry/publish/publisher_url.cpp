#include "telemetry/publish/publisher_url.h"

#include "base/file.h"
#include "base/text.h"
#include "net/http.h"

namespace sentinella::telemetry {

std::string PublisherUrl::name() const {
  return fmt::format("{}://{}{}{}", scheme, host, port == 0 ? "" : fmt::format(":{}", port), path);
}

std::string PublisherUrl::take_option(const std::string& option, std::string fallback) {
  const auto found = options.find(option);
  if (found == options.end()) return fallback;
  std::string value = std::move(found->second);
  options.erase(found);
  return value;
}

Result<std::uint64_t> PublisherUrl::take_number(const std::string& option, std::uint64_t fallback,
                                                std::uint64_t most) {
  const std::string text = take_option(option, "");
  if (text.empty()) return fallback;
  const auto number = parse_uint(text);
  if (!number || *number > most)
    return fail_field(Errc::kInvalid, option, "is \"{}\", not a number up to {}", text, most);
  return *number;
}

Result<std::string> PublisherUrl::take_secret(const std::string& option) {
  constexpr std::size_t kMaxSecret = 4u << 10;
  const std::string file = take_option(option, "");
  if (file.empty()) return std::string();
  const auto text = read_file(file, kMaxSecret);
  if (!text) return fail_field(Errc::kInvalid, option, "{}", text.error().message);
  std::string secret(trim(std::string_view(*text).substr(0, text->find('\n'))));
  if (secret.empty()) return fail_field(Errc::kInvalid, option, "{} begins with an empty line", file);
  return secret;
}

std::string PublisherUrl::query() const {
  std::string out;
  for (const auto& [name, value] : options)
    out += fmt::format("{}{}={}", out.empty() ? "?" : "&", net::percent_encode(name),
                       net::percent_encode(value));
  return out;
}

Result<PublisherUrl> parse_publisher_url(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0)
    return fail(Errc::kInvalid, "a publisher must be like https://host/path");
  PublisherUrl url;
  url.scheme = to_lower(text.substr(0, end));
  text.remove_prefix(end + 3);
  // As Ceilometer's Monasca publisher has it: monasca://https://host:8070/v2.0
  if (url.scheme == "monasca" && (text.starts_with("http://") || text.starts_with("https://"))) {
    if (text.starts_with("https")) url.scheme = "monascas";
    text.remove_prefix(text.find("://") + 3);
  }
  if (const std::size_t query = text.find('?'); query != std::string_view::npos) {
    for (auto& [name, value] : net::parse_query(text.substr(query + 1))) url.options[name] = value;
    text = text.substr(0, query);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) url.path = text.substr(slash);
  std::string_view authority = text.substr(0, slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const std::string_view credentials = authority.substr(0, at);
    const std::size_t colon = credentials.find(':');
    url.user = net::percent_decode(credentials.substr(0, colon)).value_or("");
    if (colon != std::string_view::npos)
      url.password = net::percent_decode(credentials.substr(colon + 1)).value_or("");
    authority.remove_prefix(at + 1);
  }
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = authority.substr(0, colon);
  if (colon == std::string_view::npos) return url;
  const auto port = parse_uint(authority.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535)
    return fail(Errc::kInvalid, "the port of {}://{} is not a number from 1 to 65535", url.scheme, url.host);
  url.port = static_cast<std::uint16_t>(*port);
  return url;
}

}  // namespace sentinella::telemetry
