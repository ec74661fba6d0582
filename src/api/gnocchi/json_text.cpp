#include "api/gnocchi/json_text.h"

#include <fmt/format.h>

#include "base/json_quote.h"

namespace sentinella::api::gnocchi {

std::string number_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

JsonText& JsonText::open(char begin, char end) {
  separate();
  out_ += begin;
  closers_.push_back(end);
  first_ = true;
  return *this;
}

JsonText& JsonText::end() {
  out_ += closers_.back();
  closers_.pop_back();
  first_ = false;
  return *this;
}

void JsonText::separate() {
  if (!after_key_ && !first_) out_ += ", ";
  after_key_ = false;
  first_ = false;
}

JsonText& JsonText::word(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  value(name);
  out_ += ": ";
  after_key_ = true;
  return *this;
}

JsonText& JsonText::value(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonText& JsonText::value(double number) {
  if (std::isfinite(number)) return word(number_text(number));
  if (strict_) return null();
  return word(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
}

JsonText& JsonText::value(std::int64_t number) {
  return word(fmt::format("{}", number));
}

JsonText& JsonText::value(std::uint64_t number) {
  return word(fmt::format("{}", number));
}

JsonText& JsonText::value(const boost::json::value& json) {
  switch (json.kind()) {
    case boost::json::kind::null:
      return null();
    case boost::json::kind::bool_:
      return value(json.get_bool());
    case boost::json::kind::int64:
      return value(json.get_int64());
    case boost::json::kind::uint64:
      return value(json.get_uint64());
    case boost::json::kind::double_:
      return value(json.get_double());
    case boost::json::kind::string:
      return value(std::string_view(json.get_string()));
    case boost::json::kind::array:
      array();
      for (const auto& one : json.get_array()) value(one);
      return end();
    case boost::json::kind::object:
      object();
      for (const auto& [name, one] : json.get_object()) key(std::string_view(name)).value(one);
      return end();
  }
  return null();
}

}  // namespace sentinella::api::gnocchi
