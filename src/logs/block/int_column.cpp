#include "logs/block/int_column.h"

#include <algorithm>
#include <bit>

#include "logs/block/gathering_writer.h"

namespace sentinella::logs {
namespace {

/// The first byte of a column. Part of the block format.
enum class Coding : std::uint8_t {
  constant = 0,  ///< one varint
  plain = 1,     ///< a varint each
  delta = 2,     ///< zigzag varints of the steps from the value before (first: from 0)
  planes = 3,    ///< after them u8 n: the lowest byte of every value, then the next, ... n of them
  delta_planes = 4,
};

std::size_t varint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

std::uint64_t step(std::uint64_t value, std::uint64_t before) {
  return zigzag(static_cast<std::int64_t>(value - before));
}

struct Figures {
  std::uint64_t all = 0;    ///< OR of the values
  std::size_t varints = 0;  ///< bytes
};

template <typename Each>
Figures measure(std::span<const std::uint64_t> values, Each&& each) {
  Figures figures;
  std::uint64_t before = 0;
  for (const std::uint64_t value : values) {
    const std::uint64_t coded = each(value, before);
    figures.all |= coded;
    figures.varints += varint_size(coded);
    before = value;
  }
  return figures;
}

/// Byte planes let zstd see the orderly high bytes apart from the random low ones.
bool planes_pay(const Figures& figures, std::size_t count) {
  return count >= 64 && figures.varints * 4 > count * 5;
}

template <typename Each>
void put_planes(std::span<const std::uint64_t> values, std::uint64_t all, std::string& out, Each&& each) {
  const auto width = static_cast<unsigned>((std::bit_width(all | 1) + 7) / 8);
  out.push_back(static_cast<char>(width));
  for (unsigned plane = 0; plane < width; ++plane) {
    std::uint64_t before = 0;
    for (const std::uint64_t value : values) {
      out.push_back(static_cast<char>(each(value, before) >> (8 * plane)));
      before = value;
    }
  }
}

constexpr auto kPlain = [](std::uint64_t value, std::uint64_t) { return value; };
constexpr auto kSteps = [](std::uint64_t value, std::uint64_t before) { return step(value, before); };

template <typename Each>
void put(std::span<const std::uint64_t> values, const Figures& figures, Coding varints, Coding planes,
         std::string& out, Each&& each) {
  if (planes_pay(figures, values.size())) {
    out.push_back(static_cast<char>(planes));
    return put_planes(values, figures.all, out, each);
  }
  out.push_back(static_cast<char>(varints));
  const std::size_t had = out.size();
  out.resize(had + figures.varints);
  char* at = out.data() + had;
  std::uint64_t before = 0;
  for (const std::uint64_t value : values) {
    at = write_varint(at, each(value, before));
    before = value;
  }
}

std::vector<std::uint64_t> get_varints(ByteReader& reader, std::size_t count, bool delta) {
  std::vector<std::uint64_t> values(std::min(count, reader.rest().size()));
  std::uint64_t before = 0;
  for (std::uint64_t& value : values) {
    const std::uint64_t coded = reader.varint();
    value = delta ? before + static_cast<std::uint64_t>(unzigzag(coded)) : coded;
    before = value;
  }
  return values;
}

std::vector<std::uint64_t> get_planes(ByteReader& reader, std::size_t count, bool delta) {
  const std::size_t width = reader.fixed<std::uint8_t>();
  const std::string_view bytes = reader.take(width * count);
  if (!reader.ok() || width == 0 || width > 8) return {};
  std::vector<std::uint64_t> values(count);
  const auto* plane = reinterpret_cast<const unsigned char*>(bytes.data());
  for (std::size_t shift = 0; shift < width * 8; shift += 8, plane += count)
    for (std::size_t i = 0; i < count; ++i) values[i] |= static_cast<std::uint64_t>(plane[i]) << shift;
  std::uint64_t before = 0;
  if (delta)
    for (std::uint64_t& value : values) {
      value = before + static_cast<std::uint64_t>(unzigzag(value));
      before = value;
    }
  return values;
}

}  // namespace

void encode_column(std::span<const std::uint64_t> values, std::string& out) {
  if (values.empty()) return;
  if (values.size() == 1) return ByteWriter(out).varint(values[0]);
  const bool constant = std::ranges::all_of(values, [&](std::uint64_t value) { return value == values[0]; });
  if (constant) {
    out.push_back(static_cast<char>(Coding::constant));
    return ByteWriter(out).varint(values[0]);
  }
  const Figures plain = measure(values, kPlain);
  const Figures steps = measure(values, kSteps);
  if (steps.varints < plain.varints)
    return put(values, steps, Coding::delta, Coding::delta_planes, out, kSteps);
  put(values, plain, Coding::plain, Coding::planes, out, kPlain);
}

IntColumn IntColumn::of(std::size_t size, std::uint64_t constant) {
  IntColumn column;
  column.size_ = size;
  column.constant_ = constant;
  return column;
}

IntColumn IntColumn::of(std::vector<std::uint64_t> values) {
  IntColumn column;
  column.size_ = values.size();
  std::uint64_t all = 0;
  for (const std::uint64_t value : values) all |= value;
  if (all <= UINT32_MAX) {
    column.narrow_.reserve(values.size());
    for (const std::uint64_t value : values) column.narrow_.push_back(static_cast<std::uint32_t>(value));
  } else {
    column.wide_ = std::move(values);
  }
  return column;
}

IntColumn decode_column(ByteReader& reader, std::size_t count) {
  if (count == 0) return {};
  if (count == 1) return IntColumn::of(1, reader.varint());
  std::vector<std::uint64_t> values;
  switch (reader.fixed<Coding>()) {
    case Coding::constant:
      return IntColumn::of(count, reader.varint());
    case Coding::plain:
      values = get_varints(reader, count, false);
      break;
    case Coding::delta:
      values = get_varints(reader, count, true);
      break;
    case Coding::planes:
      values = get_planes(reader, count, false);
      break;
    case Coding::delta_planes:
      values = get_planes(reader, count, true);
      break;
  }
  if (values.size() != count) return reader.fail(), IntColumn();
  return IntColumn::of(std::move(values));
}

}  // namespace sentinella::logs
