// Syslog messages out of a stream (RFC 6587): counted by octets ("57 <13>1 ..."), or ended by a newline. Told
// apart message by message: a priority begins with '<', a count with a digit.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace sentinella::codec {

/// One per connection. Not thread-safe.
class SyslogFramer {
 public:
  /// The view ends with the call. Never empty. `cut`: there was more than `max_message`.
  using Sink = std::function<void(std::string_view message, bool cut)>;

  explicit SyslogFramer(std::size_t max_message) : max_message_(max_message) {}

  /// Takes what is complete off the beginning of `unread`; how many bytes that was. What is left over is to
  /// be given again with what follows it, and is never more than a little over `max_message`.
  std::size_t read(std::string_view unread, const Sink& sink);
  /// Nothing follows: what is left is a message too, cut when its count says so.
  void finish(std::string_view unread, const Sink& sink);

 private:
  struct Step;
  Step next(std::string_view rest) const;

  std::size_t max_message_;
  std::size_t skip_ = 0;    ///< bytes of a counted message that was too long
  bool skip_line_ = false;  ///< likewise, up to its newline
};

}  // namespace sentinella::codec
