#include "series/embedded/time_codec.h"

#include <array>
#include <memory>

#include "series/embedded/column_codec.h"

namespace sentinella::series {
namespace {

constexpr std::array<std::uint64_t, 4> kUnits = {1'000'000'000, 1'000'000, 1'000, 1};
constexpr std::uint8_t kRegular = 16;

std::uint64_t distance(Time from, Time to) {
  return static_cast<std::uint64_t>(to.ns) - static_cast<std::uint64_t>(from.ns);
}
Time moved(Time from, std::uint64_t by) {
  return {static_cast<std::int64_t>(static_cast<std::uint64_t>(from.ns) + by)};
}

bool is_regular(std::span<const Time> times) {
  if (times.size() < 2) return true;
  const std::uint64_t step = distance(times[0], times[1]);
  std::uint64_t differing = 0;
  for (std::size_t i = 1; i < times.size(); ++i) differing |= distance(times[i - 1], times[i]) ^ step;
  return differing == 0;
}

/// The index in kUnits.
std::uint8_t unit_of(std::span<const Time> times) {
  std::uint8_t unit = 0;
  for (const Time time : times)
    while (distance(times[0], time) % kUnits[unit] != 0) ++unit;
  return unit;
}

std::uint8_t unit_of(Time instant) {
  std::uint8_t unit = 0;
  while (instant.ns % static_cast<std::int64_t>(kUnits[unit]) != 0) ++unit;
  return unit;
}

}  // namespace

TimeHead write_time_head(std::span<const Time> times, std::string& out) {
  TimeHead head{times.front(), times.back(), 1, is_regular(times)};
  const std::uint8_t first_unit = unit_of(head.first);
  const std::uint8_t unit = unit_of(head.regular && times.size() > 1 ? times.first(2) : times);
  head.unit = kUnits[unit];
  ByteWriter writer(out);
  writer.fixed(static_cast<std::uint8_t>(first_unit | unit << 2 | (head.regular ? kRegular : 0)));
  writer.svarint(head.first.ns / static_cast<std::int64_t>(kUnits[first_unit]));
  if (times.size() > 1) writer.varint(distance(head.first, head.last) / head.unit);
  return head;
}

void write_time_column(const TimeHead& head, std::span<const Time> times, std::string& out) {
  if (head.regular) return;
  const auto column = std::make_unique_for_overwrite<std::uint64_t[]>(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) column[i] = distance(head.first, times[i]) / head.unit;
  encode_column({column.get(), times.size()}, out);
}

bool read_time_head(ByteReader& in, std::size_t count, TimeHead& head) {
  const auto flags = in.fixed<std::uint8_t>();
  if (flags >= 32) return false;
  head.unit = kUnits[flags >> 2 & 3];
  head.regular = (flags & kRegular) != 0;
  if (__builtin_mul_overflow(in.svarint(), static_cast<std::int64_t>(kUnits[flags & 3]), &head.first.ns))
    return false;
  head.last = head.first;
  if (count == 1) return in.ok();
  std::uint64_t reach = 0;
  if (__builtin_mul_overflow(in.varint(), head.unit, &reach)) return false;
  head.last = moved(head.first, reach);
  // In steps of at least one, without wrapping round.
  if (reach < count - 1 || head.last < head.first) return false;
  return in.ok() && (!head.regular || reach % (count - 1) == 0);
}

bool read_time_column(ByteReader& in, const TimeHead& head, std::span<Time> times) {
  if (head.regular) {
    const std::uint64_t step = times.size() < 2 ? 0 : distance(head.first, head.last) / (times.size() - 1);
    for (std::size_t i = 0; i < times.size(); ++i) times[i] = moved(head.first, i * step);
    return true;
  }
  const auto column = std::make_unique_for_overwrite<std::uint64_t[]>(times.size());
  if (!decode_column(in, {column.get(), times.size()})) return false;
  bool ascending = true;
  times[0] = head.first;
  for (std::size_t i = 1; i < times.size(); ++i) {
    times[i] = moved(head.first, column[i] * head.unit);
    ascending &= times[i - 1] < times[i];
  }
  return ascending && times.back() == head.last;
}

}  // namespace sentinella::series
