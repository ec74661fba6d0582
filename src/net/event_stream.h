// Server-sent events out of a response's body (WHATWG HTML, section 9.2.6), for clients.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sentinella::net {

struct ServerEvent {
  std::string name = "message";
  std::string data;
};

/// Not thread-safe.
class EventStreamReader {
 public:
  static constexpr std::size_t kMaxEvent = 4u << 20;  ///< larger ones are passed over
  using Sink = std::function<void(const ServerEvent&)>;

  /// The next piece of the body, cut anywhere.
  void put(std::string_view piece, const Sink& sink);
  /// For Last-Event-ID.
  const std::string& last_id() const { return last_id_; }

 private:
  void line(std::string_view line, const Sink& sink);

  std::string unfinished_;
  ServerEvent event_;
  std::string id_;  ///< of the event under way
  std::string last_id_;
  bool too_large_ = false;
};

}  // namespace sentinella::net
