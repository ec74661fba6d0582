#include "codec/batch_codec_samples.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

namespace sentinella::codec {
namespace {

constexpr std::size_t kGroupRows = 128;
constexpr std::uint64_t kMs = 1'000'000;

/// How a column's differences are written: 0 = all have the usual value and take no bytes.
constexpr std::array<std::size_t, 5> kWidths = {0, 1, 2, 4, 8};
/// Added to a width's number: the differences are counted in milliseconds.
constexpr std::uint8_t kInMs = 8;

using Differences = std::array<std::uint64_t, kGroupRows>;

std::uint64_t zigzag(std::uint64_t difference) {
  return difference << 1 ^ (0 - (difference >> 63));
}
std::uint64_t unzigzag(std::uint64_t value) {
  return value >> 1 ^ (0 - (value & 1));
}

std::uint8_t width_for(std::uint64_t all_bits) {
  const auto bits = std::bit_width(all_bits);
  return bits == 0 ? 0 : bits <= 8 ? 1 : bits <= 16 ? 2 : bits <= 32 ? 3 : 4;
}

template <typename Narrow>
void put_as(const Differences& values, std::size_t rows, char* out) {
  for (std::size_t i = 0; i < rows; ++i) {
    const auto narrow = static_cast<Narrow>(values[i]);
    std::memcpy(out + i * sizeof(Narrow), &narrow, sizeof(Narrow));
  }
}

void put(const Differences& values, std::size_t rows, std::uint8_t width, std::string& out) {
  const std::size_t at = out.size();
  out.resize(at + rows * kWidths[width]);
  switch (width) {
    case 1:
      return put_as<std::uint8_t>(values, rows, out.data() + at);
    case 2:
      return put_as<std::uint16_t>(values, rows, out.data() + at);
    case 3:
      return put_as<std::uint32_t>(values, rows, out.data() + at);
    case 4:
      return put_as<std::uint64_t>(values, rows, out.data() + at);
    default:
      return;
  }
}

template <typename Narrow>
void get_as(std::string_view in, std::size_t rows, Differences& values) {
  for (std::size_t i = 0; i < rows; ++i) {
    Narrow narrow;
    std::memcpy(&narrow, in.data() + i * sizeof(Narrow), sizeof(Narrow));
    values[i] = narrow;
  }
}

bool get(ByteReader& in, std::size_t rows, std::uint8_t width, Differences& values) {
  if (width >= kWidths.size()) return false;
  const std::string_view bytes = in.take(rows * kWidths[width]);
  if (!in.ok()) return false;
  switch (width) {
    case 1:
      get_as<std::uint8_t>(bytes, rows, values);
      break;
    case 2:
      get_as<std::uint16_t>(bytes, rows, values);
      break;
    case 3:
      get_as<std::uint32_t>(bytes, rows, values);
      break;
    case 4:
      get_as<std::uint64_t>(bytes, rows, values);
      break;
    default:
      values.fill(0);
  }
  return true;
}

/// `usual` is the difference that takes no bytes.
template <typename Element, typename Number>
std::uint64_t differences(std::span<const Element> column, std::uint64_t before, std::uint64_t usual,
                          Number number, Differences& out) {
  std::uint64_t all_bits = 0;
  for (std::size_t i = 0; i < column.size(); ++i) {
    const std::uint64_t now = number(column[i]);
    out[i] = zigzag(now - before - usual);
    all_bits |= out[i];
    before = now;
  }
  return all_bits;
}

bool all_whole_ms(const Differences& zigzagged, std::size_t rows) {
  for (std::size_t i = 0; i < rows; ++i)
    if (static_cast<std::int64_t>(unzigzag(zigzagged[i])) % static_cast<std::int64_t>(kMs) != 0) return false;
  return true;
}

std::uint64_t to_ms(Differences& zigzagged, std::size_t rows) {
  std::uint64_t all_bits = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto ms = static_cast<std::int64_t>(unzigzag(zigzagged[i])) / static_cast<std::int64_t>(kMs);
    zigzagged[i] = zigzag(static_cast<std::uint64_t>(ms));
    all_bits |= zigzagged[i];
  }
  return all_bits;
}

void put_definitions(const std::vector<SeriesDefinition>& defined, std::string& out) {
  ByteWriter writer(out);
  writer.varint(defined.size());
  std::uint64_t before = 0;
  for (const SeriesDefinition& one : defined) {
    writer.svarint(static_cast<std::int64_t>(std::to_underlying(one.id) - before));
    before = std::to_underlying(one.id);
    writer.fixed(one.kind);
    writer.text(one.canonical);
  }
}

bool get_definitions(ByteReader& in, std::vector<SeriesDefinition>& defined) {
  const std::uint64_t count = in.varint();
  if (count > in.rest().size()) return false;
  defined.reserve(count);
  std::uint64_t before = 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    before += static_cast<std::uint64_t>(in.svarint());
    const auto kind = in.fixed<SeriesKind>();
    if (kind > SeriesKind::histogram) return false;
    defined.push_back({SeriesId{before}, kind, std::string(in.text())});
  }
  return in.ok();
}

}  // namespace

