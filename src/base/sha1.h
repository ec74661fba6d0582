// SHA-1 (RFC 3174), for protocols that name things by it: UUIDs of version 5, entity tags. Not for secrets.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ids.h"

namespace sentinella {

using Sha1 = std::array<std::uint8_t, 20>;
Sha1 sha1(std::string_view data);

/// The same name in the same namespace always gives the same id (version 5, RFC 9562 section 5.5).
Uuid uuid5(const Uuid& name_space, std::string_view name);

}  // namespace sentinella
