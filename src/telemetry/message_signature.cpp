#include "telemetry/message_signature.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/text.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr std::string_view kSignature = "message_signature";

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

void add_repr(std::string_view text, std::string& out) {
  const char quote = text.contains('\'') && !text.contains('"') ? '"' : '\'';
  out += quote;
  while (!text.empty()) {
    const auto [c, size] = first_of(text);
    if (c == static_cast<unsigned char>(quote) || c == '\\')
      out += fmt::format("\\{}", text[0]);
    else if (c == '\n' || c == '\r' || c == '\t')
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    else if (is_printable(c))
      out += text.substr(0, size);
    else
      out += c < 0x100 ? fmt::format("\\x{:02x}", static_cast<unsigned>(c))
                       : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    text.remove_prefix(size);
  }
  out += quote;
}

/// 1.0, 0.1, 1e+16
std::string python_float(double value) {
  std::string text = fmt::format("{}", value);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

/// As deep as what parse_notification() lets through.
void add_value(const json::value& value, bool within, std::string& out) {
  switch (value.kind()) {
    case json::kind::null:
      out += "None";
      break;
    case json::kind::bool_:
      out += value.get_bool() ? "True" : "False";
      break;
    case json::kind::double_:
      out += python_float(value.get_double());
      break;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      break;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      break;
    case json::kind::string:
      if (within)
        add_repr(value.get_string(), out);
      else
        out += value.get_string();
      break;
    case json::kind::array: {
      std::string_view before = "[";
      for (const json::value& one : value.get_array()) {
        out += before;
        add_value(one, true, out);
        before = ", ";
      }
      out += value.get_array().empty() ? "[]" : "]";
      break;
    }
    case json::kind::object: {
      std::string_view before = "{";
      for (const auto* member : sorted(value.get_object())) {
        out += before;
        add_repr(member->key(), out);
        out += ": ";
        add_value(member->value(), true, out);
        before = ", ";
      }
      out += value.get_object().empty() ? "{}" : "}";
      break;
    }
  }
}

void add_members(const json::object& object, const std::string& prefix, std::string& out) {
  for (const auto* member : sorted(object)) {
    const std::string_view key(member->key());
    if (prefix.empty() && key == kSignature) continue;
    const std::string name = prefix + std::string(key);
    if (const auto* nested = member->value().if_object()) {
      add_members(*nested, name + ":", out);
      continue;
    }
    out += name;
    add_value(member->value(), false, out);
  }
}

}  // namespace

std::string signature_of(const json::object& wire, std::string_view secret) {
  if (secret.empty()) return "";
  std::string signed_text;
  add_members(wire, "", signed_text);
  return to_hex(hmac_sha256(secret, signed_text));
}

bool is_signed(const json::object& wire, std::string_view secret) {
  if (secret.empty()) return true;
  const auto* given = wire.if_contains(kSignature);
  return given != nullptr && given->is_string() &&
         constant_time_equal(given->get_string(), signature_of(wire, secret));
}

void sign(json::object& wire, std::string_view secret) {
  wire[kSignature] = signature_of(wire, secret);
}

}  // namespace sentinella::telemetry
