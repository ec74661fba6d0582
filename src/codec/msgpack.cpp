#include "codec/msgpack.h"

#include <bit>
#include <limits>
#include <type_traits>

namespace sentinella::codec {

using Kind = MsgpackValue::Kind;

template <typename T>
bool MsgpackReader::number(T& out) {
  std::string_view raw;
  if (!take(sizeof(T), raw)) return false;
  std::uint64_t bits = 0;
  for (const char c : raw) bits = bits << 8 | static_cast<unsigned char>(c);
  if constexpr (std::is_same_v<T, double>)
    out = std::bit_cast<double>(bits);
  else if constexpr (std::is_same_v<T, float>)
    out = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else
    out = static_cast<T>(bits);
  return true;
}

bool MsgpackReader::take(std::uint64_t size, std::string_view& out) {
  if (size > in_.size() - at_) return false;
  out = in_.substr(at_, size);
  at_ += size;
  return true;
}

template <typename Size>
bool MsgpackReader::sized(MsgpackValue& value, Kind kind) {
  Size size = 0;
  value.kind = kind;
  return number(size) && take(size, value.content);
}

template <typename Size>
bool MsgpackReader::counted(MsgpackValue& value, Kind kind) {
  Size size = 0;
  value.kind = kind;
  if (!number(size)) return false;
  value.natural = size;
  return true;
}

template <typename Number>
bool MsgpackReader::numeric(MsgpackValue& value) {
  Number found = 0;
  if (!number(found)) return false;
  // NOLINTBEGIN(bugprone-signed-char-misuse): one byte is a number here, never a character
  if constexpr (std::is_floating_point_v<Number>) {
    value.kind = Kind::real;
    value.real = static_cast<double>(found);
  } else if (std::is_signed_v<Number> && static_cast<std::int64_t>(found) < 0) {
    value.kind = Kind::integer;
    value.integer = static_cast<std::int64_t>(found);
  } else {
    value.kind = Kind::natural;
    value.natural = static_cast<std::uint64_t>(found);
  }
  // NOLINTEND(bugprone-signed-char-misuse)
  return true;
}

bool MsgpackReader::extension(MsgpackValue& value, std::uint64_t size) {
  value.kind = Kind::extension;
  return number(value.type) && take(size, value.content);
}

/// Values whose first byte says it all, or their size.
bool MsgpackReader::fixed(std::uint8_t first, MsgpackValue& value) {
  if (first < 0x80) {
    value.kind = Kind::natural;
    value.natural = first;
  } else if (first < 0xa0) {
    value.kind = first < 0x90 ? Kind::map : Kind::array;
    value.natural = first & 15;
  } else if (first < 0xc0) {
    value.kind = Kind::text;
    return take(first & 31, value.content);
  } else {
    value.kind = Kind::integer;
    value.integer = first - 256;  // two's complement of one byte
  }
  return true;
}

bool MsgpackReader::marked(std::uint8_t first, MsgpackValue& value) {
  const auto sized_extension = [&]<typename Size>(Size size) {
    return number(size) && extension(value, size);
  };
  switch (first) {
    case 0xc0:
      return true;
    case 0xc2:
    case 0xc3:
      value.kind = Kind::boolean;
      value.flag = first == 0xc3;
      return true;
    case 0xc4:
      return sized<std::uint8_t>(value, Kind::bytes);
    case 0xc5:
      return sized<std::uint16_t>(value, Kind::bytes);
    case 0xc6:
      return sized<std::uint32_t>(value, Kind::bytes);
    case 0xc7:
      return sized_extension(std::uint8_t{});
    case 0xc8:
      return sized_extension(std::uint16_t{});
    case 0xc9:
      return sized_extension(std::uint32_t{});
    case 0xca:
      return numeric<float>(value);
    case 0xcb:
      return numeric<double>(value);
    case 0xcc:
      return numeric<std::uint8_t>(value);
    case 0xcd:
      return numeric<std::uint16_t>(value);
    case 0xce:
      return numeric<std::uint32_t>(value);
    case 0xcf:
      return numeric<std::uint64_t>(value);
    case 0xd0:
      return numeric<std::int8_t>(value);
    case 0xd1:
      return numeric<std::int16_t>(value);
    case 0xd2:
      return numeric<std::int32_t>(value);
    case 0xd3:
      return numeric<std::int64_t>(value);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(value, 1u << (first - 0xd4));
    case 0xd9:
      return sized<std::uint8_t>(value, Kind::text);
    case 0xda:
      return sized<std::uint16_t>(value, Kind::text);
    case 0xdb:
      return sized<std::uint32_t>(value, Kind::text);
    case 0xdc:
      return counted<std::uint16_t>(value, Kind::array);
    case 0xdd:
      return counted<std::uint32_t>(value, Kind::array);
    case 0xde:
      return counted<std::uint16_t>(value, Kind::map);
    case 0xdf:
      return counted<std::uint32_t>(value, Kind::map);
    default:  // 0xc1 is never used
      return false;
  }
}

bool MsgpackReader::next(MsgpackValue& value) {
  value = {};
  const std::size_t before = at_;
  std::uint8_t first = 0;
  if (!number(first)) return false;
  const bool whole = first < 0xc0 || first >= 0xe0 ? fixed(first, value) : marked(first, value);
  if (!whole) at_ = before;
  return whole;
}

std::string_view MsgpackReader::whole() {
  const std::size_t before = at_;
  MsgpackExtent extent;
  const auto size = extent.find(rest());
  if (!size || !*size) return {};
  at_ += **size;
  return in_.substr(before, **size);
}

Result<std::optional<std::size_t>> MsgpackExtent::find(std::string_view unread) {
  MsgpackValue value;
  while (values_left_ > 0) {
    MsgpackReader reader(unread.substr(at_));
    if (!reader.next(value)) {
      if (at_ < unread.size() && static_cast<unsigned char>(unread[at_]) == 0xc1)
        return fail(Errc::kInvalid, "this is not MessagePack: byte {} is 0xc1", at_);
      return std::nullopt;
    }
    at_ = unread.size() - reader.rest().size();
    --values_left_;
    if (value.kind == Kind::array) values_left_ += value.natural;
    if (value.kind == Kind::map) values_left_ += 2 * value.natural;
    if (values_left_ > std::numeric_limits<std::uint32_t>::max())
      return fail(Errc::kTooLarge, "a message of over 4 billion values");
  }
  values_left_ = 1;
  return std::exchange(at_, 0);
}

namespace {

bool write_value(MsgpackReader& reader, JsonWriter& json, int depth);

std::string key_text(const MsgpackValue& key) {
  switch (key.kind) {
    case Kind::text:
    case Kind::bytes:
      return std::string(key.content);
    case Kind::natural:
      return std::to_string(key.natural);
    case Kind::integer:
      return std::to_string(key.integer);
    default:
      return "?";
  }
}

bool write_map(MsgpackReader& reader, std::uint64_t pairs, JsonWriter& json, int depth) {
  json.object();
  MsgpackValue key;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    if (!reader.next(key) || key.kind == Kind::array || key.kind == Kind::map) return false;
    json.key(key_text(key));
    if (!write_value(reader, json, depth + 1)) return false;
  }
  json.end();
  return true;
}

bool write_value(MsgpackReader& reader, JsonWriter& json, int depth) {
  MsgpackValue value;
  if (depth > kMaxMsgpackDepth || !reader.next(value)) return false;
  switch (value.kind) {
    case Kind::boolean:
      json.value(value.flag);
      break;
    case Kind::integer:
      json.value(value.integer);
      break;
    case Kind::natural:
      json.value(value.natural);
      break;
    case Kind::real:
      json.value(value.real);
      break;
    case Kind::text:
    case Kind::bytes:
      json.value(value.content);
      break;
    case Kind::array:
      json.array();
      for (std::uint64_t i = 0; i < value.natural; ++i)
        if (!write_value(reader, json, depth + 1)) return false;
      json.end();
      break;
    case Kind::map:
      return write_map(reader, value.natural, json, depth);
    case Kind::nil:
    case Kind::extension:
      json.null();
  }
  return true;
}

}  // namespace

