#include "logs/embedded/log_matcher.h"

#include "logs/block/id_text.h"
#include "logs/embedded/record_buffer.h"
#include "logs/query/query_parser.h"

#include <gtest/gtest.h>

namespace sentinella::logs {
namespace {

TEST(LogMatcher, ACursorReadsBackAndNothingElseDoes) {
  const Position position{{-7}, {1ull << 40, 3}};
  EXPECT_EQ(**parse_cursor(to_cursor(position)), position);
  EXPECT_FALSE(*parse_cursor(""));
  EXPECT_FALSE(parse_cursor("AAAA"));
  EXPECT_FALSE(parse_cursor(to_cursor(position) + "AAAA"));
}

TEST(LogMatcher, ABlockWithTooManyHostsToListIsNotSkipped) {
  RecordBuffer block;
  for (std::uint32_t i = 0; i < 200; ++i) {
    LogRecord record;
    record.host = std::to_string(i);
    record.service = "nova";
    block.add(view_of({1, i}, record));
  }
  LogQuery query;
  query.host = "77";
  EXPECT_TRUE(LogMatcher(query).may_match(block.header(), {}));
  query.service = "glance";
  EXPECT_FALSE(LogMatcher(query).may_match(block.header(), {}));
}

TEST(LogMatcher, ABlockWithoutTheIdIsSkipped) {
  const std::string id = "0b6c7d1e-a000-4d0e-9c0f-2f60b3a40000",
                    other = "1b6c7d1e-a000-4d0e-9c0f-2f60b3a40000";
  const IdFilter filter = IdFilter::of(*parse_id(id));
  RecordBuffer block;
  block.add(RecordView{});
  const auto may = [&](const LogQuery& query) { return LogMatcher(query).may_match(block.header(), filter); };
  EXPECT_TRUE(may({.request_id = "req-" + id}));
  EXPECT_FALSE(may({.request_id = "req-" + other}));
  EXPECT_TRUE(may({.words = {"instance " + id}}));
  EXPECT_FALSE(may({.words = {"instance " + other}}));
  EXPECT_TRUE(may({.words = {other.substr(1)}}));
  EXPECT_TRUE(may({.instance = "name"}));
}

TEST(LogMatcher, WhatEveryMatchMustHaveIsKnown) {
  const auto texts = [](std::string_view text) {
    LogQuery query;
    query.expression = parse_query(text).value().expression;
    return LogMatcher(query).needed_texts();
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts("word"), Texts{"word"});
  EXPECT_EQ(texts("word Longer or x"), (Texts{"longer", "x"}));
  EXPECT_EQ(texts("(a1 or b2) and longest"), Texts{"longest"});
  EXPECT_EQ(texts("request_id:req-1A or instance:2"), (Texts{"req-1a", "2"}));
  EXPECT_EQ(texts("/Lost [a-z]+/"), Texts{"lost "});
  EXPECT_EQ(texts("/(boom|crash)[0-9]/ or word"), (Texts{"boom", "crash", "word"}));
  EXPECT_EQ(texts("/[a-z]+/"), Texts{});
  EXPECT_EQ(texts("word or severity:error"), Texts{});
  EXPECT_EQ(texts("-word"), Texts{});
  EXPECT_EQ(texts("a or b or c or d or e or f or g or h or i"), Texts{});
}

TEST(LogMatcher, ABlockWithNoneOfTheAlternativesIsSkipped) {
  const std::string id = "0b6c7d1e-a000-4d0e-9c0f-2f60b3a40000",
                    other = "1b6c7d1e-a000-4d0e-9c0f-2f60b3a40000", third = "2" + other.substr(1);
  const IdFilter filter = IdFilter::of(*parse_id(id));
  RecordBuffer block;
  LogRecord record;
  record.host = "c1";
  record.service = "nova";
  block.add(view_of({1, 0}, record));
  const auto may = [&](std::string_view text) {
    LogQuery query;
    query.expression = parse_query(text).value().expression;
    return LogMatcher(query).may_match(block.header(), filter);
  };
  EXPECT_TRUE(may("request_id:req-" + other + " or request_id:req-" + id));
  EXPECT_FALSE(may("request_id:req-" + other + " or \"" + third + "\""));
  EXPECT_FALSE(may("service:glance or service:keystone"));
  EXPECT_TRUE(may("service:glance or host:c1"));
  EXPECT_FALSE(may("(service:glance or host:c1) request_id:req-" + other));
  EXPECT_TRUE(may("-service:nova")) << "other records of the block may be of another service";
}

TEST(RecordBuffer, ADamagedHeaderOrRecordIsToldNotGuessed) {
  RecordBuffer block;
  LogRecord record;
  record.raw = "raw text";
  record.message = "text";
  block.add(view_of({1, 0}, record));
  const std::string header = encode_header(block.header());
  for (std::size_t size = 0; size < header.size(); ++size)
    EXPECT_FALSE(decode_header(header.substr(0, size)));
  for (std::size_t size = 1; size < block.records().size(); ++size) {
    RecordReader reader(std::string_view(block.records()).substr(0, size));
    RecordView view;
    EXPECT_EQ(reader.next(view).error().code, Errc::kCorrupt);
  }
}

}  // namespace
}  // namespace sentinella::logs
