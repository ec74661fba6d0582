#include "series/embedded/rollup_codec.h"

#include "series/embedded/chunk_frame.h"
#include "series/embedded/time_codec.h"

namespace sentinella::series {
namespace {

void write_column(std::span<const double> values, std::string& out) {
  const std::string column = write_value_head(values, out);
  out += column;
}

bool read_column(ByteReader& in, std::size_t count, std::vector<double>& values) {
  ValueHead head;
  if (!read_value_head(in, count, head)) return false;
  values.resize(count);
  return read_value_column(in, head, values);
}

struct Head {
  std::size_t count = 0;
  bool cumulative = false;
  TimeHead times;
  ByteReader rest{{}};  ///< the columns
};

Result<Head> read_head(std::string_view bytes) {
  SENT_TRY_ASSIGN(ChunkFrame frame, open_chunk(bytes));
  if (frame.version != kRollUpChunk) return damaged_chunk(bytes, "it holds samples, not roll-ups");
  ByteReader& in = frame.body;
  Head head;
  const auto cumulative = in.fixed<std::uint8_t>();
  head.cumulative = cumulative == 1;
  head.count = in.varint();
  if (!in.ok() || cumulative > 1 || head.count == 0 || head.count > kMaxChunkSamples)
    return damaged_chunk(bytes, "its count is no count");
  if (!read_time_head(in, head.count, head.times))
    return damaged_chunk(bytes, "the head of its times makes no sense");
  head.rest = in;
  return head;
}

bool are_counts(std::span<const double> counts) {
  for (const double count : counts)
    if (!(count >= 0 && count < 9e15)) return false;
  return true;
}

}  // namespace

bool holds_rollups(std::string_view bytes) {
  return !bytes.empty() && static_cast<std::uint8_t>(bytes.front()) == kRollUpChunk;
}

std::string encode_rollups(const RollUps& rolled) {
  std::string out;
  ByteWriter head(out);
  head.fixed(kRollUpChunk);
  head.fixed<std::uint8_t>(rolled.cumulative ? 1 : 0);
  head.varint(rolled.size());
  const TimeHead times = write_time_head(rolled.times, out);
  write_time_column(times, rolled.times, out);
  write_column(rolled.counts, out);
  write_column(rolled.lowest, out);
  write_column(rolled.highest, out);
  if (!rolled.cumulative) write_column(rolled.sums, out);
  close_chunk(out);
  return out;
}

Result<ChunkSummary> peek_rollups(std::string_view bytes) {
  SENT_TRY_ASSIGN(const Head head, read_head(bytes));
  return ChunkSummary{static_cast<std::uint32_t>(head.count), head.times.first, head.times.last, {}, true};
}

Result<RollUps> decode_rollups(std::string_view bytes) {
  SENT_TRY_ASSIGN(Head head, read_head(bytes));
  RollUps rolled;
  rolled.cumulative = head.cumulative;
  rolled.times.resize(head.count);
  if (!read_time_column(head.rest, head.times, rolled.times) ||
      !read_column(head.rest, head.count, rolled.counts) ||
      !read_column(head.rest, head.count, rolled.lowest) ||
      !read_column(head.rest, head.count, rolled.highest) ||
      (!head.cumulative && !read_column(head.rest, head.count, rolled.sums)) || !head.rest.at_end() ||
      !are_counts(rolled.counts))
    return damaged_chunk(bytes, "its columns make no sense");
  return rolled;
}

}  // namespace sentinella::series
