// What a resource is called, as an id.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/ids.h"
#include "base/time.h"

namespace sentinella::api::gnocchi {

inline constexpr std::size_t kMaxResourceName = 255;

/// A UUID in any of its forms: upper or lower case, with or without dashes, in braces, as a URN.
std::optional<Uuid> any_uuid(std::string_view text);

/// The UUID that `name` is, or, for any other name, the one that stands for it among `creator`'s resources.
Uuid resource_uuid(std::string_view name, std::string_view creator);

/// A timestamp (time_text.h) in a document; nullopt: it is none, or before 1970.
std::optional<Time> time_of(const boost::json::value& json, Time now);

}  // namespace sentinella::api::gnocchi
