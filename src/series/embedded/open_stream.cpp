#include "series/embedded/open_stream.h"

#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace sentinella::series {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::size_t kFirstBytes = 16;
constexpr std::size_t kMaxSampleBytes = 17;
/// Of malloc's blocks 8 bytes are its own; with them a size is a multiple of 16.
constexpr std::size_t kMinCapacity = 24;
static_assert(kFirstBytes + OpenStream::kMaxCount * kMaxSampleBytes < 65'536);

enum TimeCode : std::uint8_t { kSameStep, kByMs, kByNs, kNewStep };

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <typename T>
char* put(char* at, T value) {
  std::memcpy(at, &value, sizeof(T));
  return at + sizeof(T);
}

/// Past the end it gives zeroes, and ok is false.
struct Reader {
  std::string_view in;
  bool ok = true;

  template <typename T>
  T get() {
    T value{};
    if (in.size() < sizeof(T)) return ok = false, value;
    std::memcpy(&value, in.data(), sizeof(T));
    in.remove_prefix(sizeof(T));
    return value;
  }
  std::uint64_t get_bytes(std::size_t count) {
    if (in.size() < count) return ok = false, 0;
    std::uint64_t value = 0;
    if (in.size() >= 8) {
      std::memcpy(&value, in.data(), 8);
      if (count < 8) value &= (std::uint64_t{1} << count * 8) - 1;
    } else {
      std::memcpy(&value, in.data(), count);
    }
    in.remove_prefix(count);
    return value;
  }
};

}  // namespace

bool unpack_stream(std::string_view bytes, std::uint32_t count, std::vector<Time>& times,
                   std::vector<double>& values) {
  if (count == 0) return bytes.empty();
  if (count > bytes.size()) return false;
  Reader in{bytes};
  auto at = in.get<std::int64_t>();
  auto value = in.get<std::uint64_t>();
  std::int64_t step = 0;
  const std::size_t before = times.size();
  times.resize(before + count);
  values.resize(before + count);
  times[before] = {at};
  values[before] = std::bit_cast<double>(value);
  for (std::uint32_t i = 1; i < count; ++i) {
    const auto control = in.get<std::uint8_t>();
    switch (control >> 6) {
      case kByMs:
        step = plus(step, in.get<std::int16_t>() * kMs);
        break;
      case kByNs:
        step = plus(step, in.get<std::int32_t>());
        break;
      case kNewStep:
        step = in.get<std::int64_t>();
        break;
      default:
        break;
    }
    at = plus(at, step);
    if (const unsigned code = control & 63u; code != 0) {
      const unsigned lead = (code - 1) / 8, length = (code - 1) % 8 + 1;
      if (lead + length > 8) return false;
      value ^= in.get_bytes(length) << (8 - lead - length) * 8;
    }
    times[before + i] = {at};
    values[before + i] = std::bit_cast<double>(value);
  }
  return in.ok && in.in.empty();
}

OpenStream& OpenStream::operator=(OpenStream&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  std::swap(count_, other.count_);
  std::swap(first_minute_, other.first_minute_);
  std::swap(last_at_, other.last_at_);
  std::swap(last_step_, other.last_step_);
  std::swap(last_value_, other.last_value_);
  return *this;
}

OpenStream::~OpenStream() {
  std::free(bytes_);
}

Time OpenStream::first_at() const {
  Time at;
  std::memcpy(&at.ns, bytes_, sizeof at.ns);
  return at;
}

void OpenStream::make_room(std::size_t more) {
  if (size_ + more <= capacity_) return;
  std::size_t wanted = capacity_ == 0 ? kMinCapacity : capacity_ + capacity_ * 2 / 5;
  wanted = (std::max(wanted, size_ + more) + 7) / 16 * 16 + 8;
  auto* grown = static_cast<char*>(std::realloc(bytes_, wanted));
  if (grown == nullptr) throw std::bad_alloc();
  bytes_ = grown;
  capacity_ = static_cast<std::uint16_t>(std::min<std::size_t>(wanted, UINT16_MAX));
}

void OpenStream::append(Time at, double value) {
  char packed[kMaxSampleBytes + 8];  // a value is put whole, then cut
  char* end = packed;
  if (count_ == 0) {
    last_step_ = 0;
    first_minute_ = static_cast<std::uint16_t>(at.ns / 60'000'000'000);
    end = put(put(end, at.ns), value);
  } else {
    ++end;
    const std::int64_t step = minus(at.ns, last_at_), change = minus(step, last_step_);
    TimeCode time = kSameStep;
    if (change == 0) {
    } else if (change % kMs == 0 && change / kMs >= INT16_MIN && change / kMs <= INT16_MAX) {
      time = kByMs;
      end = put(end, static_cast<std::int16_t>(change / kMs));
    } else if (change >= INT32_MIN && change <= INT32_MAX) {
      time = kByNs;
      end = put(end, static_cast<std::int32_t>(change));
    } else {
      time = kNewStep;
      end = put(end, step);
    }
    last_step_ = step;
    unsigned code = 0;
    if (const auto differing =
            std::bit_cast<std::uint64_t>(value) ^ std::bit_cast<std::uint64_t>(last_value_);
        differing != 0) {
      const unsigned lead = static_cast<unsigned>(std::countl_zero(differing)) / 8;
      const unsigned trail = static_cast<unsigned>(std::countr_zero(differing)) / 8;
      const unsigned length = 8 - lead - trail;
      code = 1 + 8 * lead + (length - 1);
      put(end, differing >> trail * 8);
      end += length;
    }
    packed[0] = static_cast<char>(time << 6 | code);
  }
  const auto size = static_cast<std::size_t>(end - packed);
  make_room(size);
  std::memcpy(bytes_ + size_, packed, size);
  size_ = static_cast<std::uint16_t>(size_ + size);
  ++count_;
  last_at_ = at.ns;
  last_value_ = value;
}

PackedSamples OpenStream::take() {
  PackedSamples packed{{bytes_, std::free}, size_, count_};
  bytes_ = nullptr;
  size_ = capacity_ = count_ = 0;
  return packed;
}

}  // namespace sentinella::series
