#include "agent/check/check_target.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "net/http_client.h"

namespace sentinella::agent {
namespace {

struct SchemeInfo {
  std::string_view name;
  CheckScheme scheme;
};

constexpr std::array kSchemes = {
    SchemeInfo{"http", CheckScheme::http},   SchemeInfo{"https", CheckScheme::https},
    SchemeInfo{"mysql", CheckScheme::mysql}, SchemeInfo{"amqp", CheckScheme::amqp},
    SchemeInfo{"redis", CheckScheme::redis}, SchemeInfo{"memcached", CheckScheme::memcached},
    SchemeInfo{"ssh", CheckScheme::ssh},     SchemeInfo{"tcp", CheckScheme::tcp},
    SchemeInfo{"icmp", CheckScheme::icmp},
};

constexpr std::size_t kMaxTargetReply = 4096;
constexpr int kFirstServerError = 500;
/// Type 8, code 0; checksum and identifier are the kernel's business; sequence 1. For IPv6 the type is 128.
constexpr std::string_view kEchoRequest("\x08\0\0\0\0\0\0\1", 8);
constexpr std::string_view kEchoText = "sentinella looks whether you are there";
constexpr std::string_view kAmqpHeader("AMQP\0\0\11\1", 8);

ReplyVerdict judge_http(std::string_view received) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kHead = std::string_view("HTTP/1.1 200").size();
  if (received.size() < kHead) {
    if (kVersion.starts_with(received.substr(0, kVersion.size()))) return {};
    return {Reply::bad, 0, "the answer is not HTTP"};
  }
  const auto status = parse_uint(received.substr(kHead - 3, 3));
  if (!received.starts_with(kVersion) || !status || *status < 100)
    return {Reply::bad, 0, "the answer is not HTTP"};
  const int code = static_cast<int>(*status);
  if (code >= kFirstServerError) return {Reply::bad, code, fmt::format("it answers {}", code)};
  return {Reply::good, code, ""};
}

/// A packet of 3 bytes length, 1 byte number, then the protocol's version, or 0xff and an error.
ReplyVerdict judge_mysql(std::string_view received) {
  if (received.size() < 5) return {};
  const auto first = static_cast<unsigned char>(received[4]);
  if (first == 10 || first == 9) return {Reply::good, 0, ""};
  if (first != 0xff) return {Reply::bad, 0, "the greeting is not a database server's"};
  std::string text;
  for (char c : received.substr(std::min<std::size_t>(received.size(), 7), 120))
    text += c >= ' ' && c <= '~' ? c : ' ';
  return {Reply::bad, 0, "it answers: " + std::string(trim(text))};
}

/// "good" when it begins with one of the texts, "bad" when it no longer can.
ReplyVerdict judge_start(std::string_view received, std::initializer_list<std::string_view> good) {
  bool possible = false;
  for (std::string_view text : good) {
    if (received.starts_with(text)) return {Reply::good, 0, ""};
    possible |= text.starts_with(received);
  }
  if (possible) return {};
  return {Reply::bad, 0, "the answer is not that of this protocol"};
}

/// Type 0 (IPv4) or 129 (IPv6), with our text. The kernel hands us only what answers our identifier.
ReplyVerdict judge_echo(std::string_view received) {
  constexpr char kReply = '\0', kReply6 = '\x81';
  if (received.size() < kEchoRequest.size()) return {};
  const bool is_reply = received[0] == kReply || received[0] == kReply6;
  if (is_reply && received.substr(kEchoRequest.size()).starts_with(kEchoText)) return {Reply::good, 0, ""};
  return {Reply::bad, 0, "the answer is not an echo reply"};
}

}  // namespace

Result<CheckTarget> parse_check_url(std::string_view text) {
  const std::size_t end = text.find("://");
  const auto known = std::ranges::find(kSchemes, text.substr(0, end), &SchemeInfo::name);
  if (end == std::string_view::npos || known == kSchemes.end())
    return fail(Errc::kInvalid,
                "'{}' does not begin with http://, https://, mysql://, amqp://, memcached://, redis://, "
                "ssh://, tcp:// or icmp://",
                text);
  const bool is_http = known->scheme == CheckScheme::http || known->scheme == CheckScheme::https;
  const std::string as_http = is_http ? std::string(text) : "http" + std::string(text.substr(end));
  SENT_TRY_ASSIGN(net::Url url, net::parse_url(as_http));
  if (!is_http && url.target != "/")
    return fail(Errc::kInvalid, "'{}' has a path, and {} knows none", text, known->name);
  const std::size_t authority = end + 3;
  const std::size_t bracket = text.find(']', authority);
  const bool is_ping = known->scheme == CheckScheme::icmp;
  if (!is_http && !is_ping &&
      text.find(':', bracket == std::string_view::npos ? authority : bracket) == std::string_view::npos)
    return fail(Errc::kInvalid, "'{}' names no port", text);
  return CheckTarget{known->scheme, std::move(url.host), is_ping ? std::uint16_t{0} : url.port,
                     std::move(url.target)};
}

std::string check_request(const CheckTarget& target) {
  switch (target.scheme) {
    case CheckScheme::http:
    case CheckScheme::https: {
      const std::string host = target.host.contains(':') ? "[" + target.host + "]" : target.host;
      return fmt::format(
          "GET {} HTTP/1.1\r\nHost: {}:{}\r\nUser-Agent: sentinella\r\nAccept: */*\r\n{}Connection: "
          "close\r\n\r\n",
          target.path, host, target.port,
          target.token.empty() ? "" : fmt::format("X-Auth-Token: {}\r\n", target.token));
    }
    case CheckScheme::amqp:
      return std::string(kAmqpHeader);
    case CheckScheme::icmp:
      return std::string(kEchoRequest) + std::string(kEchoText);
    case CheckScheme::memcached:
      return "version\r\n";
    case CheckScheme::redis:
      return "PING\r\n";
    case CheckScheme::mysql:
    case CheckScheme::ssh:
    case CheckScheme::tcp:
      return "";
  }
  return "";
}

ReplyVerdict judge_reply(CheckScheme scheme, std::string_view received) {
  received = received.substr(0, kMaxTargetReply);
  switch (scheme) {
    case CheckScheme::http:
    case CheckScheme::https:
      return judge_http(received);
    case CheckScheme::mysql:
      return judge_mysql(received);
    case CheckScheme::amqp:
      // A method frame on channel 0 (Connection.Start); a server that wants another version sends its header.
      return judge_start(received, {std::string_view("\1\0\0", 3), "AMQP"});
    case CheckScheme::memcached:
      return judge_start(received, {"VERSION"});
    case CheckScheme::redis:
      return judge_start(received, {"+PONG", "-NOAUTH", "-ERR", "-LOADING"});
    case CheckScheme::ssh:
      return judge_start(received, {"SSH-"});
    case CheckScheme::tcp:
      return {Reply::good, 0, ""};
    case CheckScheme::icmp:
      return judge_echo(received);
  }
  return {};
}

}  // namespace sentinella::agent
