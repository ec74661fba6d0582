// The engine's own bytes in catalog::RuleState: base64 of a version byte and a ByteWriter record.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/crypto.h"
#include "base/time.h"
#include "model/alert.h"

namespace sentinella::rules {

inline constexpr std::uint8_t kStateVersion = 1;
/// Joins the parts of an instance's key; parts are cleaned of it first.
inline constexpr char kKeySeparator = '\x1f';

/// Appends a part to an instance key. Control characters become '?', so that no name can forge a separator.
inline void append_key_part(std::string& key, std::string_view part) {
  if (!key.empty()) key.push_back(kKeySeparator);
  for (const char c : part) key.push_back(static_cast<unsigned char>(c) < 0x20 ? '?' : c);
}

inline void write_time(ByteWriter& out, Time t) {
  out.svarint(t.ns);
}
inline Time read_time(ByteReader& in) {
  return {in.svarint()};
}

inline void write_times(ByteWriter& out, const std::vector<Time>& times) {
  out.varint(times.size());
  std::int64_t last = 0;
  for (const Time t : times) out.svarint(t.ns - std::exchange(last, t.ns));
}
inline std::vector<Time> read_times(ByteReader& in) {
  std::vector<Time> times;
  std::int64_t last = 0;
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) times.push_back({last += in.svarint()});
  return times;
}

void write_evidence(ByteWriter& out, const std::vector<EvidenceLine>& lines);
std::vector<EvidenceLine> read_evidence(ByteReader& in);

}  // namespace sentinella::rules
