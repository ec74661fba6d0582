#include "agent/tail/position_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::SizeIs;

FilePosition position(const std::string& path, std::uint64_t inode, std::uint64_t offset) {
  return {path, {.device = 1, .inode = inode, .head_size = 9, .head_hash = 0xfedcba9876543210}, offset};
}

TEST(PositionStore, PositionsSurviveARestart) {
  TemporaryDirectory directory;
  {
    PositionStore store(directory / "positions.json");
    store.acknowledged(encode_positions({position("/a", 5, 100), position("/b", 6, 7)}));
    FilePosition last = position("/a", 5, 250);
    last.file.written = Time{1'795'342'511'000'000'000};
    store.acknowledged(encode_positions({last}));
    store.mark_known("/c");
    ASSERT_TRUE(store.save());
  }
  const PositionTable table = PositionStore(directory / "positions.json").table();
  ASSERT_THAT(table.of("/a"), SizeIs(1));
  EXPECT_EQ(table.of("/a")[0].offset, 250u);
  EXPECT_EQ(table.of("/a")[0].file.head_hash, 0xfedcba9876543210);
  EXPECT_EQ(table.of("/a")[0].file.written, Time{1'795'342'511'000'000'000});
  EXPECT_TRUE(table.is_known("/c"));
  EXPECT_FALSE(table.is_known("/d"));
}

TEST(PositionStore, DamagedFileIsPutAside) {
  TemporaryDirectory directory;
  append_to(directory / "positions.json", "{\"version\":1,\"fil");
  EXPECT_FALSE(PositionStore(directory / "positions.json").table().is_known("/a"));
  EXPECT_TRUE(std::filesystem::exists(directory / "positions.json.damaged"));
}

TEST(PositionStore, AFileThatIsTooLargeIsPutAsideLikewise) {
  TemporaryDirectory directory;
  append_to(directory / "positions.json", "{");
  std::filesystem::resize_file(directory / "positions.json", (16 << 20) + 1);
  const PositionStore store(directory / "positions.json");
  EXPECT_TRUE(std::filesystem::exists(directory / "positions.json.damaged"));
}

TEST(PositionStore, WhatIsForgottenIsNotSaved) {
  TemporaryDirectory directory;
  {
    PositionStore store(directory / "positions.json");
    store.acknowledged(encode_positions({position("/vm1", 5, 100), position("/vm2", 6, 7)}));
    ASSERT_TRUE(store.save());
    store.forget("/vm1");
    store.forget("/never");
    ASSERT_TRUE(store.save());
  }
  const PositionTable table = PositionStore(directory / "positions.json").table();
  EXPECT_FALSE(table.is_known("/vm1"));
  EXPECT_TRUE(table.is_known("/vm2"));
}

TEST(PositionStore, OnlyTheLastFilesOfAPathAreKept) {
  PositionTable table;
  for (std::uint64_t inode = 1; inode <= 40; ++inode) table.merge(position("/a", inode, inode));
  ASSERT_THAT(table.of("/a"), SizeIs(16));
  EXPECT_EQ(table.of("/a").back().file.inode, 40u);
}

TEST(PositionStore, BeginningOfReadingNeverMovesAnAcknowledgedPositionBack) {
  TemporaryDirectory directory;
  PositionStore store(directory / "p");
  store.acknowledged(encode_positions({position("/a", 5, 100)}));
  store.started_at(position("/a", 5, 0));
  store.started_at(position("/b", 6, 3));
  EXPECT_EQ(store.table().of("/a")[0].offset, 100u);
  EXPECT_EQ(store.table().of("/b")[0].offset, 3u);
}

TEST(FilePositions, TornBytesAreRefused) {
  FilePosition written = position("/a", 5, 100);
  const std::size_t without_time = encode_positions({written}).size() - 1;  // as in spools of older agents
  written.file.written = Time{1'795'342'511'000'000'000};
  const std::string bytes = encode_positions({written});
  ASSERT_TRUE(decode_positions(bytes));
  EXPECT_EQ((*decode_positions(bytes))[0].file.written, written.file.written);
  for (std::size_t size = 1; size < bytes.size(); ++size)
    EXPECT_EQ(decode_positions(bytes.substr(0, size)).has_value(), size == without_time) << size;
}

}  // namespace
}  // namespace sentinella::agent
