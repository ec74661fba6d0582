// Whole-buffer compression. Decompression is bounded by the caller: a bomb is refused with kTooLarge.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sentinella {

std::string zstd_compress(std::string_view data, int level = 3);
Result<std::string> zstd_decompress(std::string_view data, std::size_t max_size);

std::string gzip_compress(std::string_view data, int level = 6);
Result<std::string> gzip_decompress(std::string_view data, std::size_t max_size);

}  // namespace sentinella
