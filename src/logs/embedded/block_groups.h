// Counts chosen records of a block without putting them together where their columns tell enough.
#pragma once

#include "logs/log_groups.h"
#include "logs/scan/block_scan.h"

namespace sentinella::logs {

Result<void> count_groups(const LogBlock& block, BlockScan& scan, const Selection& chosen,
                          const Aggregation& aggregation, GroupCounter& counter);

}  // namespace sentinella::logs
