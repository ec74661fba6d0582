#include "series/embedded/chunk_codec.h"

#include "series/embedded/chunk_frame.h"
#include "series/embedded/time_codec.h"

namespace sentinella::series {
namespace {

struct Head {
  std::size_t count = 0;
  TimeHead times;
  ValueHead values;
  ByteReader rest{{}};  ///< the columns
};

Result<Head> read_head(std::string_view bytes) {
  SENT_TRY_ASSIGN(ChunkFrame frame, open_chunk(bytes));
  if (frame.version != kSampleChunk) return damaged_chunk(bytes, "it holds roll-ups, not samples");
  ByteReader& in = frame.body;
  Head head;
  head.count = in.varint();
  if (!in.ok() || head.count > kMaxChunkSamples) return damaged_chunk(bytes, "its count is no count");
  if (head.count > 0) {
    if (!read_time_head(in, head.count, head.times))
      return damaged_chunk(bytes, "the head of its times makes no sense");
    if (!read_value_head(in, head.count, head.values))
      return damaged_chunk(bytes, "the head of its values makes no sense");
  }
  head.rest = in;
  return head;
}

}  // namespace

std::string encode_chunk(std::span<const Time> times, std::span<const double> values) {
  std::string out;
  ByteWriter head(out);
  head.fixed(kSampleChunk);
  head.varint(times.size());
  if (!times.empty()) {
    const TimeHead time_head = write_time_head(times, out);
    const std::string column = write_value_head(values, out);
    write_time_column(time_head, times, out);
    out += column;
  }
  close_chunk(out);
  return out;
}

std::string encode_chunk(std::span<const Sample> samples) {
  std::vector<Time> times(samples.size());
  std::vector<double> values(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    times[i] = samples[i].at;
    values[i] = samples[i].value;
  }
  return encode_chunk(times, values);
}

Result<ChunkSummary> peek_chunk(std::string_view bytes) {
  SENT_TRY_ASSIGN(Head head, read_head(bytes));
  ChunkSummary summary{static_cast<std::uint32_t>(head.count), head.times.first, head.times.last,
                       head.values.summary};
  if (head.count == 0 || head.values.has_summary) return summary;
  std::vector<Time> times;
  std::vector<double> values;
  SENT_TRY(decode_chunk(bytes, times, values));
  summary.values = summarise(values);
  return summary;
}

Result<void> decode_chunk(std::string_view bytes, std::vector<Time>& times, std::vector<double>& values) {
  SENT_TRY_ASSIGN(Head head, read_head(bytes));
  const std::size_t old_times = times.size(), old_values = values.size();
  times.resize(old_times + head.count);
  values.resize(old_values + head.count);
  if (head.count == 0 || (read_time_column(head.rest, head.times, std::span(times).subspan(old_times)) &&
                          read_value_column(head.rest, head.values, std::span(values).subspan(old_values)) &&
                          head.rest.at_end()))
    return {};
  times.resize(old_times);
  values.resize(old_values);
  return damaged_chunk(bytes, "its columns make no sense");
}

Result<std::vector<Sample>> decode_chunk(std::string_view bytes) {
  std::vector<Time> times;
  std::vector<double> values;
  SENT_TRY(decode_chunk(bytes, times, values));
  std::vector<Sample> samples(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) samples[i] = {times[i], values[i]};
  return samples;
}

}  // namespace sentinella::series
