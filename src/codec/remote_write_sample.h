// For tests and benchmarks: messages of Prometheus remote write, written with Prometheus' field order.
#pragma once

#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace sentinella::codec {

/// Fields of a protobuf message, one after the other.
class WireText {
 public:
  WireText& number(unsigned field, std::uint64_t value) {
    if (value != 0) ByteWriter(out_).varint(field << 3), ByteWriter(out_).varint(value);
    return *this;
  }
  WireText& real(unsigned field, double value) {
    if (std::bit_cast<std::uint64_t>(value) != 0)
      ByteWriter(out_).varint(field << 3 | 1), ByteWriter(out_).fixed(value);
    return *this;
  }
  WireText& bytes(unsigned field, std::string_view value) {
    ByteWriter(out_).varint(field << 3 | 2), ByteWriter(out_).text(value);
    return *this;
  }
  const std::string& text() const { return out_; }

 private:
  std::string out_;
};

struct RemoteSample {
  double value = 0;
  std::int64_t ms = 0;
};

inline std::string remote_labels(const std::vector<std::pair<std::string, std::string>>& labels) {
  WireText out;
  for (const auto& [name, value] : labels) out.bytes(1, WireText().bytes(1, name).bytes(2, value).text());
  return out.text();
}

inline std::string remote_samples(const std::vector<RemoteSample>& samples) {
  WireText out;
  for (const auto& sample : samples)
    out.bytes(2, WireText().real(1, sample.value).number(2, static_cast<std::uint64_t>(sample.ms)).text());
  return out.text();
}

/// A TimeSeries as a field of a WriteRequest.
inline std::string remote_series(std::string_view fields) {
  return WireText().bytes(1, fields).text();
}

}  // namespace sentinella::codec
