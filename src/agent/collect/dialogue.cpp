#include "agent/collect/dialogue.h"

#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"

namespace sentinella::agent {
namespace {

std::unexpected<Error> not_reached(const std::string& address, int error) {
  const Errc code = error == EACCES || error == EPERM ? Errc::kForbidden : Errc::kUnavailable;
  return fail(code, "{} cannot be reached: {}", address, std::strerror(error));
}

}  // namespace

Result<Dialogue> Dialogue::open(const std::string& address, Duration limit) {
  Dialogue dialogue(address, SteadyClock::now() + limit);
  SENT_TRY(address.starts_with('/') ? dialogue.open_local() : dialogue.open_tcp());
  return dialogue;
}

Result<void> Dialogue::open_local() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (address_.size() >= sizeof address.sun_path)
    return fail(Errc::kInvalid, "the path {} is too long for a socket", address_);
  std::memcpy(address.sun_path, address_.data(), address_.size());
  socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return not_reached(address_, errno);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return not_reached(address_, errno);
  return {};
}

Result<void> Dialogue::open_tcp() {
  const std::size_t colon = address_.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : parse_uint(address_.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) return fail(Errc::kInvalid, "{} names no port", address_);
  host_ = address_.substr(0, colon);
  if (host_.starts_with('[') && host_.ends_with(']')) host_ = host_.substr(1, host_.size() - 2);
  SENT_TRY_ASSIGN(const Duration left, time_left());
  SENT_TRY_ASSIGN(stream_, net::connect(host_, static_cast<std::uint16_t>(*port), left));
  return {};
}

Result<Duration> Dialogue::time_left() const {
  const Duration left = deadline_ - SteadyClock::now();
  if (left <= Duration(0)) return fail(Errc::kUnavailable, "{} does not answer in time", address_);
  return left;
}

Result<void> Dialogue::start_tls(const net::TlsClientOptions& options) {
  if (!stream_) return {};
  SENT_TRY_ASSIGN(const Duration left, time_left());
  return stream_->start_tls(host_, options, left);
}

Result<void> Dialogue::wait(short events) const {
  for (;;) {
    SENT_TRY_ASSIGN(const Duration left, time_left());
    pollfd ready{socket_.get(), events, 0};
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    if (::poll(&ready, 1, static_cast<int>(milliseconds)) > 0) return {};
  }
}

Result<void> Dialogue::send(std::string_view data) {
  if (stream_) {
    SENT_TRY_ASSIGN(const Duration left, time_left());
    return stream_->write(data, left);
  }
  while (!data.empty()) {
    SENT_TRY(wait(POLLOUT));
    const ssize_t sent = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return not_reached(address_, errno);
    if (sent > 0) data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> Dialogue::receive(std::size_t most) {
  if (stream_) {
    SENT_TRY_ASSIGN(const Duration left, time_left());
    return stream_->read_some(most, left);
  }
  std::string piece(most, '\0');
  for (;;) {
    SENT_TRY(wait(POLLIN));
    const ssize_t got = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) return not_reached(address_, errno);
    piece.resize(static_cast<std::size_t>(got));
    return piece;
  }
}

Result<std::string> Dialogue::receive_until(std::string_view end, std::size_t max) {
  std::string all;
  for (;;) {
    SENT_TRY_ASSIGN(const std::string piece, receive());
    if (piece.empty()) return all;
    all += piece;
    if (all.size() > max) return fail(Errc::kTooLarge, "the answer of {} is over {} bytes", address_, max);
    if (!end.empty() && all.ends_with(end)) return all;
  }
}

}  // namespace sentinella::agent
