#include "telemetry/message_signature.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

/// What Ceilometer 19 signed with when its configuration named no telemetry_secret.
constexpr std::string_view kCeilometersDefault = "change this for valid signing";

bool fits(const json::object& wire, std::string_view secret) {
  std::size_t allowance = kMostSignedBytesOfMessage;
  return is_signed(wire, secret, allowance);
}

/// A sample of `members` numbers below one key; more than key x members bytes of it are signed.
json::object below_a_key(std::size_t key, std::size_t members) {
  json::object numbers;
  for (std::size_t i = 0; i < members; ++i) numbers[fmt::format("{:05}", i)] = 1;
  json::object wire;
  wire[std::string(key, 'k')] = std::move(numbers);
  return wire;
}

/// Signed as Ceilometer would, however long that is.
void sign_whatever_it_takes(json::object& wire, std::string_view secret) {
  const auto& [key, numbers] = *wire.begin();
  std::string text;
  for (const auto& [name, value] : numbers.as_object())
    text += fmt::format("{}:{}1", std::string_view(key), std::string_view(name));
  wire["message_signature"] = to_hex(hmac_sha256(secret, text));
}

/// The polled samples of a real cloud.
std::vector<json::object> recorded_samples() {
  std::vector<json::object> out;
  for (const std::string& body : recorded_bodies()) {
    const auto parsed = parse_notification(body);
    if (!parsed || parsed->event_type != "telemetry.polling") continue;
    for (const json::value& sample : parsed->payload().at("samples").as_array())
      out.push_back(sample.as_object());
  }
  return out;
}

TEST(MessageSignature, CeilometersOwnOnesFit) {
  const auto samples = recorded_samples();
  ASSERT_GE(samples.size(), 5u);
  for (json::object sample : samples) {
    EXPECT_TRUE(fits(sample, kCeilometersDefault));
    EXPECT_FALSE(fits(sample, "another"));
    sample["counter_volume"] = sample["counter_volume"].to_number<double>() + 1;
    EXPECT_FALSE(fits(sample, kCeilometersDefault));
    sample.erase("message_signature");
    EXPECT_FALSE(fits(sample, kCeilometersDefault));
    EXPECT_TRUE(fits(sample, "")) << "nobody asks for one";
  }
}

/// The digest is Ceilometer's algorithm's, run in Python.
TEST(MessageSignature, ValuesAreWrittenAsPythonWritesThem) {
  auto wire = *parse_json_object(
      R"({"b": true, "a": null, "f": 1.0, "g": 1e+16, "h": 1e-05, "k": 0.1, "n": -7, "t": "\u00d1and\u00fa \"'x'\"",
          "m": {"z": {"y": 2}, "e": {}, "l": ["a'b", "say \"it's\"", "tab\t\\\u00f1\u0000\u200b\u20ac", 1, 2.5, null,
          false, {"b": 1, "a": []}]}, "message_signature": "old"})");
  EXPECT_EQ(signature_of(wire, "sécret"), "c1bcc91fa024af806608aabb9fc97ec77ffd52fd88db0b8c5cd970537febc99c");
  EXPECT_EQ(signature_of(wire, ""), "");
  sign(wire, "sécret");
  EXPECT_TRUE(fits(wire, "sécret"));
}

TEST(MessageSignature, WhatIsTooLongToBeSignedIsNot) {
  json::object just = below_a_key(2000, 500), more = below_a_key(2000, 600);
  sign_whatever_it_takes(just, "s");
  sign_whatever_it_takes(more, "s");
  EXPECT_TRUE(fits(just, "s"));
  EXPECT_FALSE(fits(more, "s"));
  sign(more, "s");
  EXPECT_EQ(more.at("message_signature"), "");
  EXPECT_FALSE(fits(more, "s")) << "no signature is none that fits";
}

/// Gathered it would be 30 GB.
TEST(MessageSignature, ALongKeyAboveManyMembersIsNotWrittenOutForEach) {
  json::object wire = below_a_key(512u << 10, 60'000);
  wire["message_signature"] = std::string(64, '0');
  EXPECT_FALSE(fits(wire, "s"));
}

TEST(MessageSignature, TheSamplesOfOneMessageShareWhatMayBeHashed) {
  json::object wire = below_a_key(100, 3);
  sign(wire, "s");
  std::size_t allowance = 700;
  EXPECT_TRUE(is_signed(wire, "s", allowance));
  EXPECT_TRUE(is_signed(wire, "s", allowance));
  EXPECT_FALSE(is_signed(wire, "s", allowance));
  EXPECT_LT(allowance, 100u);
}

}  // namespace
}  // namespace sentinella::telemetry
