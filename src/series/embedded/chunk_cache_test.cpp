#include "series/embedded/chunk_cache.h"

#include <gtest/gtest.h>

namespace sentinella::series {
namespace {

SharedChunks chunks_of(std::size_t samples) {
  auto chunks = std::make_shared<DiskChunks>();
  const Columns columns{std::vector<Time>(samples), std::vector<double>(samples)};
  chunks->chunks.push_back({{}, {}, {}, nullptr, std::make_shared<const Columns>(columns), nullptr});
  return chunks;
}

TEST(ChunkCache, KeepsWhatWasAskedForLatelyWithinItsBytes) {
  ChunkCache cache(16 * 100'000);  // 100 kB for each sixteenth of the series
  for (std::uint64_t i = 0; i < 100; ++i) {
    const SeriesId id{i * 16};
    cache.put(id, chunks_of(1000), cache.find(id).version);
    EXPECT_TRUE(cache.find(SeriesId{0}).chunks) << "asked for all the time, after " << i;
    EXPECT_LE(cache.bytes(), 100'000u);
  }
  EXPECT_TRUE(cache.find(SeriesId{99 * 16}).chunks);
  EXPECT_FALSE(cache.find(SeriesId{50 * 16}).chunks);
}

TEST(ChunkCache, OneSeriesDoesNotPushOutAllOthers) {
  ChunkCache cache(16 * 100'000);
  cache.put(SeriesId{16}, chunks_of(1000), 0);
  cache.put(SeriesId{32}, chunks_of(6000), 0);
  EXPECT_TRUE(cache.find(SeriesId{16}).chunks);
  EXPECT_FALSE(cache.find(SeriesId{32}).chunks);
}

TEST(ChunkCache, WhatWasReadBeforeAChangeIsNotKeptAfterIt) {
  ChunkCache cache(1 << 20);
  const SeriesId id{7};
  const auto before = cache.find(id).version;
  cache.forget(id);
  cache.put(id, chunks_of(1), before);
  EXPECT_FALSE(cache.find(id).chunks);
  cache.put(id, chunks_of(1), cache.find(id).version);
  EXPECT_TRUE(cache.find(id).chunks);
  cache.forget(id);
  EXPECT_FALSE(cache.find(id).chunks);
  EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace sentinella::series
