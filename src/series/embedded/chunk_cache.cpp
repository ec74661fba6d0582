#include "series/embedded/chunk_cache.h"

#include <utility>

namespace sentinella::series {
namespace {

std::size_t bytes_of(const DiskChunks& known) {
  std::size_t bytes = 256;
  for (const DiskChunk& chunk : known.chunks) {
    bytes += sizeof chunk + 64;
    if (chunk.packed) bytes += chunk.packed->size();
    if (chunk.columns) bytes += chunk.columns->size() * 16;
    if (chunk.rolled) bytes += chunk.rolled->size() * 40;
  }
  return bytes;
}

}  // namespace

void ChunkCache::Shard::erase(std::list<Entry>::iterator at) {
  bytes -= at->bytes;
  of_id.erase(static_cast<std::uint64_t>(at->id));
  entries.erase(at);
}

ChunkCache::Known ChunkCache::find(SeriesId id) {
  Shard& shard = shard_of(id);
  Lock lock(shard.mutex);
  const auto found = shard.of_id.find(static_cast<std::uint64_t>(id));
  if (found == shard.of_id.end()) return {nullptr, shard.version};
  shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
  return {found->second->chunks, shard.version};
}

void ChunkCache::put(SeriesId id, SharedChunks chunks, std::uint64_t version) {
  const std::size_t bytes = bytes_of(*chunks);
  Shard& shard = shard_of(id);
  Lock lock(shard.mutex);
  if (shard.version != version) return;
  if (const auto old = shard.of_id.find(static_cast<std::uint64_t>(id)); old != shard.of_id.end())
    shard.erase(old->second);
  // One that takes so much room would push out too many.
  if (bytes > max_bytes_of_shard_ / 4) return;
  shard.entries.push_front({id, std::move(chunks), bytes});
  shard.of_id.emplace(static_cast<std::uint64_t>(id), shard.entries.begin());
  shard.bytes += bytes;
  while (shard.bytes > max_bytes_of_shard_) shard.erase(std::prev(shard.entries.end()));
}

void ChunkCache::forget(SeriesId id) {
  Shard& shard = shard_of(id);
  Lock lock(shard.mutex);
  ++shard.version;
  if (const auto found = shard.of_id.find(static_cast<std::uint64_t>(id)); found != shard.of_id.end())
    shard.erase(found->second);
}

std::size_t ChunkCache::bytes() const {
  std::size_t bytes = 0;
  for (const Shard& shard : shards_) {
    Lock lock(shard.mutex);
    bytes += shard.bytes;
  }
  return bytes;
}

}  // namespace sentinella::series
