// The samples of a batch as bytes: columns in groups of rows, each group as wide as its widest difference
// (format: docs/formats/batch.md). Made for speed: 8 bytes of value and, mostly, nothing else per sample.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "model/sample_block.h"

namespace sentinella::codec {

/// Appends to `out`.
void encode_samples(const SampleBlock& block, std::string& out);
/// False: damaged. Takes from `in` what encode_samples wrote; `block` must be empty.
bool decode_samples(ByteReader& in, SampleBlock& block);

}  // namespace sentinella::codec
