#include "api/gnocchi/form.h"

#include <algorithm>
#include <cmath>

#include "api/gnocchi/time_text.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {

Outcome<const boost::json::object*> as_object(const boost::json::value& json, const Path& path,
                                              const std::vector<std::string_view>& known) {
  const auto* object = json.if_object();
  if (object == nullptr)
    return path.empty() ? invalid_input("expected a dictionary", path)
                        : invalid_value("expected a dictionary", path);
  for (const auto& field : *object)
    if (const std::string_view key = field.key();
        !known.empty() && std::ranges::find(known, key) == known.end())
      return invalid_input("extra keys not allowed", path / key);
  return object;
}

Outcome<const boost::json::value*> required(const boost::json::object& object, std::string_view name,
                                            const Path& path) {
  const auto* found = object.if_contains(name);
  if (found == nullptr) return invalid_input("required key not provided", path / name);
  return found;
}

Outcome<std::string> text_field(const boost::json::object& object, std::string_view name, const Path& path) {
  SENT_TRY_ASSIGN(const auto* found, required(object, name, path));
  if (!found->is_string()) return invalid_value("expected str", path / name);
  if (text_length(found->get_string()) > 255)
    return invalid_value("length of value must be at most 255", path / name);
  return std::string(found->get_string());
}

Outcome<std::optional<std::string>> optional_text_field(const boost::json::object& object,
                                                        std::string_view name, const Path& path,
                                                        std::size_t most) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  if (!found->is_string()) return invalid_value("expected str", path / name);
  if (text_length(found->get_string()) > most)
    return invalid_value(fmt::format("length of value must be at most {}", most), path / name);
  return std::string(found->get_string());
}

Outcome<std::optional<Duration>> optional_span_field(const boost::json::object& object, std::string_view name,
                                                     const Path& path) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  std::optional<Duration> span;
  if (found->is_string()) span = parse_span(found->get_string());
  if (found->is_number())
    if (const double seconds = found->to_number<double>(); std::abs(seconds) < 9.2e9)
      span = Duration(std::llround(seconds * 1e9));
  if (!span) return invalid_value("Unable to parse timespan", path / name);
  if (span->count() <= 0) return invalid_value("Timespan must be positive", path / name);
  return span;
}

Outcome<std::optional<std::int64_t>> optional_integer_field(const boost::json::object& object,
                                                            std::string_view name, const Path& path,
                                                            std::int64_t least) {
  const auto* found = object.if_contains(name);
  if (found == nullptr || found->is_null()) return std::nullopt;
  std::optional<double> number;
  if (found->is_number()) number = found->to_number<double>();
  if (found->is_string()) number = parse_double(found->get_string());
  if (!number || *number != std::floor(*number) || std::abs(*number) > 9e15)
    return invalid_value("expected int", path / name);
  if (*number < static_cast<double>(least))
    return invalid_value(fmt::format("value must be at least {}", least), path / name);
  return static_cast<std::int64_t>(*number);
}

std::size_t text_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace sentinella::api::gnocchi