void encode_samples(const SampleBlock& block, std::string& out) {
  put_definitions(block.defined, out);
  ByteWriter writer(out);
  writer.varint(block.size());
  if (block.ids.empty()) return;
  out.reserve(out.size() + block.size() * 9 + 64);
  // Alone, for the first group not to be as wide as they are.
  std::uint64_t id = std::to_underlying(block.ids.front()) - 1;
  auto time = static_cast<std::uint64_t>(block.times.front().ns);
  writer.varint(id + 1);
  writer.fixed(time);
  Differences ids, times;
  for (std::size_t first = 0; first < block.size(); first += kGroupRows) {
    const std::size_t rows = std::min(kGroupRows, block.size() - first);
    const auto id_column = std::span(block.ids).subspan(first, rows);
    const auto time_column = std::span(block.times).subspan(first, rows);
    const std::uint8_t id_width =
        width_for(differences(id_column, id, 1, [](SeriesId one) { return std::to_underlying(one); }, ids));
    std::uint64_t time_bits =
        differences(time_column, time, 0, [](Time one) { return static_cast<std::uint64_t>(one.ns); }, times);
    std::uint8_t time_unit = 0;
    if (time_bits > UINT8_MAX && all_whole_ms(times, rows)) {
      time_bits = to_ms(times, rows);
      time_unit = kInMs;
    }
    const std::uint8_t time_width = width_for(time_bits);
    out.push_back(static_cast<char>(id_width | (time_width | time_unit) << 4));
    put(ids, rows, id_width, out);
    put(times, rows, time_width, out);
    id = std::to_underlying(id_column.back());
    time = static_cast<std::uint64_t>(time_column.back().ns);
  }
  const std::size_t at = out.size();
  out.resize(at + block.size() * sizeof(double));
  std::memcpy(out.data() + at, block.values.data(), block.size() * sizeof(double));
}

bool decode_samples(ByteReader& in, SampleBlock& block) {
  if (!get_definitions(in, block.defined)) return false;
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > in.rest().size() / sizeof(double)) return false;
  if (count == 0) return true;
  std::uint64_t id = in.varint() - 1;
  auto time = in.fixed<std::uint64_t>();
  block.ids.resize(count);
  block.times.resize(count);
  block.values.resize(count);
  Differences ids, times;
  for (std::size_t first = 0; first < count; first += kGroupRows) {
    const std::size_t rows = std::min<std::size_t>(kGroupRows, count - first);
    const auto control = in.fixed<std::uint8_t>();
    const std::uint64_t unit = (control >> 4 & kInMs) != 0 ? kMs : 1;
    if (!in.ok() || !get(in, rows, control & 0xf, ids) || !get(in, rows, control >> 4 & 7, times))
      return false;
    for (std::size_t i = 0; i < rows; ++i) {
      id += unzigzag(ids[i]) + 1;
      time += unzigzag(times[i]) * unit;
      block.ids[first + i] = SeriesId{id};
      block.times[first + i].ns = static_cast<std::int64_t>(time);
    }
  }
  const std::string_view values = in.take(count * sizeof(double));
  if (!in.ok()) return false;
  std::memcpy(block.values.data(), values.data(), values.size());
  return true;
}

}  // namespace sentinella::codec
