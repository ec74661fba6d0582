// A text as a JSON string, for whoever writes JSON.
#pragma once

#include <string>
#include <string_view>

namespace sentinella {

/// With its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sentinella
