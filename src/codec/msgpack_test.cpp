#include "codec/msgpack.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace sentinella::codec {
namespace {

using namespace std::string_literals;

std::string json_of(std::string_view value) {
  JsonWriter json;
  return msgpack_to_json(value, json) ? json.take() : "refused";
}

TEST(Msgpack, EveryKindOfValueIsRead) {
  EXPECT_EQ(json_of("\x07"), "7");
  EXPECT_EQ(json_of("\xff"), "-1");
  EXPECT_EQ(json_of("\xd1\xff\x00"s), "-256");
  EXPECT_EQ(json_of("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"s), "18446744073709551615");
  EXPECT_EQ(json_of("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"s), "-9223372036854775808");
  EXPECT_EQ(json_of("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"s), "1.5");
  EXPECT_EQ(json_of("\xca\x3f\xc0\x00\x00"s), "1.5");
  EXPECT_EQ(json_of("\x93\xc0\xc2\xc3"), "[null,false,true]");
  EXPECT_EQ(json_of("\x82\xa1"
                    "a\x01\xd9\x01"
                    "b\xc4\x01"
                    "x"),
            R"({"a":1,"b":"x"})");
  EXPECT_EQ(json_of("\xdc\x00\x01\xd4\x00\x00"s), "[null]");
  EXPECT_EQ(json_of("\xc1"), "refused");
  EXPECT_EQ(json_of("\xdd\xff\xff\xff\xff"s), "refused");
  EXPECT_EQ(json_of(std::string(100, '\x91')), "refused");
}

TEST(Msgpack, WhatIsWrittenIsReadBack) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& texts, std::uint64_t number, bool flag) {
    std::string out;
    MsgpackWriter writer(out);
    writer.array(static_cast<std::uint32_t>(2 * texts.size() + 2));
    for (const std::string& text : texts) writer.text(text).bytes(text);
    writer.natural(number).boolean(flag);
    MsgpackReader reader(out);
    MsgpackValue value;
    RC_ASSERT(reader.next(value) && value.natural == 2 * texts.size() + 2);
    for (const std::string& text : texts)
      for (const auto kind : {MsgpackValue::Kind::text, MsgpackValue::Kind::bytes})
        RC_ASSERT(reader.next(value) && value.kind == kind && value.content == text);
    RC_ASSERT(reader.next(value) && value.natural == number);
    RC_ASSERT(reader.next(value) && value.flag == flag && reader.at_end());
  }));
}

TEST(Msgpack, TheEndOfAMessageIsFoundHoweverItComes) {
  std::string message;
  MsgpackWriter(message)
      .map(2)
      .text("a")
      .array(2)
      .bytes(std::string(300, 'x'))
      .natural(1)
      .text("b")
      .boolean(true);
  MsgpackExtent extent;
  for (std::size_t size = 0; size < message.size(); ++size)
    ASSERT_FALSE(*extent.find(std::string_view(message).substr(0, size))) << size;
  EXPECT_EQ(*extent.find(message + "more"), message.size());
  EXPECT_EQ(*extent.find("\x01\x02"), 1u);
  EXPECT_FALSE(extent.find("\xc1"));
}

}  // namespace
}  // namespace sentinella::codec
