#include "telemetry/meter_sample.h"

#include <gmock/gmock.h>

#include "base/json.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

json::object wire(json::object more = {}) {
  json::object made{{"counter_name", "cpu"},
                    {"counter_type", "cumulative"},
                    {"counter_unit", "ns"},
                    {"counter_volume", 5},
                    {"resource_id", "r"},
                    {"user_id", "u"},
                    {"project_id", "p"},
                    {"timestamp", "2026-11-21T10:00:00+00:00"},
                    {"resource_metadata", {{"a", 1}}},
                    {"message_id", "m"},
                    {"monotonic_time", 1.5}};
  for (const auto& [name, value] : more) made.insert_or_assign(name, value);
  return made;
}

TEST(MeterSample, WhatAnotherAgentSaysIsHandedOn) {
  const auto sample =
      sample_from_wire(wire({{"source", "region2"}, {"user_name", "ana"}, {"project_name", "web"}}));
  ASSERT_TRUE(sample) << describe(sample.error());
  const json::object again = sample_to_wire(*sample);
  EXPECT_EQ(again.at("source"), "region2");
  EXPECT_EQ(again.at("user_name"), "ana");
  EXPECT_EQ(again.at("project_name"), "web");
  EXPECT_EQ(again.at("counter_volume"), 5);
  EXPECT_EQ(again.at("message_id"), "m");
  EXPECT_EQ(again.at("monotonic_time"), 1.5);
}

TEST(MeterSample, WithoutAWordItIsOfOpenstackAndNamesNobody) {
  const json::object again =
      sample_to_wire(*sample_from_wire(wire({{"source", "openstack"}, {"user_name", nullptr}})));
  EXPECT_EQ(again.at("source"), "openstack");
  EXPECT_FALSE(again.contains("user_name")) << "older services do not know it";
  EXPECT_FALSE(again.contains("project_name"));
}

}  // namespace
}  // namespace sentinella::telemetry
