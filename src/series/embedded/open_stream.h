// The newest samples of one series, packed as they come: a byte of control, then what differs from the
// sample before. About 2 to 3 bytes a sample; a chunk (chunk_codec.h) is made of it when it is full.
//
//   first sample   at i64 · value f64
//   each further   control u8 = time code << 6 | value code · time · value
//   time code      0 the same step as before · 1 step changes by an i16 of ms · 2 by an i32 of ns ·
//                  3 the step itself follows, i64 ns
//   value code     0 the same bits · else 1 + 8 * lead + (length - 1): of the XOR with the value before,
//   `lead`
//                  high bytes are zero and the next `length` follow, little-endian
//
// Little-endian; arithmetic on times is modulo 2^64.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace sentinella::series {

/// Appends the samples of packed bytes to both. False: not what OpenStream wrote; then some may have been
/// appended.
bool unpack_stream(std::string_view bytes, std::uint32_t count, std::vector<Time>& times,
                   std::vector<double>& values);

/// Packed samples that have left their stream.
struct PackedSamples {
  std::unique_ptr<char, void (*)(void*)> bytes{nullptr, nullptr};
  std::uint32_t size = 0;
  std::uint32_t count = 0;
  std::string_view view() const { return {bytes.get(), size}; }
};

/// Remembers the last sample even when it holds none. Not thread-safe. 40 bytes.
class OpenStream {
 public:
  OpenStream() = default;
  OpenStream(OpenStream&& other) noexcept { *this = std::move(other); }
  OpenStream& operator=(OpenStream&& other) noexcept;
  ~OpenStream();

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::size_t bytes() const { return size_; }
  std::string_view view() const { return {bytes_, size_}; }
  /// Of all samples ever; the minimum when there never was one.
  Time last_at() const { return {last_at_}; }
  double last_value() const { return last_value_; }
  Time first_at() const;  ///< must not be empty; touches the bytes
  /// Whether `at`, later than last_at(), may be a day or more after the first sample; surely when it is.
  bool spans_a_day(Time at) const {
    constexpr std::int64_t kMinute = 60'000'000'000, kDay = 1440;
    return static_cast<std::uint64_t>(at.ns) - static_cast<std::uint64_t>(last_at_) >= kDay * kMinute ||
           static_cast<std::uint16_t>(at.ns / kMinute - first_minute_) >= kDay - 1;
  }
  /// Brings what append() will write to near the processor.
  void prefetch() const { __builtin_prefetch(bytes_ + size_, 1); }

  /// `at` must be later than last_at(); not more than kMaxCount samples, all within 2^63 ns.
  void append(Time at, double value);
  static constexpr std::size_t kMaxCount = 3'000;

  /// Only what last_*() tell.
  void remember(Time at, double value) {
    last_at_ = at.ns;
    last_value_ = value;
  }
  /// The samples so far; the stream is empty then, and remembers the last.
  PackedSamples take();
  void read(std::vector<Time>& times, std::vector<double>& values) const {
    unpack_stream(view(), count_, times, values);
  }

 private:
  void make_room(std::size_t more);

  char* bytes_ = nullptr;  // malloc
  std::uint16_t size_ = 0, capacity_ = 0, count_ = 0;
  std::uint16_t first_minute_ = 0;  // of the first sample since the epoch, cut to 16 bits
  std::int64_t last_at_ = INT64_MIN, last_step_ = 0;
  double last_value_ = 0;
};

}  // namespace sentinella::series
