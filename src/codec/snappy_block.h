// Snappy's block format (google/snappy, format_description.txt), as remote write uses it: no framing.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella::codec {

/// kInvalid: not a snappy block. kTooLarge: says that it holds more than `max_size` bytes.
Result<std::string> snappy_decompress(std::string_view block, std::size_t max_size);
std::string snappy_compress(std::string_view data);

}  // namespace sentinella::codec
