#include "net/http_client.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "net/http_parser.h"

namespace sentinella::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kMaxResponseHead = 64u << 10;
constexpr std::size_t kReadPiece = 16u << 10;
constexpr int kMaxInterim = 8;  ///< 1xx responses before the real one

/// The request as it goes over the wire. kInvalid: something in it would break the framing.
Result<std::string> serialize(const ClientRequest& request, const Url& url) {
  if (!is_token(request.method))
    return fail_field(Errc::kInvalid, "method", "'{}' is not a method", request.method);
  const bool standard_port = url.port == (url.tls ? 443 : 80);
  const std::string host = url.host.contains(':') ? fmt::format("[{}]", url.host) : url.host;
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", request.method, url.target);
  if (!request.headers.has("host"))
    out += standard_port ? fmt::format("Host: {}\r\n", host) : fmt::format("Host: {}:{}\r\n", host, url.port);
  for (const Header& header : request.headers) {
    if (!is_token(header.name) || !is_field_value(header.value))
      return fail_field(Errc::kInvalid, header.name, "the header's name or value has forbidden characters");
    if (iequals(header.name, "content-length") || iequals(header.name, "transfer-encoding")) continue;
    out += fmt::format("{}: {}\r\n", header.name, header.value);
  }
  const bool may_have_body =
      request.method != "GET" && request.method != "HEAD" && request.method != "DELETE";
  if (may_have_body || !request.body.empty())
    out += fmt::format("Content-Length: {}\r\n", request.body.size());
  out += "\r\n";
  return out;
}

/// A parser's verdict on the peer, as the client reports it.
Error blame_peer(Error error, std::string_view url) {
  error.code = error.code == Errc::kTooLarge ? Errc::kTooLarge : Errc::kCorrupt;
  error.message = fmt::format("the response to {} cannot be used: {}", url, error.message);
  return error;
}

}  // namespace

std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find('?'));
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos)
    return fail_field(Errc::kInvalid, "url", "'{}' has no http:// or https://", without_query(text));
  const std::string_view scheme = text.substr(0, scheme_end);
  url.tls = iequals(scheme, "https");
  if (!url.tls && !iequals(scheme, "http"))
    return fail_field(Errc::kInvalid, "url", "'{}' is not http:// or https://", without_query(scheme));
  url.port = url.tls ? 443 : 80;
  if (!std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }))
    return fail_field(Errc::kInvalid, "url", "the URL has characters that must be percent-encoded");

  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const auto authority_end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  const std::string_view target = rest.substr(authority_end);
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);

  if (authority.contains('@'))
    return fail_field(Errc::kInvalid, "url", "the URL carries credentials; give them as a header");
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos)
      return fail_field(Errc::kInvalid, "url", "the URL's '[' is not closed");
    url.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
    if (!authority.empty() && authority.front() != ':')
      return fail_field(Errc::kInvalid, "url", "the URL's ']' is followed by something that is not a port");
  } else {
    const auto colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    authority.remove_prefix(colon);
  }
  if (url.host.empty()) return fail_field(Errc::kInvalid, "url", "the URL names no host");
  if (!authority.empty()) {
    const auto port = parse_uint(authority.substr(1));
    if (!port || *port == 0 || *port > 65535)
      return fail_field(Errc::kInvalid, "url", "the URL's port '{}' is not 1 to 65535", authority.substr(1));
    url.port = static_cast<std::uint16_t>(*port);
  }
  return url;
}

struct HttpClient::Impl {
  /// What one exchange on one connection came to.
  struct Attempt {
    Result<Response> response;
    bool answered = false;  ///< a byte of the response arrived
    bool keep = false;      ///< the connection can carry another exchange
  };

  TlsClientOptions tls;
  const std::atomic<bool>* cancelled = nullptr;
  std::unique_ptr<Stream> stream;
  Url origin;  ///< of `stream`

  Result<void> open(const Url& url, SteadyClock::time_point deadline) {
    stream.reset();
    SENT_TRY_ASSIGN(stream, connect(url.host, url.port, deadline - SteadyClock::now(), cancelled));
    origin = url;
    if (!url.tls) return {};
    auto secured = stream->start_tls(url.host, tls, deadline - SteadyClock::now());
    if (!secured) stream.reset();
    return secured;
  }

