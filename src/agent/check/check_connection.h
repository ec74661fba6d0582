// One conversation of a check: connect, shake hands, ask, judge; never waits.
#pragma once

#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "agent/check/check_round.h"
#include "base/file.h"

namespace sentinella::agent {

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// Not thread-safe. Begun by the constructor; then advance() whenever the descriptor is ready for events().
class CheckConnection {
 public:
  /// `context` is needed for https only, and outlives this.
  CheckConnection(const CheckTarget& target, SSL_CTX* context);

  void advance();
  bool done() const { return step_ == Step::done; }
  int descriptor() const { return socket_.get(); }
  short events() const { return events_; }  ///< POLLIN or POLLOUT
  void time_out(Duration limit);
  const std::string& problem() const { return problem_; }
  bool up() const { return problem_.empty(); }
  int status() const { return status_; }
  std::optional<Time> expires() const { return expires_; }

 private:
  enum class Step { connecting, handshaking, writing, reading, done };

  void open();
  void finish(std::string problem);
  void connected();
  void handshake();
  void write();
  void read();
  /// Bytes moved; 0 = wait for events(), or done.
  std::size_t transfer(bool writing, char* data, std::size_t size);
  void wait_for_tls(int result, std::string_view doing);
  void note_expiry();
  bool want_verified();
  /// True when it is decided. `ended`: nothing more will come.
  bool judge(bool ended);

  const CheckTarget& target_;
  SSL_CTX* context_;
  FileDescriptor socket_;
  std::unique_ptr<SSL, SslFree> tls_;
  Step step_ = Step::connecting;
  short events_ = 0;
  std::string request_;
  std::string received_;
  std::string problem_;
  int status_ = 0;
  std::optional<Time> expires_;
};

}  // namespace sentinella::agent
