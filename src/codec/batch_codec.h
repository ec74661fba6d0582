// Batch <-> one journal record (format: docs/formats/batch.md). Compact: strings through a dictionary per
// batch, times as deltas.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/batch.h"

namespace sentinella::codec {

/// kTooLarge: the batch's texts come to over 256 MiB, which decode_batch would refuse.
Result<std::string> encode_batch(const Batch& batch);
/// kCorrupt names the byte; kUnsupported: a newer version.
Result<Batch> decode_batch(std::string_view bytes);

}  // namespace sentinella::codec
