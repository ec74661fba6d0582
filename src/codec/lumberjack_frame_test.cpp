#include "codec/lumberjack_frame.h"

#include <gtest/gtest.h>

namespace sentinella::codec {
namespace {

using namespace std::string_literals;
using Kind = LumberjackFrame::Kind;

std::string number(std::uint32_t value) {
  return lumberjack_ack('2', value).substr(2);
}
std::string sized(const std::string& text) {
  return number(static_cast<std::uint32_t>(text.size())) + text;
}

TEST(LumberjackFrame, EveryKindIsReadAndAwaitedToItsLastByte) {
  const std::string json = R"({"message":"x"})";
  const std::string pairs = number(2) + sized("line") + sized("text") + sized("host") + sized("c1");
  const struct {
    std::string bytes;
    Kind kind;
    std::uint32_t number;
    std::string payload;
  } kCases[] = {{"2W" + number(3), Kind::window, 3, ""},
                {"2J" + number(7) + sized(json), Kind::json, 7, json},
                {"2C" + sized("zlib"), Kind::compressed, 0, "zlib"},
                {"1D" + number(9) + pairs, Kind::pairs, 9, pairs}};
  for (const auto& one : kCases) {
    for (std::size_t size = 0; size < one.bytes.size(); ++size) {
      const auto part = read_lumberjack_frame(std::string_view(one.bytes).substr(0, size), 1000);
      ASSERT_TRUE(part);
      EXPECT_FALSE(*part) << size;
    }
    const std::string with_more = one.bytes + "2W";
    const auto frame = read_lumberjack_frame(with_more, 1000);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->kind, one.kind);
    EXPECT_EQ((*frame)->number, one.number);
    EXPECT_EQ((*frame)->payload, one.payload);
    EXPECT_EQ((*frame)->size, one.bytes.size());
  }
  ShippedDocument document;
  ASSERT_TRUE(read_lumberjack_pairs(pairs, document));
  ASSERT_EQ(document.size(), 2u);
  EXPECT_EQ(document.at(1).name, "host");
  EXPECT_EQ(document.at(1).value, "c1");
  EXPECT_EQ(lumberjack_ack('1', 258), "1A\0\0\x01\x02"s);
}

TEST(LumberjackFrame, WhatIsNoneOrTooLargeIsRefused) {
  for (const std::string& bytes :
       {"3W"s, "2X" + number(1), "2J" + number(1) + number(2000), "2C" + number(2000),
        "1D" + number(1) + number(1 << 20), "1D" + number(1) + number(1) + number(2000)})
    EXPECT_FALSE(read_lumberjack_frame(bytes, 1000)) << bytes;
  ShippedDocument document;
  EXPECT_FALSE(read_lumberjack_pairs(number(1) + sized("line"), document));
}

}  // namespace
}  // namespace sentinella::codec
