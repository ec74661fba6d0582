#include "telemetry/message_signature.h"

#include <gmock/gmock.h>

#include "telemetry/telemetry_testing.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

/// What Ceilometer 19 signed with when its configuration named no telemetry_secret.
constexpr std::string_view kCeilometersDefault = "change this for valid signing";

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
    EXPECT_TRUE(is_signed(sample, kCeilometersDefault));
    EXPECT_FALSE(is_signed(sample, "another"));
    sample["counter_volume"] = sample["counter_volume"].to_number<double>() + 1;
    EXPECT_FALSE(is_signed(sample, kCeilometersDefault));
    sample.erase("message_signature");
    EXPECT_FALSE(is_signed(sample, kCeilometersDefault));
    EXPECT_TRUE(is_signed(sample, "")) << "nobody asks for one";
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
  EXPECT_TRUE(is_signed(wire, "sécret"));
}

}  // namespace
}  // namespace sentinella::telemetry
