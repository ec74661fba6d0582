// JSON as Gnocchi's clients expect it to look: ", " and ": " between things, floating numbers with a point.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace sentinella::api::gnocchi {

/// "60.0", "1e+16", "nan": the shortest text that reads back as the same double, as Python writes it.
std::string number_text(double number);

/// Writes in order; commas are its business. Bytes that are not UTF-8 become U+FFFD. Numbers that JSON has no
/// word for become null, or, when it is not strict, NaN and Infinity.
class JsonText {
 public:
  explicit JsonText(bool strict = true) : strict_(strict) {}

  JsonText& object() { return open('{', '}'); }
  JsonText& array() { return open('[', ']'); }
  JsonText& end();
  JsonText& key(std::string_view name);
  JsonText& value(std::string_view text);
  JsonText& value(const char* text) { return value(std::string_view(text)); }
  JsonText& value(const std::string& text) { return value(std::string_view(text)); }
  JsonText& value(bool flag) { return word(flag ? "true" : "false"); }
  JsonText& value(double number);
  JsonText& value(std::int64_t number);
  JsonText& value(std::uint64_t number);
  JsonText& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonText& value(const boost::json::value& json);
  JsonText& null() { return word("null"); }
  /// `text` must be what this class could have written as one value.
  JsonText& raw(std::string_view text) { return word(text); }
  template <typename T>
  JsonText& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  template <typename T>
  JsonText& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  std::string take() { return std::move(out_); }

 private:
  JsonText& open(char begin, char end);
  JsonText& word(std::string_view text);
  void separate();

  bool strict_;
  std::string out_;
  std::vector<char> closers_;
  bool first_ = true;
  bool after_key_ = false;
};

}  // namespace sentinella::api::gnocchi
