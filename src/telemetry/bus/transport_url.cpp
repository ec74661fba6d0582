#include "telemetry/bus/transport_url.h"

#include <optional>

#include "base/text.h"

namespace sentinella::telemetry {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? hex_digit(text[i + 2]) : std::nullopt;
    if (text[i] == '%' && high && low) {
      out.push_back(static_cast<char>(*high * 16 + *low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

Result<BrokerNode> parse_node(std::string_view text, std::uint16_t port) {
  BrokerNode node;
  node.port = port;
  const std::size_t at = text.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view credentials = text.substr(0, at);
    const std::size_t colon = credentials.find(':');
    node.user = percent_decoded(credentials.substr(0, colon));
    node.password = colon == std::string_view::npos ? "" : percent_decoded(credentials.substr(colon + 1));
    text.remove_prefix(at + 1);
  }
  std::string_view digits;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return fail(Errc::kInvalid, "an address has no closing bracket");
    node.host = text.substr(1, close - 1);
    if (close + 1 < text.size() && text[close + 1] == ':') digits = text.substr(close + 2);
  } else {
    const std::size_t colon = text.find(':');
    node.host = text.substr(0, colon);
    if (colon != std::string_view::npos) digits = text.substr(colon + 1);
  }
  if (node.host.empty()) return fail(Errc::kInvalid, "a broker's host is missing");
  if (!digits.empty()) {
    const auto number = parse_uint(digits);
    if (!number || *number == 0 || *number > 65535)
      return fail(Errc::kInvalid, "the port of {} is not a number from 1 to 65535", node.host);
    node.port = static_cast<std::uint16_t>(*number);
  }
  return node;
}

}  // namespace

std::string TransportUrl::name() const {
  return fmt::format("{}:{}{}{}", nodes.front().host, nodes.front().port, vhost.starts_with('/') ? "" : "/",
                     vhost);
}

Result<TransportUrl> parse_transport_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos)
    return fail(Errc::kInvalid, "a broker's address must be like rabbit://user:password@host:port/vhost");
  const std::string_view scheme = text.substr(0, scheme_end);
  if (scheme != "rabbit" && scheme != "amqp" && scheme != "amqps" && scheme != "kombu" && scheme != "rabbits")
    return fail(Errc::kUnsupported, "\"{}\" is not a broker that can be read; rabbit is", scheme);
  TransportUrl url;
  url.tls = scheme.ends_with('s');
  text.remove_prefix(scheme_end + 3);
  if (const std::size_t query = text.find('?'); query != std::string_view::npos) {
    for (const std::string_view one : split(text.substr(query + 1), '&'))
      url.tls |= one == "ssl=1" || one == "ssl=true" || one == "ssl=True";
    text = text.substr(0, query);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && slash + 1 < text.size())
    url.vhost = percent_decoded(text.substr(slash + 1));
  for (const std::string_view one : split(text.substr(0, slash), ',')) {
    SENT_TRY_ASSIGN(auto node, parse_node(trim(one), url.tls ? 5671 : 5672));
    url.nodes.push_back(std::move(node));
  }
  if (url.nodes.empty()) return fail(Errc::kInvalid, "a broker's host is missing");
  return url;
}

}  // namespace sentinella::telemetry
