#include "base/json.h"

#include <algorithm>

#include "base/json_quote.h"
#include "base/text.h"

namespace sentinella {
namespace {

bool stands_for_itself(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

void append_special(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto special = std::ranges::find_if_not(text, stands_for_itself);
    const auto plain = static_cast<std::size_t>(special - text.begin());
    out.append(text.substr(0, plain));
    if (plain == text.size()) return;
    append_special(out, text[plain]);
    text.remove_prefix(plain + 1);
  }
}

std::unexpected<Error> wrong_type(std::string_view name, std::string_view wanted) {
  return fail_field(Errc::kInvalid, name, "must be {}", wanted);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  if (is_valid_utf8(text))
    append_escaped(out, text);
  else
    append_escaped(out, to_valid_utf8(text));
  out += '"';
}

/// The value lives in a few large blocks, which go all at once.
Result<boost::json::value> parse_json(std::string_view text) {
  constexpr std::size_t kMaxFirstBlock = 64u << 10;
  boost::json::error_code error;
  boost::json::parser parser;
  parser.reset(boost::json::make_shared_resource<boost::json::monotonic_resource>(
      std::clamp<std::size_t>(2 * text.size(), 256, kMaxFirstBlock)));
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (error == boost::json::error::incomplete)
    return fail(Errc::kInvalid, "JSON ends too early, at byte {}", text.size());
  if (error) return fail(Errc::kInvalid, "not valid JSON at byte {}: {}", read, error.message());
  if (!trim(text.substr(read)).empty())
    return fail(Errc::kInvalid, "text after the JSON value at byte {}", read);
  return parser.release();
}

Result<boost::json::object> parse_json_object(std::string_view text) {
  SENT_TRY_ASSIGN(boost::json::value value, parse_json(text));
  if (!value.is_object()) return fail(Errc::kInvalid, "expected a JSON object");
  return std::move(value.get_object());
}

Result<std::optional<std::string>> optional_string(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_string()) return wrong_type(name, "a string");
  return std::string(value->get_string());
}

Result<std::string> required_string(const boost::json::object& object, std::string_view name) {
  SENT_TRY_ASSIGN(auto value, optional_string(object, name));
  if (!value || value->empty()) return fail_field(Errc::kInvalid, name, "is required");
  return *std::move(value);
}

Result<std::optional<double>> optional_number(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_number()) return wrong_type(name, "a number");
  return value->to_number<double>();
}

Result<std::optional<bool>> optional_bool(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (!value->is_bool()) return wrong_type(name, "true or false");
  return value->get_bool();
}

Result<std::vector<std::string>> optional_strings(const boost::json::object& object, std::string_view name) {
  std::vector<std::string> out;
  const auto* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return out;
  if (!value->is_array()) return wrong_type(name, "a list of strings");
  for (const auto& item : value->get_array()) {
    if (!item.is_string()) return wrong_type(name, "a list of strings");
    out.emplace_back(item.get_string());
  }
  return out;
}

Result<void> only_fields(const boost::json::object& object, const std::vector<std::string_view>& known) {
  for (const auto& member : object) {
    const std::string_view name = member.key();
    if (std::ranges::find(known, name) != known.end()) continue;
    const auto near = suggest(name, known);
    return fail_field(Errc::kInvalid, name, "unknown field{}",
                      near ? fmt::format("; did you mean \"{}\"?", *near) : "");
  }
  return {};
}

void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char begin, char end) {
  separate();
  out_ += begin;
  closers_.push_back(end);
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end() {
  out_ += closers_.back();
  closers_.pop_back();
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  value(name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(bool flag) {
  return raw(flag ? "true" : "false");
}
JsonWriter& JsonWriter::null() {
  return raw("null");
}
JsonWriter& JsonWriter::value(std::int64_t number) {
  return raw(fmt::format("{}", number));
}
JsonWriter& JsonWriter::value(std::uint64_t number) {
  return raw(fmt::format("{}", number));
}
JsonWriter& JsonWriter::value(double number) {
  return std::isfinite(number) ? raw(fmt::format("{}", number)) : null();
}

JsonWriter& JsonWriter::raw(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

}  // namespace sentinella
