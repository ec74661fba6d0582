#include "agent/check/check_connection.h"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxReply = 4096;
/// Beyond what is looked at of an HTTP answer it is not read.
constexpr std::size_t kReadPiece = 4096;
constexpr char kEchoRequest6 = '\x80';

std::string system_words(int error) {
  return std::strerror(error);
}

Result<Time> time_of(const ASN1_TIME* at) {
  std::tm parts{};
  if (!at || ASN1_TIME_to_tm(at, &parts) != 1) return fail(Errc::kCorrupt, "not a time");
  return Time{static_cast<std::int64_t>(::timegm(&parts)) * 1'000'000'000};
}

}  // namespace

CheckConnection::CheckConnection(const CheckTarget& target, SSL_CTX* context)
    : target_(target), context_(context), request_(check_request(target)) {
  open();
}

void CheckConnection::finish(std::string problem) {
  problem_ = std::move(problem);
  step_ = Step::done;
}

void CheckConnection::open() {
  const bool ping = target_.scheme == CheckScheme::icmp;
  addrinfo hints{};
  hints.ai_socktype = ping ? SOCK_DGRAM : SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error =
          ::getaddrinfo(target_.host.c_str(), std::to_string(target_.port).c_str(), &hints, &found))
    return finish(fmt::format("the name {} is not found: {}", target_.host, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  const bool is_ipv6 = found->ai_family == AF_INET6;
  const int protocol = !ping     ? 0
                       : is_ipv6 ? static_cast<int>(IPPROTO_ICMPV6)
                                 : static_cast<int>(IPPROTO_ICMP);
  if (ping && is_ipv6) request_[0] = kEchoRequest6;
  socket_ =
      FileDescriptor(::socket(found->ai_family, hints.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!socket_ && ping && errno == EACCES)
    return finish("ping is not allowed to us; mend with: sysctl net.ipv4.ping_group_range=\"0 2147483647\"");
  if (!socket_) return finish(fmt::format("no socket: {}", system_words(errno)));
  if (::connect(socket_.get(), found->ai_addr, found->ai_addrlen) == 0) return connected();
  if (errno != EINPROGRESS) return finish(fmt::format("no connection: {}", system_words(errno)));
  events_ = POLLOUT;
}

void CheckConnection::advance() {
  switch (step_) {
    case Step::connecting: {
      int error = 0;
      socklen_t size = sizeof error;
      if (::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
      if (error != 0) return finish(fmt::format("no connection: {}", system_words(error)));
      return connected();
    }
    case Step::handshaking:
      return handshake();
    case Step::writing:
      return write();
    case Step::reading:
      return read();
    case Step::done:
      return;
  }
}

void CheckConnection::connected() {
  if (target_.scheme == CheckScheme::tcp) return finish("");
  if (target_.scheme != CheckScheme::https) {
    step_ = Step::writing;
    return write();
  }
  tls_.reset(context_ ? SSL_new(context_) : nullptr);
  if (!tls_ || SSL_set_fd(tls_.get(), socket_.get()) != 1) return finish("TLS cannot be set up");
  SSL_set_tlsext_host_name(tls_.get(), target_.host.c_str());
  if (target_.options.verify && !want_verified()) return finish("the authorities to trust cannot be read");
  SSL_set_connect_state(tls_.get());
  step_ = Step::handshaking;
  handshake();
}

/// False: whom to trust cannot be read.
bool CheckConnection::want_verified() {
  const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> trusted(X509_STORE_new(), X509_STORE_free);
  const std::string& file = target_.options.ca_file;
  const int loaded = !trusted       ? 0
                     : file.empty() ? X509_STORE_set_default_paths(trusted.get())
                                    : X509_STORE_load_file(trusted.get(), file.c_str());
  X509_VERIFY_PARAM* whom = SSL_get0_param(tls_.get());
  // An address is compared with the addresses of the certificate, a name with its names.
  if (loaded != 1 || (X509_VERIFY_PARAM_set1_ip_asc(whom, target_.host.c_str()) != 1 &&
                      X509_VERIFY_PARAM_set1_host(whom, target_.host.c_str(), target_.host.size()) != 1)) {
    ERR_clear_error();
    return false;
  }
  ERR_clear_error();
  SSL_set_verify(tls_.get(), SSL_VERIFY_PEER, nullptr);
  return SSL_set1_verify_cert_store(tls_.get(), trusted.get()) == 1;
}

void CheckConnection::wait_for_tls(int result, std::string_view doing) {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      events_ = POLLIN;
      return;
    case SSL_ERROR_WANT_WRITE:
      events_ = POLLOUT;
      return;
    case SSL_ERROR_ZERO_RETURN:
      if (step_ == Step::reading && judge(true)) return;
      return finish(fmt::format("{}: the connection was closed", doing));
    default: {
      // Many servers end a response without ending TLS.
      if (step_ == Step::reading && judge(true)) {
        ERR_clear_error();
        return;
      }
      if (const long verdict = SSL_get_verify_result(tls_.get());
          target_.options.verify && verdict != X509_V_OK) {
        ERR_clear_error();
        return finish(
            fmt::format("its certificate is not to be trusted: {}", X509_verify_cert_error_string(verdict)));
      }
      char text[256] = "the connection was closed";
      if (const unsigned long error = ERR_peek_error()) ERR_error_string_n(error, text, sizeof text);
      ERR_clear_error();
      return finish(fmt::format("{}: {}", doing, text));
    }
  }
}

void CheckConnection::note_expiry() {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(tls_.get()), X509_free);
  if (!certificate) return;
  if (const auto at = time_of(X509_get0_notAfter(certificate.get()))) expires_ = *at;
}

void CheckConnection::handshake() {
  const int result = SSL_do_handshake(tls_.get());
  if (result != 1) return wait_for_tls(result, "no TLS");
  note_expiry();
  step_ = Step::writing;
  write();
}

std::size_t CheckConnection::transfer(bool writing, char* data, std::size_t size) {
  if (tls_) {
    std::size_t moved = 0;
    const int result =
        writing ? SSL_write_ex(tls_.get(), data, size, &moved) : SSL_read_ex(tls_.get(), data, size, &moved);
    if (result != 1) wait_for_tls(result, "no answer");
    return result == 1 ? moved : 0;
  }
  const ssize_t moved =
      writing ? ::send(socket_.get(), data, size, MSG_NOSIGNAL) : ::recv(socket_.get(), data, size, 0);
  if (moved > 0) return static_cast<std::size_t>(moved);
  if (moved < 0 && (errno == EAGAIN || errno == EINTR)) {
    events_ = writing ? POLLOUT : POLLIN;
    return 0;
  }
  if (moved == 0 && step_ == Step::reading && judge(true)) return 0;
  finish(fmt::format("no answer: {}", moved == 0 ? "the connection was closed" : system_words(errno)));
  return 0;
}

void CheckConnection::write() {
  while (!request_.empty()) {
    const std::size_t sent = transfer(true, request_.data(), request_.size());
    if (sent == 0) return;
    request_.erase(0, sent);
  }
  step_ = Step::reading;
  read();
}

bool CheckConnection::judge(bool ended) {
  const HttpExpectation& expectation = target_.options.expectation;
  if (expectation.empty()) {
    if (ended) return false;
    const ReplyVerdict verdict = judge_reply(target_.scheme, received_);
    status_ = verdict.status;
    if (verdict.reply == Reply::more && received_.size() <= kMaxReply) return false;
    finish(verdict.reply == Reply::good  ? ""
           : verdict.reply == Reply::bad ? verdict.problem
                                         : "the answer is not that of this protocol");
    return true;
  }
  const HttpAnswer answer = read_http_answer(received_);
  status_ = answer.status;
  if (answer.broken) {
    finish("the answer is not HTTP");
    return true;
  }
  const bool enough = answer.complete || ended || received_.size() >= kMaxHttpAnswer;
  if (answer.status == 0 || (expectation.needs_body() && !enough)) return false;
  finish(unmet(expectation, answer));
  return true;
}

void CheckConnection::read() {
  char buffer[kReadPiece];
  for (;;) {
    const std::size_t got = transfer(false, buffer, sizeof buffer);
    if (got == 0) return;
    received_.append(buffer, got);
    if (judge(false)) return;
  }
}

void CheckConnection::time_out(Duration limit) {
  static constexpr std::string_view kWords[] = {"no connection", "no TLS handshake", "it takes no request",
                                                "no answer", ""};
  finish(fmt::format("{} within {}", kWords[static_cast<std::size_t>(step_)], to_text(limit)));
}

}  // namespace sentinella::agent
