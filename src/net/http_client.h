// A blocking HTTP/1.1 client that keeps its connection to one origin at a time. Small: the agent uses it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/http.h"
#include "net/stream.h"

namespace sentinella::net {

struct Url {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
  std::string target = "/";  ///< path and query
};
/// http:// and https:// only; kInvalid names the fault.
Result<Url> parse_url(std::string_view text);
/// For messages: what stands behind the question mark may be a secret.
std::string_view without_query(std::string_view url);

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  Headers headers = {};
  std::string body = {};
  Duration timeout = std::chrono::seconds(10);  ///< for the whole exchange
  std::size_t max_response_bytes = 8u << 20;
  /// Given the body of a 2xx piece by piece as it comes, which then is not in the response; false ends it.
  std::function<bool(std::string_view piece)> on_body = {};
};

/// Not thread-safe. Retries once on a kept connection that the peer had closed meanwhile.
class HttpClient {
 public:
  /// `cancelled` must outlive it. Once it is set, by any thread, what send() waits for soon ends with
  /// kUnavailable.
  explicit HttpClient(TlsClientOptions tls = {}, const std::atomic<bool>* cancelled = nullptr);
  ~HttpClient();
  /// Any status is an answer. kUnavailable: no connection, timeout; kUnauthorized: TLS verification;
  /// kCorrupt: not HTTP; kTooLarge. No message holds the URL's query.
  Result<Response> send(const ClientRequest& request);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::net
