// openapi.json, embedded at build time.
#pragma once

#include <string_view>

namespace sentinella::api::native {

std::string_view openapi_document();

}  // namespace sentinella::api::native
