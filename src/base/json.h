// JSON in small documents: Boost.JSON to read, a writer of our own that appends to a string.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace sentinella {

/// Strict RFC 8259; nesting over 32 and duplicate-free parsing are Boost.JSON's. The error says where.
Result<boost::json::value> parse_json(std::string_view text);
/// A JSON object at the top, else kInvalid.
Result<boost::json::object> parse_json_object(std::string_view text);

/// Typed access to a request's fields; every error names the field.
Result<std::string> required_string(const boost::json::object& object, std::string_view name);
Result<std::optional<std::string>> optional_string(const boost::json::object& object, std::string_view name);
Result<std::optional<double>> optional_number(const boost::json::object& object, std::string_view name);
Result<std::optional<bool>> optional_bool(const boost::json::object& object, std::string_view name);
Result<std::vector<std::string>> optional_strings(const boost::json::object& object, std::string_view name);
/// kInvalid, with the nearest known name, when the object has a key that is not listed.
Result<void> only_fields(const boost::json::object& object, const std::vector<std::string_view>& known);

/// Writes JSON in order; commas are its business. Invalid UTF-8 becomes U+FFFD, NaN and infinities become
/// null.
///   JsonWriter json; json.object().field("id", 7).key("tags").array().value("a").end().end();
class JsonWriter {
 public:
  JsonWriter& object() { return open('{', '}'); }
  JsonWriter& array() { return open('[', ']'); }
  JsonWriter& end();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag);
  JsonWriter& value(double number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  JsonWriter& value(Time t) { return value(to_rfc3339(t)); }
  JsonWriter& null();
  /// `text` must be valid JSON.
  JsonWriter& raw(std::string_view text);
  template <typename T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }
  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char begin, char end);
  void separate();

  std::string out_;
  std::vector<char> closers_;
  bool first_ = true;
  bool after_key_ = false;
};

}  // namespace sentinella