  bool kept_for(const Url& url) const {
    return stream && origin.tls == url.tls && origin.host == url.host && origin.port == url.port;
  }

  Attempt exchange(const ClientRequest& request, const std::string& head, SteadyClock::time_point deadline) {
    Attempt attempt{.response = Response{}};
    auto written = stream->write(head, deadline - SteadyClock::now());
    if (written && !request.body.empty())
      written = stream->write(request.body, deadline - SteadyClock::now());
    // A server that refuses a body answers and stops reading, so an answer may be there although the write
    // failed.
    auto received = receive(request, deadline, attempt);
    if (received) {
      attempt.response = std::move(*received);
      attempt.keep = attempt.keep && written;
    } else {
      attempt.response = std::unexpected(written || attempt.answered ? received.error() : written.error());
    }
    return attempt;
  }

  Result<Response> receive(const ClientRequest& request, SteadyClock::time_point deadline, Attempt& attempt) {
    std::string input;
    for (int interim = 0; interim <= kMaxInterim; ++interim) {
      MessageParser parser(MessageKind::response, {kMaxResponseHead, request.max_response_bytes});
      if (request.method == "HEAD") parser.expect_no_body();
      SENT_TRY(receive_one(parser, input, request, deadline, attempt));
      if (parser.status() < 200) continue;
      attempt.keep = parser.keep_alive() && input.empty();
      Response response;
      response.status = parser.status();
      response.headers = std::move(parser.headers());
      response.body = std::move(parser.body());
      return response;
    }
    return fail(Errc::kCorrupt, "the response to {} cannot be used: over {} interim responses",
                without_query(request.url), kMaxInterim);
  }

  Result<void> receive_one(MessageParser& parser, std::string& input, const ClientRequest& request,
                           SteadyClock::time_point deadline, Attempt& attempt) {
    const std::string_view url = without_query(request.url);
    while (!parser.done()) {
      if (input.empty()) {
        SENT_TRY_ASSIGN(input, stream->read_some(kReadPiece, deadline - SteadyClock::now()));
        if (input.empty()) {
          if (!attempt.answered)
            return fail(Errc::kUnavailable, "no response to {}: the connection was closed", url);
          auto finished = parser.finish();
          if (!finished) return std::unexpected(blame_peer(std::move(finished.error()), url));
          return {};
        }
        attempt.answered = true;
      }
      const auto used = parser.put(input);
      if (!used) return std::unexpected(blame_peer(used.error(), url));
      input.erase(0, *used);
      if (!request.on_body || !parser.head_done() || parser.status() / 100 != 2 || parser.body().empty())
        continue;
      if (!request.on_body(std::exchange(parser.body(), {})))
        return fail(Errc::kConflict, "the response to {} was given up", url);
    }
    return {};
  }
};

HttpClient::HttpClient(TlsClientOptions tls, const std::atomic<bool>* cancelled)
    : impl_(std::make_unique<Impl>()) {
  impl_->tls = std::move(tls);
  impl_->cancelled = cancelled;
}
HttpClient::~HttpClient() = default;

Result<Response> HttpClient::send(const ClientRequest& request) {
  const auto is_given_up = [this] { return impl_->cancelled != nullptr && impl_->cancelled->load(); };
  const auto deadline = SteadyClock::now() + request.timeout;
  SENT_TRY_ASSIGN(const Url url, parse_url(request.url));
  SENT_TRY_ASSIGN(const std::string head, serialize(request, url));
  if (is_given_up())
    return fail(Errc::kUnavailable, "the request to {} was given up", without_query(request.url));
  const bool kept = impl_->kept_for(url);
  if (!kept) SENT_TRY(impl_->open(url, deadline));
  auto attempt = impl_->exchange(request, head, deadline);
  const bool stale =
      kept && !attempt.response && !attempt.answered && SteadyClock::now() < deadline && !is_given_up();
  if (stale) {
    SENT_TRY(impl_->open(url, deadline));
    attempt = impl_->exchange(request, head, deadline);
  }
  if (!attempt.keep) impl_->stream.reset();
  return std::move(attempt.response);
}

}  // namespace sentinella::net
