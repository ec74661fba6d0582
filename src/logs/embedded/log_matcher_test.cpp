#include "logs/embedded/log_matcher.h"

#include <gtest/gtest.h>

namespace sentinella::logs {
namespace {

TEST(LogMatcher, WordsAreFoundWhateverTheirCase) {
  EXPECT_TRUE(contains_ignoring_case("No Valid Host", "valid"));
  EXPECT_TRUE(contains_ignoring_case("xxvaVALID", "valid"));
  EXPECT_TRUE(contains_ignoring_case("req-12AB", "12ab"));
  EXPECT_TRUE(contains_ignoring_case("anything", ""));
  EXPECT_FALSE(contains_ignoring_case("vali", "valid"));
  EXPECT_FALSE(contains_ignoring_case("", "v"));
}

TEST(LogMatcher, ACursorReadsBackAndNothingElseDoes) {
  const Position position{{-7}, {1ull << 40, 3}};
  EXPECT_EQ(**parse_cursor(to_cursor(position)), position);
  EXPECT_FALSE(*parse_cursor(""));
  EXPECT_FALSE(parse_cursor("AAAA"));
  EXPECT_FALSE(parse_cursor(to_cursor(position) + "AAAA"));
}

TEST(LogMatcher, ABlockWithTooManyHostsToListIsNotSkipped) {
  BlockBuilder block;
  for (std::uint32_t i = 0; i < 100; ++i) {
    LogRecord record;
    record.host = std::to_string(i);
    record.service = "nova";
    block.add({1, i}, record);
  }
  LogQuery query;
  query.host = "77";
  EXPECT_TRUE(LogMatcher(query).may_match(block.header()));
  query.service = "glance";
  EXPECT_FALSE(LogMatcher(query).may_match(block.header()));
}

TEST(LogBlock, ADamagedHeaderOrRecordIsToldNotGuessed) {
  BlockBuilder block;
  LogRecord record;
  record.raw = "raw text";
  record.message = "text";
  block.add({1, 0}, record);
  const std::string header = encode_header(block.header());
  for (std::size_t size = 0; size < header.size(); ++size)
    EXPECT_FALSE(decode_header(header.substr(0, size)));
  for (std::size_t size = 1; size < block.records().size(); ++size) {
    BlockReader reader(std::string_view(block.records()).substr(0, size));
    RecordView view;
    EXPECT_EQ(reader.next(view).error().code, Errc::kCorrupt);
  }
}

}  // namespace
}  // namespace sentinella::logs
