// Which services' records of which blocks have to go, by the limits of accounts and streams.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "logs/block/block_encoder.h"
#include "logs/block/log_block.h"
#include "logs/embedded/stored_block.h"
#include "logs/log_store.h"

namespace sentinella::logs {

struct Purge {
  std::shared_ptr<const StoredBlock> block;
  std::vector<std::string> services;  ///< all their records go
  bool everything = false;            ///< so nothing is left
};

/// `blocks` of one account, in order of arrival. A block with more services than its header can list is
/// touched by limits for all services only.
std::vector<Purge> plan_purges(AccountId account, std::span<const std::shared_ptr<const StoredBlock>> blocks,
                               std::span<const LogLimit> limits, Time now);

/// The bytes on disk that the texts of a service (of the block's header) are the cause of.
std::uint64_t share_of(const StoredBlock& block, std::size_t service);

/// The block without these services' records.
Result<EncodedBlock> encode_without(const LogBlock& block, std::span<const std::string> services);

}  // namespace sentinella::logs
