// Finds every UUID in 8-4-4-4-12 hexadecimal form (RFC 9562 section 4) in a text, at the speed of memory.
#pragma once

#include <string_view>
#include <vector>

#include "base/ids.h"

namespace sentinella::codec {

/// Appends the UUIDs of `text` in order, repetitions included. One whose neighbour is a letter or a digit
/// is part of something else and does not count.
void scan_uuids(std::string_view text, std::vector<Uuid>& out);

}  // namespace sentinella::codec
