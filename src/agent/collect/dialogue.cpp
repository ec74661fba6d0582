#include "agent/collect/dialogue.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sentinella::agent {
namespace {

constexpr std::size_t kPiece = 16384;

std::unexpected<Error> not_reached(const std::string& address, int error) {
  const Errc code = error == EACCES || error == EPERM ? Errc::kForbidden : Errc::kUnavailable;
  return fail(code, "{} cannot be reached: {}", address, std::strerror(error));
}

Result<FileDescriptor> begin_connection(const sockaddr* address, socklen_t size, const std::string& name) {
  FileDescriptor socket(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return not_reached(name, errno);
  if (::connect(socket.get(), address, size) != 0 && errno != EINPROGRESS) return not_reached(name, errno);
  return socket;
}

Result<FileDescriptor> begin_local(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::kInvalid, "the path {} is too long for a socket", path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return begin_connection(reinterpret_cast<const sockaddr*>(&address), sizeof address, path);
}

Result<FileDescriptor> begin_tcp(const std::string& name) {
  const std::size_t colon = name.rfind(':');
  if (colon == std::string::npos) return fail(Errc::kInvalid, "{} names no port", name);
  std::string host = name.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), name.c_str() + colon + 1, &hints, &found))
    return fail(Errc::kUnavailable, "the name {} is not found: {}", host, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  return begin_connection(found->ai_addr, found->ai_addrlen, name);
}

}  // namespace

Result<Dialogue> Dialogue::open(const std::string& address, Duration limit) {
  const auto deadline = SteadyClock::now() + limit;
  SENT_TRY_ASSIGN(FileDescriptor socket,
                  address.starts_with('/') ? begin_local(address) : begin_tcp(address));
  Dialogue dialogue(std::move(socket), address, deadline);
  SENT_TRY(dialogue.wait(POLLOUT));
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(dialogue.socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return not_reached(address, error);
  return dialogue;
}

Result<void> Dialogue::wait(short events) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - SteadyClock::now()).count();
    if (left <= 0) return fail(Errc::kUnavailable, "{} does not answer in time", address_);
    pollfd ready{socket_.get(), events, 0};
    if (::poll(&ready, 1, static_cast<int>(left)) > 0) return {};
  }
}

Result<void> Dialogue::send(std::string_view data) {
  while (!data.empty()) {
    SENT_TRY(wait(POLLOUT));
    const ssize_t sent = ::send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return not_reached(address_, errno);
    if (sent > 0) data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> Dialogue::receive() {
  std::string piece(kPiece, '\0');
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
