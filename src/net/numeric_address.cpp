#include "net/numeric_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace sentinella::net {

Result<FileDescriptor> bind_socket(const std::string& host, std::uint16_t port, int type,
                                   std::string_view what) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = type;
  addrinfo* found = nullptr;
  const std::string numeric = host == "localhost" ? "127.0.0.1" : host;
  if (getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return fail_field(Errc::kInvalid, "host", "'{}' is not an address to listen on", host);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
  FileDescriptor socket(::socket(list->ai_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int one = 1;
  if (socket && type == SOCK_STREAM) setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (!socket || bind(socket.get(), list->ai_addr, list->ai_addrlen) != 0)
    return fail(errno == EADDRNOTAVAIL ? Errc::kInvalid : Errc::kUnavailable, "cannot {} on {} port {}: {}",
                what, host, port, std::strerror(errno));
  return socket;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  sockaddr_in v4;
  std::memcpy(&v4, &address, sizeof v4);  // the port stands at the same place in IPv6's
  return ntohs(v4.sin_port);
}

}  // namespace sentinella::net
