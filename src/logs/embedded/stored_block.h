// Where a sealed block lies on disk (format: docs/formats/logs.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "kv/database.h"
#include "kv/key.h"
#include "logs/block/block_encoder.h"
#include "logs/block/log_block.h"
#include "logs/embedded/id_filter.h"
#include "model/account.h"

namespace sentinella::logs {

struct StoredBlock {
  std::uint64_t number = 0;  ///< ascending within an account
  std::uint64_t bytes = 0;   ///< on disk
  int level = 0;             ///< how hard its sections are compressed
  BlockHeader header;
  IdFilter ids;
};

kv::Key row_key(AccountId account, char kind);
kv::Key section_key(AccountId account, std::uint64_t number, Section section);

/// Adds the rows of a block to `batch`, and says what is written there.
StoredBlock put_block(kv::WriteBatch& batch, AccountId account, std::uint64_t number, EncodedBlock encoded,
                      int level);
void put_index(kv::WriteBatch& batch, AccountId account, const StoredBlock& block);
void erase_block(kv::WriteBatch& batch, AccountId account, std::uint64_t number);
Result<StoredBlock> decode_index_row(std::uint64_t number, std::string_view row);
/// Reads sections as they are asked for; errors name the block. `db` must outlive it.
std::shared_ptr<LogBlock> open_block(const kv::Database& db, AccountId account, const StoredBlock& block);
/// The same block, compressed at `level`. nullopt: retention has taken it meanwhile.
Result<std::optional<StoredBlock>> put_repacked(kv::WriteBatch& batch, const kv::Database& db,
                                                AccountId account, const StoredBlock& block, int level);

}  // namespace sentinella::logs
