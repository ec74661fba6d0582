// Names by pattern, as Python's fnmatch has them: * for any text, ? for a character, [seq] for one of these
// or of a range, [!seq] for none of them. Characters are bytes.
#pragma once

#include <string_view>

namespace sentinella::catalog {

/// Takes at most the product of both lengths.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace sentinella::catalog
