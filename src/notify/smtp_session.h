// One conversation with an SMTP server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/stream.h"

namespace sentinella::notify {

struct SmtpReply {
  int code = 0;
  std::vector<std::string> lines;  ///< texts after the code
};

/// Not thread-safe. Errors: kUnavailable for 4xx and network, kForbidden for refused credentials, kInvalid
/// for other 5xx. Their text quotes the server, never what was sent.
class SmtpSession {
 public:
  enum class Security : std::uint8_t { starttls, tls, none };

  /// Connects, greets and secures the line.
  static Result<SmtpSession> open(const std::string& host, std::uint16_t port, Security security,
                                  const net::TlsClientOptions& tls, Duration timeout);
  /// AUTH PLAIN, else LOGIN.
  Result<void> log_in(const std::string& username, const std::string& password);
  /// `message` must be dot-stuffed. The server's last word; kInvalid when every recipient was refused.
  Result<std::string> send(const std::string& from, const std::vector<std::string>& to,
                           const std::string& message);
  void quit();

 private:
  SmtpSession(std::unique_ptr<net::Stream> stream, Duration timeout)
      : stream_(std::move(stream)), timeout_(timeout) {}

  Result<SmtpReply> read_reply();
  Result<SmtpReply> ask(std::string_view line);
  /// As ask(); a reply of another class than `expected` (2, 3) is an error that begins with `what`.
  Result<SmtpReply> demand(std::string_view what, std::string_view line, int expected);
  Result<void> greet();
  bool can(std::string_view capability) const;

  std::unique_ptr<net::Stream> stream_;
  Duration timeout_;
  std::string buffer_;                     ///< received, not yet read
  std::vector<std::string> capabilities_;  ///< of EHLO, upper case
};

}  // namespace sentinella::notify
