#include "telemetry/publish/body_template.h"

#include <gmock/gmock.h>

#include "base/json.h"
#include "model/trait_types.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

using testing::HasSubstr;

Event event() {
  Event made;
  made.id = "e-1";
  made.type = "compute.instance.create.error";
  made.time = {1'700'000'000'000'000'000};
  made.host = "compute1";
  made.summary = R"(instance "web" failed)";
  made.traits = {{"vcpus", "4"}, {"display_name", "web"}, {kTraitTypes, "vcpus=integer"}};
  return made;
}

std::string filled(const std::string& body) {
  const auto made = BodyTemplate::parse("events: " + body);
  EXPECT_TRUE(made) << describe(made.error());
  return made ? made->body(event()).value_or("nothing") : "wrong";
}

std::string error_of(const std::string& yaml) {
  const auto made = BodyTemplate::parse(yaml);
  return made ? "none" : describe(made.error());
}

TEST(BodyTemplate, AValueKeepsItsTypeAndTextIsMadeOfValues) {
  EXPECT_EQ(filled(R"({cpus: "${traits.vcpus}", text: "${event_type} with ${traits.vcpus} on ${host}"})"),
            R"({"cpus":4,"text":"compute.instance.create.error with 4 on compute1"})");
  EXPECT_EQ(filled(R"(["${traits}", 1, plain, null, true])"),
            R"([{"vcpus":4,"display_name":"web"},1,"plain",null,true])");
}

TEST(BodyTemplate, WhatTheEventDoesNotHaveIsNullOrNothing) {
  EXPECT_EQ(filled(R"({a: "${service}", b: "<${service}>", c: "${service | 'none'}"})"),
            R"({"a":null,"b":"<>","c":"none"})");
}

TEST(BodyTemplate, WhatAnEventSaysIsNeverMarkup) {
  EXPECT_EQ(filled(R"({"${host}": "${summary}", literal: "$${host} $5"})"),
            R"({"${host}":"instance \"web\" failed","literal":"${host} $5"})");
}

TEST(BodyTemplate, AValueMayGoThroughAPlugin) {
  EXPECT_EQ(filled(R"({$value: {fields: "event_type.`split(., 3, -1)`",
                                plugin: {name: map, parameters: {values: {error: 5}, default: 2}}}})"),
            "5");
}

TEST(BodyTemplate, SamplesHaveABodyOfTheirOwnOrNone) {
  const auto made = BodyTemplate::parse(R"({path: /in, headers: {X-From: us}, samples: {v: "${volume}"}})");
  ASSERT_TRUE(made) << describe(made.error());
  MeterSample sample;
  sample.volume = 1.5;
  EXPECT_EQ(made->body(sample), R"({"v":1.5E0})");
  EXPECT_EQ(made->body(event()), std::nullopt);
  EXPECT_EQ(made->path(), "/in");
  EXPECT_EQ(made->headers().at(0), std::pair(std::string("X-From"), std::string("us")));
}

TEST(BodyTemplate, AMistakeIsNamedWithItsPlace) {
  EXPECT_THAT(error_of("events: {data: [{a: '${host'}]}"), HasSubstr("events.data[0].a"));
  EXPECT_THAT(error_of("events: {a: '${[}'}"), HasSubstr("events.a"));
  EXPECT_THAT(error_of("events: {a: {$value: {plugin: map}}}"), HasSubstr("events.a"));
  EXPECT_THAT(error_of("events: {a: {$value: host, b: 1}}"), HasSubstr("$value"));
  EXPECT_THAT(error_of("event: {}"), HasSubstr("event"));
  EXPECT_THAT(error_of("path: /in"), HasSubstr("events"));
  EXPECT_THAT(error_of("[]"), HasSubstr("mapping"));
}

TEST(BodyTemplate, TheShippedOneSpeaksToZenoss) {
  const auto zenoss = BodyTemplate::parse(shipped_file("zenoss.yaml"));
  ASSERT_TRUE(zenoss) << describe(zenoss.error());
  EXPECT_EQ(*zenoss->body(event()),
            R"({"action":"EventsRouter","method":"add_event","type":"rpc","tid":1,"data":[{)"
            R"("summary":"instance \"web\" failed","device":"compute1","component":"web","severity":"Error",)"
            R"("evclasskey":"openstack|compute.instance.create.error","evclass":"/OpenStack"}]})");
  Event other = event();
  other.type = "compute.instance.create.end";
  EXPECT_THAT(*zenoss->body(other), HasSubstr(R"("severity":"Info")"));
  EXPECT_TRUE(zenoss->accepted(R"({"result": {"success": true, "msg": "Created event"}})"));
  EXPECT_FALSE(zenoss->accepted(R"({"result": {"success": false, "msg": "no"}})"));
  EXPECT_FALSE(zenoss->accepted("<html>please log in</html>"));
}

}  // namespace
}  // namespace sentinella::telemetry
