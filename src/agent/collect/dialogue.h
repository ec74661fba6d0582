// A conversation over a socket, TCP or Unix, with one time limit for all of it. Blocking.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

/// Not thread-safe.
class Dialogue {
 public:
  /// `address`: "host:port", "[::1]:port", or a socket's absolute path. kUnavailable: nobody is there;
  /// kForbidden: we may not.
  static Result<Dialogue> open(const std::string& address, Duration limit);

  Result<void> send(std::string_view data);
  /// At least one byte; "" = the other side has ended.
  Result<std::string> receive();
  /// All until the other side ends, or until what came ends with `end`. kTooLarge over `max`.
  Result<std::string> receive_until(std::string_view end, std::size_t max);

 private:
  using SteadyClock = std::chrono::steady_clock;
  Dialogue(FileDescriptor socket, std::string address, SteadyClock::time_point deadline)
      : socket_(std::move(socket)), address_(std::move(address)), deadline_(deadline) {}
  Result<void> wait(short events) const;

  FileDescriptor socket_;
  std::string address_;
  SteadyClock::time_point deadline_;
};

}  // namespace sentinella::agent
