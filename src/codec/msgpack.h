// MessagePack (github.com/msgpack/msgpack, spec.md): values out of bytes one after another, and the few that
// are written. Bounded: nothing is allocated for what a header claims.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace sentinella::codec {

struct MsgpackValue {
  enum class Kind : std::uint8_t { nil, boolean, integer, natural, real, text, bytes, array, map, extension };

  Kind kind = Kind::nil;
  std::int8_t type = 0;       ///< of an extension
  bool flag = false;          ///< boolean
  std::int64_t integer = 0;   ///< below zero
  std::uint64_t natural = 0;  ///< a number from zero; how many elements, or pairs
  double real = 0;
  std::string_view content;  ///< text, bytes, extension; into the input

  bool is_string() const { return kind == Kind::text || kind == Kind::bytes; }
};

class MsgpackReader {
 public:
  explicit MsgpackReader(std::string_view in) : in_(in) {}

  /// The next value, without what a container holds: its elements follow. False: the input ends within it, or
  /// it is none.
  bool next(MsgpackValue& value);
  /// The bytes of the next value, with all that it holds. "" when they are not all there.
  std::string_view whole();
  std::string_view rest() const { return in_.substr(at_); }
  bool at_end() const { return at_ == in_.size(); }

 private:
  template <typename T>
  bool number(T& out);
  bool take(std::uint64_t size, std::string_view& out);
  template <typename Size>
  bool sized(MsgpackValue& value, MsgpackValue::Kind kind);
  template <typename Size>
  bool counted(MsgpackValue& value, MsgpackValue::Kind kind);
  template <typename Number>
  bool numeric(MsgpackValue& value);
  bool extension(MsgpackValue& value, std::uint64_t size);
  bool fixed(std::uint8_t first, MsgpackValue& value);
  bool marked(std::uint8_t first, MsgpackValue& value);

  std::string_view in_;
  std::size_t at_ = 0;
};

/// Finds where the first value of a growing input ends, looking at no byte twice.
class MsgpackExtent {
 public:
  /// The size of the first value of `unread`, which begins with all that earlier calls were given; then it
  /// starts anew. nullopt: more bytes are needed. kInvalid: no MessagePack.
  Result<std::optional<std::size_t>> find(std::string_view unread);

 private:
  std::size_t at_ = 0;
  std::uint64_t values_left_ = 1;
};

/// Appends `value` (one whole value) as JSON. Bytes that are no UTF-8 become U+FFFD, extensions null, keys
/// that are no text are written as text. False: nested deeper than kMaxMsgpackDepth, or damaged.
inline constexpr int kMaxMsgpackDepth = 16;
bool msgpack_to_json(std::string_view value, JsonWriter& json);

/// Appends to a string it does not own.
class MsgpackWriter {
 public:
  explicit MsgpackWriter(std::string& out) : out_(out) {}
  MsgpackWriter& array(std::uint32_t size) { return header(0x90, 15, 0xdc, size); }
  MsgpackWriter& map(std::uint32_t pairs) { return header(0x80, 15, 0xde, pairs); }
  MsgpackWriter& text(std::string_view value);
  MsgpackWriter& bytes(std::string_view value);
  MsgpackWriter& boolean(bool value);
  MsgpackWriter& natural(std::uint64_t value);
  MsgpackWriter& integer(std::int64_t value);
  MsgpackWriter& real(double value);
  MsgpackWriter& nil();

 private:
  MsgpackWriter& header(std::uint8_t small, std::uint32_t most, std::uint8_t sixteen, std::uint32_t size);
  template <typename T>
  void big_endian(T value);

  std::string& out_;
};

}  // namespace sentinella::codec
