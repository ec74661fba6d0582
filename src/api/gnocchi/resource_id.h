// What a resource is called, as an id.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json.hpp>

#include "base/ids.h"
#include "base/time.h"
#include "catalog/uuid_names.h"

namespace sentinella::api::gnocchi {

inline constexpr std::size_t kMaxResourceName = 255;

using catalog::any_uuid;
using catalog::resource_uuid;

/// A timestamp (time_text.h) in a document; nullopt: it is none, or before 1970.
std::optional<Time> time_of(const boost::json::value& json, Time now);

}  // namespace sentinella::api::gnocchi
