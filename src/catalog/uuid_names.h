// What a resource is called, as an id: Gnocchi's rule.
#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"

namespace sentinella::catalog {

/// A UUID in any of its forms: upper or lower case, with or without dashes, in braces, as a URN.
std::optional<Uuid> any_uuid(std::string_view text);

/// The UUID that `name` is, or, for any other name, the one that stands for it among `creator`'s resources.
Uuid resource_uuid(std::string_view name, std::string_view creator);

}  // namespace sentinella::catalog
