// What stands after q= in a log search.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::api::native {

/// Words between blanks, or "several words" in quotes, all of which a record must contain. kInvalid: a quote
/// that is not closed, more than `max` words.
Result<std::vector<std::string>> parse_log_words(std::string_view text, std::size_t max);

}  // namespace sentinella::api::native