bool msgpack_to_json(std::string_view value, JsonWriter& json) {
  MsgpackReader reader(value);
  return write_value(reader, json, 0);
}

template <typename T>
void MsgpackWriter::big_endian(T value) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8)
    out_.push_back(static_cast<char>(value >> shift));
}

MsgpackWriter& MsgpackWriter::header(std::uint8_t small, std::uint32_t most, std::uint8_t sixteen,
                                     std::uint32_t size) {
  if (size <= most) {
    out_.push_back(static_cast<char>(small | size));
  } else if (size <= 0xffff) {
    out_.push_back(static_cast<char>(sixteen));
    big_endian(static_cast<std::uint16_t>(size));
  } else {
    out_.push_back(static_cast<char>(sixteen + 1));
    big_endian(size);
  }
  return *this;
}

MsgpackWriter& MsgpackWriter::text(std::string_view value) {
  header(0xa0, 31, 0xda, static_cast<std::uint32_t>(value.size()));
  out_ += value;
  return *this;
}

MsgpackWriter& MsgpackWriter::bytes(std::string_view value) {
  out_.push_back(static_cast<char>(0xc6));
  big_endian(static_cast<std::uint32_t>(value.size()));
  out_ += value;
  return *this;
}

MsgpackWriter& MsgpackWriter::boolean(bool value) {
  out_.push_back(static_cast<char>(value ? 0xc3 : 0xc2));
  return *this;
}

MsgpackWriter& MsgpackWriter::natural(std::uint64_t value) {
  if (value < 0x80) {
    out_.push_back(static_cast<char>(value));
  } else {
    out_.push_back(static_cast<char>(0xcf));
    big_endian(value);
  }
  return *this;
}

MsgpackWriter& MsgpackWriter::integer(std::int64_t value) {
  if (value >= 0) return natural(static_cast<std::uint64_t>(value));
  out_.push_back(static_cast<char>(0xd3));
  big_endian(static_cast<std::uint64_t>(value));
  return *this;
}

MsgpackWriter& MsgpackWriter::real(double value) {
  out_.push_back(static_cast<char>(0xcb));
  big_endian(std::bit_cast<std::uint64_t>(value));
  return *this;
}

MsgpackWriter& MsgpackWriter::nil() {
  out_.push_back(static_cast<char>(0xc0));
  return *this;
}

}  // namespace sentinella::codec
