// For tests: a socket on a free port of this machine.
#pragma once

#include <cstdint>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/file.h"

namespace sentinella::net {

/// Of type SOCK_STREAM it listens: callers are connected although nobody accepts them yet.
class LoopbackSocket {
 public:
  explicit LoopbackSocket(int type = SOCK_STREAM) : socket_(::socket(AF_INET, type | SOCK_CLOEXEC, 0)) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&address_);
    socklen_t size = sizeof address_;
    EXPECT_EQ(::bind(socket_.get(), address, size), 0);
    EXPECT_EQ(type == SOCK_STREAM ? ::listen(socket_.get(), 8) : 0, 0);
    EXPECT_EQ(::getsockname(socket_.get(), address, &size), 0);
  }
  int get() const { return socket_.get(); }
  std::uint16_t port() const { return ntohs(address_.sin_port); }
  const sockaddr_in& address() const { return address_; }
  /// Waits for a caller; none after stop().
  FileDescriptor accept() const {
    return FileDescriptor(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }
  /// From any thread.
  void stop() const { ::shutdown(socket_.get(), SHUT_RDWR); }
  /// Callers are refused from now on. Not while another thread accepts.
  void close() { socket_ = FileDescriptor(); }

 private:
  FileDescriptor socket_;
  sockaddr_in address_{};
};

}  // namespace sentinella::net
