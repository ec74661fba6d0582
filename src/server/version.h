#pragma once

#include <string_view>

namespace sentinella::server {

inline constexpr std::string_view kVersion = SENTINELLA_VERSION;

}  // namespace sentinella::server
