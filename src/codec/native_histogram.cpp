#include "codec/native_histogram.h"

#include <cmath>
#include <cstdint>

#include "codec/exponential_buckets.h"
#include "codec/wire_reader.h"
#include "model/staleness.h"

namespace sentinella::codec {
namespace {

constexpr std::size_t kMostBuckets = 1'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

struct BucketSpan {
  std::int64_t offset = 0;  ///< from the end of the span before; of the first: its index
  std::uint64_t length = 0;
};

/// One side of a histogram: counts as differences (integer histograms) or as they are (float ones).
struct Side {
  std::vector<BucketSpan> spans;
  std::vector<std::int64_t> deltas;
  std::vector<double> counts;
};

struct Histogram {
  double count = 0, sum = 0, zero_threshold = 0, zero_count = 0;
  std::int64_t schema = 0;
  std::int64_t ms = 0;
  Side negative, positive;
};

BucketSpan read_span(std::string_view message) {
  BucketSpan span;
  for (WireReader reader(message); reader.more();) {
    const std::uint64_t tag = reader.tag();
    if (tag == (1 << 3 | 0))
      span.offset = reader.zigzag();
    else if (tag == (2 << 3 | 0))
      span.length = reader.varint();
    else
      reader.skip(tag);
  }
  return span;
}

/// Repeated numbers, packed or one by one. False: the field is another.
bool read_side(WireReader& reader, std::uint64_t tag, std::uint64_t first_field, Side& side) {
  const std::uint64_t field = tag >> 3;
  if (tag == (first_field << 3 | 2)) return side.spans.push_back(read_span(reader.bytes())), true;
  if (field == first_field + 1) {
    if ((tag & 7) == 0) return side.deltas.push_back(reader.zigzag()), true;
    if ((tag & 7) != 2) return false;
    for (WireReader packed(reader.bytes()); packed.more();) side.deltas.push_back(packed.zigzag());
    return true;
  }
  if (field == first_field + 2) {
    if ((tag & 7) == 1) return side.counts.push_back(reader.real()), true;
    if ((tag & 7) != 2) return false;
    for (WireReader packed(reader.bytes()); packed.more();) side.counts.push_back(packed.real());
    return true;
  }
  return false;
}

/// Field numbers are of prompb/types.proto, message Histogram.
bool read_histogram(std::string_view message, Histogram& out) {
  WireReader reader(message);
  while (reader.more()) {
    const std::uint64_t tag = reader.tag();
    switch (tag) {
      case 1 << 3 | 0:
      case 6 << 3 | 0:
        (tag >> 3 == 1 ? out.count : out.zero_count) = static_cast<double>(reader.varint());
        break;
      case 2 << 3 | 1:
        out.count = reader.real();
        break;
      case 3 << 3 | 1:
        out.sum = reader.real();
        break;
      case 4 << 3 | 0:
        out.schema = reader.zigzag();
        break;
      case 5 << 3 | 1:
        out.zero_threshold = reader.real();
        break;
      case 7 << 3 | 1:
        out.zero_count = reader.real();
        break;
      case 15 << 3 | 0:
        out.ms = static_cast<std::int64_t>(reader.varint());
        break;
      default:
        if (!read_side(reader, tag, 8, out.negative) && !read_side(reader, tag, 11, out.positive))
          reader.skip(tag);
    }
  }
  return reader.ok();
}

Result<std::vector<ExponentialBucket>> buckets_of(const Side& side) {
  const std::size_t given = side.counts.empty() ? side.deltas.size() : side.counts.size();
  std::vector<ExponentialBucket> out;
  std::int64_t index = -1;  // Prometheus' bucket i ends at b^i, ours at b^(i+1)
  std::int64_t count = 0;
  for (const BucketSpan& span : side.spans) {
    if (std::abs(span.offset) > INT32_MAX || (span.offset < 0 && &span != side.spans.data()))
      return fail(Errc::kInvalid, "a native histogram's spans go backwards");
    index += span.offset;
    for (std::uint64_t i = 0; i < span.length; ++i) {
      if (out.size() >= given || out.size() >= kMostBuckets)
        return fail(Errc::kInvalid,
                    "a native histogram has more buckets in its spans than counts, or over {}", kMostBuckets);
      if (side.counts.empty() && __builtin_add_overflow(count, side.deltas[out.size()], &count))
        return fail(Errc::kInvalid, "a native histogram counts beyond 2^63");
      out.push_back({index++, side.counts.empty() ? static_cast<double>(count) : side.counts[out.size()]});
    }
  }
  return out;
}

}  // namespace

Result<std::vector<HistogramPart>> classic_parts(std::string_view protobuf) {
  Histogram histogram;
  if (!read_histogram(protobuf, histogram) || std::abs(histogram.ms) > INT64_MAX / kNsPerMs)
    return fail(Errc::kInvalid, "a native histogram cannot be read");
  if (histogram.schema < -4 || histogram.schema > 8)
    return fail(Errc::kInvalid, "a native histogram has schema {}, which is none of -4 to 8",
                histogram.schema);
  const Time at{histogram.ms * kNsPerMs};
  const bool stale = is_stale(histogram.sum);
  std::vector<HistogramPart> parts = {{"_sum", "", at, histogram.sum},
                                      {"_count", "", at, stale ? histogram.sum : histogram.count}};
  if (stale) return parts;
  ExponentialHistogram buckets;
  buckets.scale = static_cast<int>(histogram.schema);
  buckets.zero_threshold = histogram.zero_threshold;
  buckets.zero_count = histogram.zero_count;
  SENT_TRY_ASSIGN(buckets.positive, buckets_of(histogram.positive));
  SENT_TRY_ASSIGN(buckets.negative, buckets_of(histogram.negative));
  for (const ClassicBucket& bucket : to_classic_buckets(buckets))
    parts.push_back({"_bucket", bound_text(bucket.upper), at, bucket.count});
  parts.push_back({"_bucket", "+Inf", at, histogram.count});
  return parts;
}

}  // namespace sentinella::codec
