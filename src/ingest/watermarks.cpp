#include "ingest/watermarks.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

namespace sentinella::ingest {
namespace {

constexpr std::string_view kMagic = "SNTW";
constexpr std::uint8_t kVersion = 1;

}  // namespace

bool Watermarks::seen(const BatchId& id) const {
  const auto marks = marks_.find({id.agent_id, id.signal});
  if (marks == marks_.end()) return false;
  return std::ranges::any_of(marks->second, [&](const Mark& mark) {
    return mark.epoch == id.epoch && id.sequence <= mark.sequence;
  });
}

void Watermarks::advance(const BatchId& id) {
  auto& marks = marks_[{id.agent_id, id.signal}];
  const auto mark = std::ranges::find(marks, id.epoch, &Mark::epoch);
  if (mark != marks.end()) {
    mark->sequence = std::max(mark->sequence, id.sequence);
    return;
  }
  if (marks.size() == kEpochsKept) marks.erase(marks.begin());
  marks.push_back({id.epoch, id.sequence});
}

std::string Watermarks::encode(std::uint64_t offset) const {
  std::string out(kMagic);
  ByteWriter writer(out);
  writer.fixed(kVersion);
  writer.varint(offset);
  writer.varint(marks_.size());
  for (const auto& [key, marks] : marks_) {
    writer.text(key.first);
    writer.fixed(static_cast<std::uint8_t>(key.second));
    writer.varint(marks.size());
    for (const Mark& mark : marks) {
      writer.fixed(mark.epoch);
      writer.varint(mark.sequence);
    }
  }
  writer.fixed(crc32c(out));
  return out;
}

Result<Watermarks::Saved> Watermarks::decode(std::string_view bytes) {
  const auto corrupt = [] {
    return fail(Errc::kCorrupt, "the table of batch watermarks fails its checksum");
  };
  if (bytes.size() < kMagic.size() + 5 || !bytes.starts_with(kMagic)) return corrupt();
  const std::string_view body = bytes.substr(0, bytes.size() - 4);
  if (ByteReader(bytes.substr(body.size())).fixed<std::uint32_t>() != crc32c(body)) return corrupt();
  ByteReader reader(body.substr(kMagic.size()));
  if (const auto version = reader.fixed<std::uint8_t>(); version != kVersion)
    return fail(Errc::kUnsupported, "the table of batch watermarks has version {}, this program reads {}",
                version, kVersion);
  Saved saved;
  saved.offset = reader.varint();
  for (std::uint64_t keys = reader.varint(); keys > 0 && reader.ok(); --keys) {
    const std::string agent(reader.text());
    const auto signal = static_cast<SignalKind>(reader.fixed<std::uint8_t>());
    for (std::uint64_t marks = reader.varint(); marks > 0 && reader.ok(); --marks) {
      const auto epoch = reader.fixed<std::uint64_t>();
      saved.table.advance({agent, epoch, reader.varint(), signal});
    }
  }
  if (!reader.ok() || !reader.at_end()) return corrupt();
  return saved;
}

}  // namespace sentinella::ingest
