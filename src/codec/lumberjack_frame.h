// Frames of the Lumberjack protocol, as Logstash Forwarder (version 1) and Beats and Logstash (version 2)
// speak it: github.com/elastic/logstash-forwarder, PROTOCOL.md; github.com/elastic/go-lumber.
//
//   version type ...      integers big-endian, 32 bits
//   '1'|'2' 'W' count                           a window: so many events, then an acknowledgement is due
//   '1'|'2' 'C' size zlib(frames)
//   '1' 'D' sequence pairs (size name size value)...
//   '2' 'J' sequence size json
//   '1'|'2' 'A' sequence                        what we answer
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/shipped_document.h"

namespace sentinella::codec {

struct LumberjackFrame {
  enum class Kind : std::uint8_t { window, compressed, pairs, json };
  Kind kind = Kind::window;
  char version = '2';
  std::uint32_t number = 0;  ///< sequence, or the window's count
  std::string_view payload;  ///< into the input: zlib, the pairs, the JSON
  std::size_t size = 0;      ///< of the whole frame
};

/// The frame that `unread` begins with; nullopt: it goes on beyond it. kInvalid: none; kTooLarge: a payload
/// of over `max_payload` bytes.
Result<std::optional<LumberjackFrame>> read_lumberjack_frame(std::string_view unread,
                                                             std::size_t max_payload);
/// Adds the names and values of a version 1 frame's payload.
Result<void> read_lumberjack_pairs(std::string_view payload, ShippedDocument& out);
std::string lumberjack_ack(char version, std::uint32_t sequence);

}  // namespace sentinella::codec
