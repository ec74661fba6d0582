#include "telemetry/message_signature.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/hmac.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view kSignature = "message_signature";

/// What is signed, hashed as it comes: a key above many members stands in it once for each of them, so that
/// it may be many times as long as the message. Of more than `most` bytes nothing is made.
class SignedText {
 public:
  SignedText(std::string_view secret, std::size_t most) : hmac_(secret), most_(most) {
    piece_.reserve(kPiece);
  }

  void add(std::string_view text) {
    is_too_long_ = is_too_long_ || text.size() > most_ - size_;
    if (is_too_long_) return;
    size_ += text.size();
    if (piece_.size() + text.size() > kPiece) hash_piece();
    if (text.size() > kPiece)
      hmac_.add(text);
    else
      piece_ += text;
  }
  bool is_too_long() const { return is_too_long_; }
  std::size_t size() const { return size_; }  ///< of what was hashed

  std::string finish() {
    hash_piece();
    return to_hex(hmac_.finish());
  }

 private:
  static constexpr std::size_t kPiece = 4096;

  void hash_piece() {
    hmac_.add(piece_);
    piece_.clear();
  }

  HmacSha256 hmac_;
  const std::size_t most_;
  std::size_t size_ = 0;
  bool is_too_long_ = false;
  std::string piece_;
};

/// As bytes are ordered, which is as Python orders characters.
std::vector<const json::key_value_pair*> sorted(const json::object& object) {
  std::vector<const json::key_value_pair*> members;
  for (const auto& member : object) members.push_back(&member);
  std::ranges::sort(members, {}, [](const auto* member) { return std::string_view(member->key()); });
  return members;
}

/// Spaces, marks of direction, private use: what str.isprintable() denies of what is likely to be met.
bool is_printable(char32_t c) {
  static constexpr std::array<std::pair<char32_t, char32_t>, 14> kHidden{{{0x0, 0x1f},
                                                                          {0x7f, 0xa0},
                                                                          {0xad, 0xad},
                                                                          {0x600, 0x605},
                                                                          {0x61c, 0x61c},
                                                                          {0x1680, 0x1680},
                                                                          {0x180e, 0x180e},
                                                                          {0x2000, 0x200f},
                                                                          {0x2028, 0x202f},
                                                                          {0x205f, 0x206f},
                                                                          {0x3000, 0x3000},
                                                                          {0xd800, 0xf8ff},
                                                                          {0xfeff, 0xfeff},
                                                                          {0xfff9, 0xfffb}}};
  return std::ranges::none_of(kHidden,
                              [c](const auto& range) { return c >= range.first && c <= range.second; });
}

/// The character at the front of UTF-8, which JSON's texts are, and its bytes.
std::pair<char32_t, std::size_t> first_of(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t c = size == 1 ? lead : lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < std::min(size, text.size()); ++i)
    c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  return {c, std::min(size, text.size())};
}

void add_repr(std::string_view text, SignedText& out) {
  const std::string_view quote = text.contains('\'') && !text.contains('"') ? "\"" : "'";
  out.add(quote);
  while (!text.empty() && !out.is_too_long()) {
    const auto [c, size] = first_of(text);
    if (text.starts_with(quote) || c == '\\')
      out.add(fmt::format("\\{}", text[0]));
    else if (c == '\n' || c == '\r' || c == '\t')
      out.add(c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    else if (is_printable(c))
      out.add(text.substr(0, size));
    else
      out.add(c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                        : fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
    text.remove_prefix(size);
  }
  out.add(quote);
}

/// 1.0, 0.1, 1e+16
std::string python_float(double value) {
  std::string text = fmt::format("{}", value);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

/// As deep as what parse_notification() lets through.
void add_value(const json::value& value, bool within, SignedText& out) {
  switch (value.kind()) {
    case json::kind::null:
      out.add("None");
      break;
    case json::kind::bool_:
      out.add(value.get_bool() ? "True" : "False");
      break;
    case json::kind::double_:
      out.add(python_float(value.get_double()));
      break;
    case json::kind::int64:
      out.add(std::to_string(value.get_int64()));
      break;
    case json::kind::uint64:
      out.add(std::to_string(value.get_uint64()));
      break;
    case json::kind::string:
      if (within)
        add_repr(value.get_string(), out);
      else
        out.add(value.get_string());
      break;
    case json::kind::array: {
      std::string_view before = "[";
      for (const json::value& one : value.get_array()) {
        if (out.is_too_long()) return;
        out.add(before);
        add_value(one, true, out);
        before = ", ";
      }
      out.add(value.get_array().empty() ? "[]" : "]");
      break;
    }
    case json::kind::object: {
      std::string_view before = "{";
      for (const auto* member : sorted(value.get_object())) {
        if (out.is_too_long()) return;
        out.add(before);
        add_repr(member->key(), out);
        out.add(": ");
        add_value(member->value(), true, out);
        before = ", ";
      }
      out.add(value.get_object().empty() ? "{}" : "}");
      break;
    }
  }
}

/// `path` stands before the names and is left as it was.
void add_members(const json::object& object, std::string& path, SignedText& out) {
  const std::size_t above = path.size();
  for (const auto* member : sorted(object)) {
    if (out.is_too_long()) return;
    const std::string_view key(member->key());
    if (above == 0 && key == kSignature) continue;
    path += key;
    if (const auto* nested = member->value().if_object()) {
      path += ':';
      add_members(*nested, path, out);
    } else {
      out.add(path);
      add_value(member->value(), false, out);
    }
    path.resize(above);
  }
}

/// None: it is longer than `most`. `hashed` says how far it came.
std::optional<std::string> digest_of(const json::object& wire, std::string_view secret, std::size_t most,
                                     std::size_t& hashed) {
  SignedText text(secret, most);
  std::string path;
  add_members(wire, path, text);
  hashed = text.size();
  if (text.is_too_long()) return std::nullopt;
  return text.finish();
}

}  // namespace

std::string signature_of(const json::object& wire, std::string_view secret) {
  std::size_t hashed = 0;
  return secret.empty() ? "" : digest_of(wire, secret, kMostSignedBytes, hashed).value_or("");
}

bool is_signed(const json::object& wire, std::string_view secret, std::size_t& allowance) {
  if (secret.empty()) return true;
  const auto* given = wire.if_contains(kSignature);
  if (given == nullptr || !given->is_string()) return false;
  std::size_t hashed = 0;
  const auto wanted = digest_of(wire, secret, std::min(allowance, kMostSignedBytes), hashed);
  allowance -= hashed;
  return wanted && constant_time_equal(given->get_string(), *wanted);
}

void sign(json::object& wire, std::string_view secret) {
  wire[kSignature] = signature_of(wire, secret);
}

}  // namespace sentinella::telemetry
