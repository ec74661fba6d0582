#include "codec/forward_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/compress.h"
#include "base/crypto.h"
#include "codec/msgpack.h"

namespace sentinella::codec {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::string record(std::string_view message) {
  std::string out;
  MsgpackWriter(out).map(1).text("message").text(message);
  return out;
}

const std::string kEventTime = "\xd7\x00\x00\x00\x00\x07\x00\x00\x00\x05"s;  // 7.000000005 s

std::string entries(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += "\x92" + kEventTime + record(std::to_string(i));
  return out;
}

std::string options(std::string_view compressed) {
  std::string out;
  MsgpackWriter(out)
      .map(3)
      .text("size")
      .natural(2)
      .text("chunk")
      .text("c1")
      .text("compressed")
      .text(compressed);
  return out;
}

struct Read {
  Result<ForwardHead> head;
  std::vector<std::string> events;
};

Read read(const std::string& message) {
  std::vector<std::string> events;
  auto head = read_forward_message(message, 1 << 20, [&](const ForwardEvent& event) {
    JsonWriter json;
    msgpack_to_json(event.record, json);
    events.push_back(std::to_string(event.time.ns) + " " + json.str());
  });
  return {std::move(head), std::move(events)};
}

const std::string kFirst = R"(7000000005 {"message":"0"})", kSecond = R"(7000000005 {"message":"1"})";

TEST(ForwardMessage, EveryModeIsRead) {
  const auto message = read("\x93\xa3tag\x07" + record("x"));
  ASSERT_TRUE(message.head);
  EXPECT_EQ(message.head->tag, "tag");
  EXPECT_EQ(message.head->chunk, "");
  EXPECT_THAT(message.events, ElementsAre(R"(7000000000 {"message":"x"})"));

  const auto forward = read("\x93\xa3tag\x92" + entries(2) + options("text"));
  ASSERT_TRUE(forward.head) << forward.head.error().message;
  EXPECT_EQ(forward.head->chunk, "c1");
  EXPECT_THAT(forward.events, ElementsAre(kFirst, kSecond));

  for (const auto& [name, packed] : {std::pair{"text"s, entries(2)},
                                     {"gzip"s, gzip_compress(entries(2))},
                                     {"zstd"s, zstd_compress(entries(2))}}) {
    std::string whole = "\x93";
    MsgpackWriter(whole).text("tag").bytes(packed);
    const auto found = read(whole + options(name));
    ASSERT_TRUE(found.head) << name << found.head.error().message;
    EXPECT_EQ(found.head->chunk, "c1") << name;
    EXPECT_THAT(found.events, ElementsAre(kFirst, kSecond)) << name;
  }
}

TEST(ForwardMessage, MetadataBesideATimeIsPassedOver) {
  const auto found = read("\x92\xa3tag\x91\x92\x92" + kEventTime + "\x80" + record("0"));
  ASSERT_TRUE(found.head) << found.head.error().message;
  EXPECT_THAT(found.events, ElementsAre(kFirst));
}

TEST(ForwardMessage, WhatIsNoneIsRefusedWithTheReason) {
  EXPECT_FALSE(read("\x01").head);
  EXPECT_FALSE(read("\x93\xa3tag\xc3" + record("x")).head);
  EXPECT_THAT(read("\x92\xa3tag\x91\x01").head.error().message, HasSubstr("no pair"));
  std::string bomb = "\x93";
  MsgpackWriter(bomb).text("tag").bytes(gzip_compress(std::string(2 << 20, '\0')));
  EXPECT_EQ(read(bomb + options("gzip")).head.error().code, Errc::kTooLarge);
  std::string unknown = "\x93";
  MsgpackWriter(unknown).text("tag").bytes("x");
  EXPECT_EQ(read(unknown + options("brotli")).head.error().code, Errc::kUnsupported);
}

TEST(ForwardMessage, BothSidesProveThatTheyKnowTheKey) {
  const std::string nonce = "nonce", salt = "salt", key = "secret";
  const auto ping = [&](const std::string& with) {
    std::string out;
    MsgpackWriter(out)
        .array(6)
        .text("PING")
        .text("client")
        .bytes(salt)
        .text(sha512_hex(salt + "client" + nonce + with))
        .text("")
        .text("");
    return out;
  };
  EXPECT_THAT(forward_helo(nonce), HasSubstr(nonce));
  const auto good = read_forward_ping(ping(key), nonce, key);
  ASSERT_TRUE(good);
  EXPECT_TRUE(good->knows_key);
  EXPECT_THAT(forward_pong(*good, "server", nonce, key),
              HasSubstr(sha512_hex(salt + "server" + nonce + key)));
  const auto bad = read_forward_ping(ping("guess"), nonce, key);
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->knows_key);
  EXPECT_THAT(forward_pong(*bad, "server", nonce, key), HasSubstr("shared_key mismatch"));
  EXPECT_FALSE(read_forward_ping("\x93\xa3tag\x07\x80", nonce, key));
}

}  // namespace
}  // namespace sentinella::codec
