// Reading documents field by field; what is wrong is said as Gnocchi says it, with the place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/gnocchi/problem.h"
#include "base/time.h"

namespace sentinella::api::gnocchi {

/// An object with no other keys than `known`; an empty list knows all.
Outcome<const boost::json::object*> as_object(const boost::json::value& json, const Path& path,
                                              const std::vector<std::string_view>& known = {});

/// The field, which must be there.
Outcome<const boost::json::value*> required(const boost::json::object& object, std::string_view name,
                                            const Path& path);

Outcome<std::string> text_field(const boost::json::object& object, std::string_view name, const Path& path);
/// Absent and null are nothing. `most`: its length in characters.
Outcome<std::optional<std::string>> optional_text_field(const boost::json::object& object,
                                                        std::string_view name, const Path& path,
                                                        std::size_t most = 255);
/// A span of more than nothing; absent and null are nothing.
Outcome<std::optional<Duration>> optional_span_field(const boost::json::object& object, std::string_view name,
                                                     const Path& path);
/// An integer, also as text, as the gnocchi command sends it; absent and null are nothing.
Outcome<std::optional<std::int64_t>> optional_integer_field(const boost::json::object& object,
                                                            std::string_view name, const Path& path,
                                                            std::int64_t least);
/// Characters, not bytes.
std::size_t text_length(std::string_view text);

}  // namespace sentinella::api::gnocchi
