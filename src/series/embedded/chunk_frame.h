// What all kinds of chunks share: a version before, a checksum after. Format: docs/formats/series.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"

namespace sentinella::series {

inline constexpr std::uint8_t kSampleChunk = 2, kRollUpChunk = 3;

inline std::unexpected<Error> damaged_chunk(std::string_view bytes, std::string_view what) {
  return fail(Errc::kCorrupt, "reading a chunk of {} bytes: {}", bytes.size(), what);
}

struct ChunkFrame {
  std::uint8_t version = 0;
  ByteReader body{{}};  ///< what is between version and checksum
};

/// kCorrupt: too short, or the checksum does not fit. kUnsupported: a version that is not known.
inline Result<ChunkFrame> open_chunk(std::string_view bytes) {
  constexpr std::size_t kCheckBytes = 4;
  if (bytes.size() < 2 + kCheckBytes) return damaged_chunk(bytes, "too short");
  const std::string_view checked = bytes.substr(0, bytes.size() - kCheckBytes);
  if (ByteReader(bytes.substr(checked.size())).fixed<std::uint32_t>() != crc32c(checked))
    return damaged_chunk(bytes, "the checksum does not fit");
  ChunkFrame frame{0, ByteReader(checked)};
  frame.version = frame.body.fixed<std::uint8_t>();
  if (frame.version != kSampleChunk && frame.version != kRollUpChunk)
    return fail(Errc::kUnsupported, "a chunk of {} bytes has format {}, this program knows {} and {}",
                bytes.size(), frame.version, kSampleChunk, kRollUpChunk);
  return frame;
}

/// Ends a chunk whose first byte is its version.
inline void close_chunk(std::string& bytes) {
  const std::uint32_t check = crc32c(bytes);
  ByteWriter(bytes).fixed(check);
}

}  // namespace sentinella::series
