#include "series/embedded/chunk_rows.h"

#include <algorithm>

namespace sentinella::series {
namespace {

std::string key_of(AccountId account, const ChunkKey& chunk) {
  return chunk_key(account, chunk.id, chunk.last, rank_bits(chunk.rank));
}

}  // namespace

Result<void> ChunkRows::open() {
  Lock lock(mutex_);
  return db_.scan(
      hour_key(INT64_MIN, {}), hour_key(INT64_MAX, {}), [&](std::string_view key, std::string_view value) {
        kv::KeyReader reader(key);
        reader.u32();
        reader.tag();
        const std::int64_t hour = reader.time().ns;
        hours_[{hour, AccountId{reader.u32()}}] = static_cast<std::int64_t>(kv::KeyReader(value).u64());
        return true;
      });
}

/// The hours and the chunks they count change together.
Result<void> ChunkRows::write(kv::WriteBatch batch, const Hours& changes) {
  Lock lock(mutex_);
  Hours after;
  for (const auto& [hour, change] : changes) {
    const auto at = hours_.find(hour);
    after[hour] = std::max<std::int64_t>(0, change + (at == hours_.end() ? 0 : at->second));
    batch.put_number(hour_key(hour.since_epoch, hour.account), static_cast<std::uint64_t>(after[hour]));
  }
  SENT_TRY(db_.write(std::move(batch), kv::Sync::no));
  for (const auto& [hour, bytes] : after) hours_[hour] = bytes;
  return {};
}

Result<void> ChunkRows::put(std::span<const NewChunk> chunks) {
  return replace({}, {}, chunks);
}

Result<void> ChunkRows::replace(AccountId account, std::span<const ChunkKey> gone,
                                std::span<const NewChunk> chunks) {
  kv::WriteBatch batch;
  Hours changes;
  for (const ChunkKey& chunk : gone) {
    const std::string key = key_of(account, chunk);
    SENT_TRY_ASSIGN(const auto row, db_.get(key));
    if (row) changes[hour_of(account, chunk.last)] -= static_cast<std::int64_t>(row->size());
    batch.erase(key);
  }
  for (const NewChunk& chunk : chunks) {
    batch.put(chunk_key(chunk.account, chunk.id, chunk.last, rank_bits(chunk.rank)), chunk.bytes);
    changes[hour_of(chunk.account, chunk.last)] += static_cast<std::int64_t>(chunk.bytes.size());
  }
  SENT_TRY(write(std::move(batch), changes));
  for (const ChunkKey& chunk : gone) cache_.forget(chunk.id);
  for (const NewChunk& chunk : chunks) cache_.forget(chunk.id);
  return {};
}

Result<void> ChunkRows::scan(AccountId account, SeriesId id, Time from, Time until,
                             const Visitor& visit) const {
  Result<void> outcome;
  SENT_TRY(db_.scan(chunk_key(account, id, from, 0), chunk_key(account, id, until, UINT64_MAX),
                    [&](std::string_view key, std::string_view bytes) {
                      const auto chunk = read_chunk_key(key);
                      if (!chunk) outcome = std::unexpected(chunk.error());
                      return chunk && visit(*chunk, bytes);
                    }));
  return outcome;
}

Result<std::optional<ChunkKey>> ChunkRows::newest(AccountId account, SeriesId id) const {
  Result<std::optional<ChunkKey>> found;
  SENT_TRY(db_.scan_back(chunk_key(account, id, {INT64_MIN}, 0),
                         chunk_key(account, id, {INT64_MAX}, UINT64_MAX),
                         [&](std::string_view key, std::string_view) {
                           found = read_chunk_key(key);
                           return false;
                         }));
  return found;
}

Result<Time> ChunkRows::drop_before(AccountId account, SeriesId id, Time cutoff) {
  kv::WriteBatch batch;
  Hours changes;
  Time oldest_left{INT64_MAX};
  SENT_TRY(scan(account, id, {INT64_MIN}, {INT64_MAX}, [&](const ChunkKey& chunk, std::string_view bytes) {
    if (chunk.last >= cutoff) {
      oldest_left = chunk.last;
      return false;
    }
    batch.erase(key_of(account, chunk));
    changes[hour_of(account, chunk.last)] -= static_cast<std::int64_t>(bytes.size());
    return true;
  }));
  if (!changes.empty()) {
    SENT_TRY(write(std::move(batch), changes));
    cache_.forget(id);
  }
  return oldest_left;
}

Time ChunkRows::cutoff_for_bytes(std::uint64_t max_bytes, std::optional<AccountId> account) const {
  Lock lock(mutex_);
  std::int64_t total = 0;
  const auto counts = [&](const Hour& hour) { return !account || hour.account == *account; };
  for (const auto& [hour, bytes] : hours_) total += counts(hour) ? bytes : 0;
  Time cutoff{INT64_MIN};
  for (auto at = hours_.begin(); at != hours_.end() && static_cast<std::uint64_t>(total) > max_bytes; ++at) {
    if (!counts(at->first)) continue;
    total -= at->second;
    cutoff.ns = (at->first.since_epoch + 1) * 3'600'000'000'000;
  }
  return cutoff;
}

Result<void> ChunkRows::drop_empty_hours() {
  Lock lock(mutex_);
  kv::WriteBatch batch;
  for (const auto& [hour, bytes] : hours_)
    if (bytes == 0) batch.erase(hour_key(hour.since_epoch, hour.account));
  SENT_TRY(db_.write(std::move(batch), kv::Sync::no));
  std::erase_if(hours_, [](const auto& hour) { return hour.second == 0; });
  return {};
}

}  // namespace sentinella::series
