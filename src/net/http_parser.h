// An incremental parser of HTTP/1.0 and 1.1 messages (RFC 9112), requests and responses alike.
//
// Strict where leniency lets two readers of one connection disagree (request smuggling): lines end in CRLF, a
// message has either one Content-Length or the transfer coding "chunked", header names touch their colon, no
// folded lines, no control characters. Trailers and chunk extensions are read and dropped. Work is linear in
// the input, memory is bounded by the limits, whatever the sizes of the pieces it arrives in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http.h"

namespace sentinella::net {

enum class MessageKind { request, response };

struct ParserLimits {
  std::size_t header_bytes = 32u << 10;  ///< start line and fields; trailers get as much again
  std::size_t body_bytes = 16u << 20;
};

/// One message; make another for the next one. Not thread-safe. After an error it must not be fed again.
class MessageParser {
 public:
  MessageParser(MessageKind kind, ParserLimits limits) : kind_(kind), limits_(limits) {}

  /// Takes bytes from the front of `data`, all of them unless the message ends before; returns how many.
  /// kInvalid: breaks the grammar. kTooLarge: over a limit; `field` is "headers" or "body". kUnsupported:
  /// `field` is "version" or "transfer-encoding".
  Result<std::size_t> put(std::string_view data);
  /// The peer has closed: ends a body that is delimited by that. kInvalid when bytes are missing.
  Result<void> finish();
  /// The response to a HEAD request: it ends with its head. Before the first put().
  void expect_no_body() { no_body_ = true; }

  bool started() const { return header_bytes_ > 0; }  ///< a byte has been taken
  bool head_done() const { return state_ >= State::body_until_close; }
  bool done() const { return state_ == State::done; }

  // The start line and fields, valid once head_done().
  const std::string& method() const { return method_; }  ///< request
  const std::string& target() const { return target_; }  ///< request; visible ASCII only
  int status() const { return status_; }                 ///< response; 100 to 599
  int minor_version() const { return minor_version_; }   ///< 0 or 1
  Headers& headers() { return headers_; }
  /// HTTP's rules about Connection and versions; a body delimited by closing says false.
  bool keep_alive() const;

  /// So far; whole once done().
  std::string& body() { return body_; }

 private:
  enum class State {
    start_line,
    fields,
    // From here on the head is done.
    body_until_close,
    body_sized,
    chunk_size,
    chunk_data,
    chunk_end,
    trailers,
    done,
  };

  Result<std::size_t> put_line(std::string_view data);
  Result<std::size_t> put_body(std::string_view data);
  Result<void> on_line(std::string_view line);
  Result<void> on_request_line(std::string_view line);
  Result<void> on_status_line(std::string_view line);
  Result<void> on_version(std::string_view version);
  Result<void> on_field(std::string_view line);
  Result<void> on_head_end();
  Result<void> on_chunk_size(std::string_view line);

  const MessageKind kind_;
  const ParserLimits limits_;
  State state_ = State::start_line;
  bool no_body_ = false;

  std::string line_;  ///< a line whose end has not arrived
  std::size_t header_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::uint64_t remaining_ = 0;  ///< of the sized body, or of the chunk

  std::string method_;
  std::string target_;
  int status_ = 0;
  int minor_version_ = 1;
  Headers headers_;
  std::string body_;
};

/// A request target as `path` (decoded, begins with '/') and `query`. Origin and absolute form (RFC
/// 9112, 3.2).
Result<void> split_target(std::string_view target, Request& request);
/// RFC 9110's token: what methods and header names are made of.
bool is_token(std::string_view text);
/// Fit for a header value: no control characters but the tab.
bool is_field_value(std::string_view text);

}  // namespace sentinella::net
