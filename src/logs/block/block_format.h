// What a sealed block consists of (format: docs/formats/logs.md).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "logs/log_store.h"

namespace sentinella::logs {

/// The parts of a block, each compressed and checked by itself, so that a reader takes only what it needs.
enum class Section : std::uint8_t {
  shapes,   ///< what is constant: traits and texts, and how long each slot's column is
  words,    ///< the word dictionary
  rows,     ///< streams; per record: id, stream, shape, time
  lines,    ///< per record: how many more lines; per such line: its shape
  numbers,  ///< slots of numbers and times
  texts,    ///< slots of words
  links,    ///< slots of ids: which id
  ids,      ///< the ids, 16 bytes each in order of appearance
};
inline constexpr std::size_t kSections = 8;

/// Packs one section: checksum, coding, size, bytes. Level 0 = not compressed.
std::string pack_section(std::string_view bytes, int level);
/// kCorrupt: damaged, or larger than `max_size`.
Result<std::string> unpack_section(std::string_view packed, std::size_t max_size);
/// The same section, compressed harder.
Result<std::string> repack_section(std::string_view packed, int level, std::size_t max_size);

/// What is known of a block without reading it.
struct BlockHeader {
  std::uint32_t records = 0;
  Time first_time{INT64_MAX}, last_time{INT64_MIN};
  RecordId first_id, last_id;
  Severity worst = Severity::unspecified;
  std::vector<std::string> hosts, services;  ///< at most kMaxNames; "*" alone = too many to list
  std::vector<std::uint64_t> service_bytes;  ///< of each service's texts; of a head's buffers empty
  std::uint64_t raw_bytes = 0;               ///< of the records' texts
};
inline constexpr std::size_t kMaxNames = 128;

std::string encode_header(const BlockHeader& header);
Result<BlockHeader> decode_header(std::string_view bytes);
void note_name(std::vector<std::string>& names, std::string_view name);

}  // namespace sentinella::logs
