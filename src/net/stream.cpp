#include "net/stream.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

namespace sentinella::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

struct SslDeleter {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;
using ContextPtr = std::unique_ptr<SSL_CTX, SslDeleter>;
using CertificatePtr = std::unique_ptr<X509, SslDeleter>;

/// "Connection refused" reads better in the middle of a sentence as "connection refused".
std::string cause(int error_number) {
  std::string text = std::strerror(error_number);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

using Cancelled = const std::atomic<bool>*;

bool is_set(Cancelled cancelled) {
  return cancelled != nullptr && cancelled->load();
}

/// Waits for `events`; false when the deadline passed or nobody wants it any longer.
bool wait_for(int fd, short events, SteadyClock::time_point deadline, Cancelled cancelled) {
  constexpr std::int64_t kLook = 100;  // ms between two looks whether it is still wanted
  const std::int64_t longest = cancelled == nullptr ? 1 << 30 : kLook;
  while (!is_set(cancelled)) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    pollfd entry{fd, events, 0};
    const int ready = poll(&entry, 1, static_cast<int>(std::clamp<std::int64_t>(left, 0, longest)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0 && left <= longest) return false;
  }
  return false;
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE; this one sends with MSG_NOSIGNAL.
int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

int bio_write(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto sent = send(socket_of(bio), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const auto got = recv(socket_of(bio), data, static_cast<std::size_t>(size), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
  return command == BIO_CTRL_FLUSH;
}

BIO* make_socket_bio(int fd) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sentinella socket");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  // A BIO holds one pointer, and the descriptor is all there is to hold.
  // NOLINTNEXTLINE(performance-no-int-to-ptr)
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

/// The oldest entry of OpenSSL's error queue, which it empties.
std::string openssl_cause() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the TLS connection broke" : reason;
}

bool is_address(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 || inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

/// Who we are, for servers that ask.
Result<void> use_certificate(SSL_CTX* context, const TlsClientOptions& options) {
  if (options.certificate_file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
    return fail_field(Errc::kUnauthorized, "cert_file", "cannot read a certificate from {}: {}",
                      options.certificate_file, openssl_cause());
  if (SSL_CTX_use_PrivateKey_file(context, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_field(Errc::kUnauthorized, "key_file",
                      "cannot use the key in {} with the certificate in {}: {}", options.key_file,
                      options.certificate_file, openssl_cause());
  return {};
}

Result<ContextPtr> make_context(const TlsClientOptions& options) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(Errc::kInternal, "cannot make a TLS context: {}", openssl_cause());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SENT_TRY(use_certificate(context.get(), options));
  if (!options.pinned_sha256.empty() || !options.verify) return context;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else if (SSL_CTX_load_verify_locations(context.get(), options.ca_file.c_str(), nullptr) != 1) {
    return fail_field(Errc::kUnauthorized, "ca_file", "cannot read certificates from {}: {}", options.ca_file,
                      openssl_cause());
  }
  return context;
}

/// kUnauthorized unless the peer's certificate is the pinned one.
Result<void> check_pin(SSL* ssl, const std::string& host, std::string_view pin) {
  std::string wanted(pin);
  std::erase(wanted, ':');
  const CertificatePtr certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate) return fail(Errc::kUnauthorized, "{} shows no certificate", host);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate.get(), EVP_sha256(), digest, &size);
  const std::string shown = to_hex(std::string_view(reinterpret_cast<const char*>(digest), size));
  if (iequals(shown, wanted)) return {};
  return fail(Errc::kUnauthorized, "certificate of {} is not the pinned one: its SHA-256 is {}, pinned is {}",
              host, shown, to_lower(wanted));
}

class SocketStream final : public Stream {
 public:
  SocketStream(FileDescriptor socket, std::string peer, Cancelled cancelled)
      : socket_(std::move(socket)), peer_(std::move(peer)), cancelled_(cancelled) {}

  ~SocketStream() override {
    // One call sends close_notify and waits for nothing.
    if (ssl_ && usable_) SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  Result<std::string> read_some(std::size_t max, Duration timeout) override {
    const auto deadline = SteadyClock::now() + timeout;
    std::string buffer(max, '\0');
    for (;;) {
      SENT_TRY_ASSIGN(const Step step, ssl_ ? tls_step("read", SSL_read(clean(), buffer.data(), to_int(max)))
                                            : plain_step("read", recv(socket_.get(), buffer.data(), max, 0)));
      if (step.wait_events == 0) {
        buffer.resize(step.bytes);
        return buffer;
      }
      SENT_TRY(wait("read from", step.wait_events, deadline));
    }
  }

  Result<void> write(std::string_view data, Duration timeout) override {
    const auto deadline = SteadyClock::now() + timeout;
    while (!data.empty()) {
      SENT_TRY_ASSIGN(const Step step,
                      ssl_
                          ? tls_step("write", SSL_write(clean(), data.data(), to_int(data.size())))
                          : plain_step("write", send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL)));
      if (step.bytes == 0 && step.wait_events == 0) return closed_during("a write");
      data.remove_prefix(step.bytes);
      if (step.wait_events != 0) SENT_TRY(wait("write to", step.wait_events, deadline));
    }
    return {};
  }

  Result<void> start_tls(const std::string& host, const TlsClientOptions& options,
                         Duration timeout) override {
    if (ssl_) return fail(Errc::kInternal, "TLS with {} is already on", peer_);
    const auto deadline = SteadyClock::now() + timeout;
    SENT_TRY_ASSIGN(const ContextPtr context, make_context(options));
    ssl_.reset(SSL_new(context.get()));
    BIO* bio = make_socket_bio(socket_.get());
    SSL_set_bio(ssl_.get(), bio, bio);
    if (is_address(host)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
    } else {
      SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
      SSL_set1_host(ssl_.get(), host.c_str());
    }
    for (;;) {
      const int result = SSL_connect(clean());
      if (result == 1) break;
      const long verdict = SSL_get_verify_result(ssl_.get());
      if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_SSL && verdict != X509_V_OK) {
        usable_ = false;
        return fail(Errc::kUnauthorized, "certificate of {} is not trusted: {}", host,
                    X509_verify_cert_error_string(verdict));
      }
      SENT_TRY_ASSIGN(const Step step, tls_step("start TLS", result));
      if (step.wait_events == 0) return usable_ = false, closed_during("the TLS handshake");
      SENT_TRY(wait("start TLS with", step.wait_events, deadline));
    }
    if (!options.pinned_sha256.empty()) SENT_TRY(check_pin(ssl_.get(), host, options.pinned_sha256));
    return {};
  }

 private:
  /// What one attempt at I/O came to: bytes moved, or poll events to wait for before trying again.
  struct Step {
    std::size_t bytes = 0;
    short wait_events = 0;
  };

  static int to_int(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, 1u << 30)); }

  SSL* clean() {
    ERR_clear_error();
    errno = 0;
    return ssl_.get();
  }

  Result<Step> plain_step(std::string_view what, ssize_t result) {
    if (result >= 0) return Step{static_cast<std::size_t>(result), 0};
    if (errno == EAGAIN || errno == EINTR) return Step{0, what == "read" ? short{POLLIN} : short{POLLOUT}};
    return fail(Errc::kUnavailable, "cannot {} ({}): {}", what, peer_, cause(errno));
  }

  Result<Step> tls_step(std::string_view what, int result) {
    if (result > 0) return Step{static_cast<std::size_t>(result), 0};
    const int error_number = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ:
        return Step{0, POLLIN};
      case SSL_ERROR_WANT_WRITE:
        return Step{0, POLLOUT};
      case SSL_ERROR_ZERO_RETURN:
        return Step{};
      case SSL_ERROR_SYSCALL:
        usable_ = false;
        return fail(Errc::kUnavailable, "cannot {} ({}): {}", what, peer_,
                    error_number == 0 ? "the connection was closed" : cause(error_number));
      default:
        usable_ = false;
        return fail(Errc::kUnavailable, "cannot {} ({}): {}", what, peer_, openssl_cause());
    }
  }

  Result<void> wait(std::string_view what, short events, SteadyClock::time_point deadline) {
    if (wait_for(socket_.get(), events, deadline, cancelled_)) return {};
    return fail(Errc::kUnavailable, "cannot {} {}: {}", what, peer_,
                is_set(cancelled_) ? "given up" : "timed out");
  }

  std::unexpected<Error> closed_during(std::string_view what) {
    return fail(Errc::kUnavailable, "{} closed the connection during {}", peer_, what);
  }

  FileDescriptor socket_;   // non-blocking
  const std::string peer_;  // "host:port", for messages
  const Cancelled cancelled_;
  SslPtr ssl_;
  bool usable_ = true;  // false after a fatal TLS error: nothing more may be sent
};

/// One address: a connected non-blocking socket, or an errno.
std::expected<FileDescriptor, int> connect_to(const addrinfo& address, SteadyClock::time_point deadline,
                                              Cancelled cancelled) {
  FileDescriptor socket(
      ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.ai_protocol));
  if (!socket) return std::unexpected(errno);
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0) return socket;
  if (errno != EINPROGRESS) return std::unexpected(errno);
  if (!wait_for(socket.get(), POLLOUT, deadline, cancelled))
    return std::unexpected(is_set(cancelled) ? ECANCELED : ETIMEDOUT);
  int error_number = 0;
  socklen_t size = sizeof error_number;
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error_number, &size);
  if (error_number != 0) return std::unexpected(error_number);
  return socket;
}

}  // namespace

Result<std::unique_ptr<Stream>> connect(const std::string& host, std::uint16_t port, Duration timeout,
                                        const std::atomic<bool>* cancelled) {
  const auto deadline = SteadyClock::now() + timeout;
  const std::string peer =
      host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (status != 0)
    return fail(Errc::kUnavailable, "cannot connect to {}: {}", peer,
                status == EAI_SYSTEM ? cause(errno) : to_lower(gai_strerror(status)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);

  int error_number = EADDRNOTAVAIL;
  std::int64_t untried = 0;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) ++untried;
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next, --untried) {
    // An address that does not answer leaves the others their share of the time.
    const auto now = SteadyClock::now();
    auto socket =
        connect_to(*a, now + std::max(deadline - now, SteadyClock::duration::zero()) / untried, cancelled);
    if (socket) return std::make_unique<SocketStream>(std::move(*socket), peer, cancelled);
    error_number = socket.error();
    if (error_number == ECANCELED) break;
  }
  return fail(Errc::kUnavailable, "cannot connect to {}: {}", peer,
              error_number == ETIMEDOUT   ? "timed out"
              : error_number == ECANCELED ? "given up"
                                          : cause(error_number));
}

}  // namespace sentinella::net
