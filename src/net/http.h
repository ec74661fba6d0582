// HTTP/1.1 messages as plain structs; nothing of Asio or Beast shows here.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sentinella::net {

struct Header {
  std::string name;
  std::string value;
};

class Headers {
 public:
  /// The first value, "" when absent. Names are case-insensitive.
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  void add(std::string_view name, std::string_view value);
  void set(std::string_view name, std::string_view value);  ///< replaces all of that name
  auto begin() const { return headers_.begin(); }
  auto end() const { return headers_.end(); }

 private:
  std::vector<Header> headers_;
};

struct Request {
  std::string method;  ///< upper case
  std::string path;    ///< percent-decoded, begins with '/'
  std::string query;   ///< as sent, without '?'
  Headers headers = {};
  std::string body = {};  ///< as sent; content codings are the door's business
  std::string peer;       ///< address of the other side
  bool secure = false;    ///< came over TLS
  bool quick = false;     ///< runs on an I/O thread: must not wait, see Response::later
  /// Becomes true when the peer leaves while its request is under way; null when nobody looks, as for quick
  /// ones.
  std::shared_ptr<const std::atomic<bool>> abandoned = {};
};

/// Decoded query or form parameters, in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
/// The first value of a query parameter.
std::optional<std::string> query_parameter(const Request& request, std::string_view name);
std::string percent_encode(std::string_view text);
/// nullopt: a bad escape.
std::optional<std::string> percent_decode(std::string_view text);

/// A response body that stays open (server-sent events). Thread-safe. Letting go of the last reference closes
/// it.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  /// Queues bytes. False: the peer is gone, or is over 1 MiB behind and has been cut; stop writing.
  virtual bool write(std::string chunk) = 0;
  virtual void close() = 0;
  virtual bool open() const = 0;
};

struct Response {
  int status = 200;
  Headers headers = {};
  std::string body = {};
  /// When set, headers and `body` go out at once, chunked; then this is called on a worker thread with the
  /// open body. Not called for HEAD, or when the peer has left by then. The connection closes after the
  /// stream.
  std::function<void(std::shared_ptr<StreamWriter>)> stream = {};
  /// When set, headers and `body` go out at once, chunked; then this is called on a worker thread for one
  /// piece after the other, each when the one before has left: one is in memory at a time, and no thread
  /// waits for a slow peer. "" ends the body. An error cuts the connection, so that the peer sees that it has
  /// not all. `abandoned` is as in Request. Not called for HEAD.
  std::function<Result<std::string>(const std::atomic<bool>& abandoned)> pieces = {};
  /// When set, nothing else of this counts: this is called once on a worker thread, and what it returns is
  /// the answer. For quick requests that turn out not to be; `abandoned` is as in Request.
  std::function<Response(std::shared_ptr<const std::atomic<bool>> abandoned)> later = {};
};

/// The standard reason phrase.
std::string_view reason_phrase(int status);

/// Answers a request. Called on a worker thread, or on an I/O thread for what the listener's options call
/// quick; `respond` must be called exactly once, from any thread.
using Respond = std::move_only_function<void(Response)>;
using Handler = std::function<void(Request, Respond)>;

}  // namespace sentinella::net
