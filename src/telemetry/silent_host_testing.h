// The other side at its worst.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "net/loopback_socket.h"

namespace sentinella::telemetry {

/// Hears whoever speaks to it, whatever the protocol, and says nothing.
class SilentHost {
 public:
  SilentHost() : thread_([this] { listen(); }) {}
  ~SilentHost() {
    listener_.stop();
    thread_.join();
  }
  std::string url(const std::string& scheme = "http") const {
    return fmt::format("{}://127.0.0.1:{}", scheme, listener_.port());
  }
  /// How many have said something.
  std::size_t asked() const { return asked_; }
  /// Until so many have; false when they do not come.
  bool wait_until_asked(std::size_t times) const {
    for (int i = 0; i < 20'000 && asked_ < times; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return asked_ >= times;
  }

 private:
  void listen() {
    std::vector<FileDescriptor> held;
    while (FileDescriptor caller = listener_.accept()) {
      char first = 0;
      if (::recv(caller.get(), &first, 1, 0) <= 0) continue;
      held.push_back(std::move(caller));
      ++asked_;
    }
  }

  const net::LoopbackSocket listener_;
  std::atomic<std::size_t> asked_ = 0;
  std::thread thread_;
};

}  // namespace sentinella::telemetry
