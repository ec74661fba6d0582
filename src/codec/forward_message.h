// Fluentd's forward protocol, version 1 (github.com/fluent/fluentd, wiki "Forward Protocol Specification
// v1"): what a client sends, and the handshake by a shared key.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::codec {

struct ForwardEvent {
  Time time;                ///< 0 = it has none
  std::string_view record;  ///< a map of MessagePack
};

struct ForwardHead {
  std::string tag;
  std::string chunk;  ///< to be acknowledged with; "" = no acknowledgement is asked for
};

/// One message of any mode: Message, Forward, PackedForward, CompressedPackedForward (gzip or zstd, at most
/// `max_unpacked` bytes). Events are handed to `event` in order, views until it returns. kInvalid: no such
/// message, or an entry that is none; kTooLarge.
Result<ForwardHead> read_forward_message(std::string_view message, std::size_t max_unpacked,
                                         const std::function<void(const ForwardEvent&)>& event);

/// {"ack": chunk}
std::string forward_ack(std::string_view chunk);

/// The server's first message: it wants the shared key.
std::string forward_helo(std::string_view nonce);
struct ForwardPing {
  std::string host;
  bool knows_key = false;
  std::string salt;  ///< for the answer
};
/// kInvalid: the client's first message is no PING.
Result<ForwardPing> read_forward_ping(std::string_view message, std::string_view nonce,
                                      std::string_view shared_key);
std::string forward_pong(const ForwardPing& ping, std::string_view our_host, std::string_view nonce,
                         std::string_view shared_key);

}  // namespace sentinella::codec
