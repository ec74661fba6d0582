// A channel's secrets never leave the server: they are shown as "***", and "***" sent back means "as it is".
#pragma once

#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"

namespace sentinella::api::native {

inline constexpr std::string_view kMasked = "***";

boost::json::object mask_secrets(boost::json::object settings, const std::vector<std::string_view>& secrets);
/// kInvalid when a secret is "***" and `old` has none.
Result<boost::json::object> restore_secrets(boost::json::object settings, const boost::json::object& old,
                                            const std::vector<std::string_view>& secrets);

}  // namespace sentinella::api::native
