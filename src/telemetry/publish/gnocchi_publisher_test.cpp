#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "telemetry/publish/publish_testing.h"

namespace sentinella::telemetry {
namespace {

using publish_testing::event;
using publish_testing::publisher;
using publish_testing::Receiver;
using publish_testing::sample;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Of the shipped gnocchi_resources.yaml, made before anything is published.
constexpr int kPolicies = 4;

TEST(GnocchiPublisher, MakesTheResourcesThatTheOtherSideDoesNotKnow) {
  Receiver receiver;
  const auto gnocchi = publisher(receiver.at("gnocchi", "/g?archive_policy=low").replace(10, 0, "admin:@"));
  MeterSample one = sample();
  one.resource_id = "i/1";
  one.metadata = std::make_shared<const boost::json::object>(
      boost::json::object{{"display_name", "web"}, {"flavor", {{"name", "m1"}}}, {"host", "c1"}});
  for (int i = 0; i < kPolicies; ++i) receiver.answer(i == 0 ? 409 : 201);
  receiver.answer(400, R"({"code":400,"description":{"cause":"Unknown resources","detail":[]}})");
  receiver.answer(201);
  receiver.answer(202);
  receiver.answer(200);
  ASSERT_TRUE(gnocchi->publish({"", {one}, {event()}}));
  auto requests = receiver.requests();
  ASSERT_THAT(requests, SizeIs(kPolicies + 4));
  EXPECT_EQ(requests[0].path, "/g/v1/archive_policy");
  EXPECT_EQ(parse_json(requests[0].body)->at("name"), "ceilometer-low");
  EXPECT_EQ(parse_json(requests[0].body)->at("definition").at(0).at("points"), 8640);
  requests.erase(requests.begin(), requests.begin() + kPolicies);
  EXPECT_EQ(requests[0].path, "/g/v1/batch/resources/metrics/measures");
  EXPECT_EQ(requests[0].query, "create_metrics=true");
  EXPECT_EQ(requests[0].headers.get("Authorization"), "Basic YWRtaW46");
  const auto metric = parse_json(requests[0].body)->at("i_1").at("cpu_util");
  EXPECT_EQ(metric.at("archive_policy_name"), "low");
  EXPECT_EQ(metric.at("measures").at(0).at("value"), 12.5);
  EXPECT_EQ(requests[1].path, "/g/v1/resource/instance");
  const auto made = *parse_json(requests[1].body);
  EXPECT_EQ(made.at("id"), "i_1");
  EXPECT_EQ(made.at("display_name"), "web");
  EXPECT_EQ(made.at("flavor_name"), "m1");
  EXPECT_EQ(made.at("host"), "c1");
  EXPECT_EQ(made.at("project_id"), "p");
  EXPECT_EQ(requests[3].method + requests[3].path, "PATCH/g/v1/resource/instance/i_1");
}

TEST(GnocchiPublisher, TellsAttributesOnlyWhenTheyChange) {
  Receiver receiver;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(gnocchi->publish({"", {sample()}, {}}));
  EXPECT_THAT(receiver.requests(), SizeIs(kPolicies + 4));
  receiver.status = 503;
  EXPECT_EQ(gnocchi->publish({"", {sample()}, {}}).error().code, Errc::kUnavailable);
  EXPECT_FALSE(make_publisher("gnocchi://h?resources_definition_file=/nowhere"));
}

/// What the other side is told of hosts: of a sample of an instance, of its time and of the notification that
/// it came with ("" = polled).
struct FromHost {
  int minute;
  std::string host, notification;
};
std::vector<std::string> hosts_told(const std::vector<std::vector<FromHost>>& batches) {
  Receiver receiver;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  for (const auto& batch : batches) {
    Outgoing out;
    for (const FromHost& from : batch) {
      MeterSample& one = out.samples.emplace_back(sample("memory"));
      one.timestamp = one.timestamp + from.minute * Duration(1min);
      one.from_notification = !from.notification.empty();
      boost::json::object metadata{{"host", from.host}};
      one.event_type = from.notification;
      one.metadata = std::make_shared<const boost::json::object>(std::move(metadata));
    }
    EXPECT_TRUE(gnocchi->publish(out));
  }
  std::vector<std::string> hosts;
  for (const auto& request : receiver.requests())
    if (request.method == "PATCH")
      hosts.emplace_back(std::string_view(parse_json(request.body)->at("host").as_string()));
  return hosts;
}

Event about_instance(const std::string& type, int minute, const std::string& host) {
  Event made = event();
  made.type = type;
  made.time = made.time + minute * Duration(1min);
  made.traits = {{"instance_id", "i"}, {"host", host}, {"display_name", "web"}};
  return made;
}

/// "METHOD path body" of what was asked, since the last time.
std::vector<std::string> asked(const Receiver& receiver, std::size_t& seen) {
  std::vector<std::string> out;
  const auto requests = receiver.requests();
  for (; seen < requests.size(); ++seen)
    out.push_back(fmt::format("{} {} {}", requests[seen].method, requests[seen].path, requests[seen].body));
  return out;
}

TEST(GnocchiPublisher, EventsMakeChangeAndEndResources) {
  Receiver receiver;
  std::size_t seen = 0;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  const auto tell = [&](const Event& said) { EXPECT_TRUE(gnocchi->publish({"", {}, {said}})); };
  tell(about_instance("compute.instance.create.end", 0, "c1"));
  EXPECT_THAT(asked(receiver, seen),
              ElementsAre(AllOf(HasSubstr("POST /v1/resource/instance "), HasSubstr(R"("id":"i")"),
                                HasSubstr(R"("host":"c1")"), HasSubstr(R"("display_name":"web")")),
                          HasSubstr("PATCH /v1/resource/instance/i ")));
  tell(about_instance("compute.instance.live_migration.post.dest.end", 2, "c2"));
  EXPECT_THAT(asked(receiver, seen),
              ElementsAre(AllOf(HasSubstr("PATCH /v1/resource/instance/i "), HasSubstr(R"("host":"c2")"))));
  tell(about_instance("compute.instance.live_migration.post.dest.end", 1, "c1"));
  tell(about_instance("compute.instance.live_migration._post.end", 3, "c1"));
  tell(event());
  EXPECT_THAT(asked(receiver, seen), IsEmpty()) << "late, of the source, of an image without an id";
  for (int i = 0; i < 2; ++i) receiver.answer(200, "{}");
  receiver.answer(200, R"([{"id": "i-nic1"}, {"id": "i-nic2"}])");
  for (int i = 0; i < 2; ++i) receiver.answer(200, "{}");
  receiver.answer(404, "{}");
  tell(about_instance("compute.instance.delete.start", 4, "c2"));
  EXPECT_THAT(asked(receiver, seen),
              ElementsAre("GET /v1/resource/instance/i ",
                          R"(PATCH /v1/resource/instance/i {"ended_at":"2023-11-14T22:17:20.000Z"})",
                          R"(POST /v1/search/resource/instance_network_interface {"=":{"instance_id":"i"}})",
                          HasSubstr("PATCH /v1/resource/instance_network_interface/i-nic1 {\"ended_at\""),
                          HasSubstr("PATCH /v1/resource/instance_network_interface/i-nic2 {\"ended_at\""),
                          R"(POST /v1/search/resource/instance_disk {"=":{"instance_id":"i"}})"));
}

TEST(GnocchiPublisher, AResourceStartsWhenItIsFirstToldOf) {
  Receiver receiver;
  std::size_t seen = 0;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  ASSERT_TRUE(gnocchi->publish({"", {}, {about_instance("compute.instance.create.end", 1, "c1")}}));
  EXPECT_THAT(asked(receiver, seen)[0], HasSubstr(R"("started_at":"2023-11-14T22:14:20.000Z")"));
  for (int i = 0; i < kPolicies; ++i) receiver.answer(201);
  receiver.answer(400, R"({"code":400,"description":{"cause":"Unknown resources","detail":[]}})");
  receiver.answer(404);
  receiver.answer(201);
  MeterSample newer = sample(), older = sample();
  newer.timestamp = newer.timestamp + Duration(1min);
  ASSERT_TRUE(gnocchi->publish({"", {newer, older}, {}}));
  const auto requests = asked(receiver, seen);
  EXPECT_THAT(requests.at(kPolicies + 1), AllOf(HasSubstr("POST /v1/resource/instance "),
                                                HasSubstr(R"("started_at":"2023-11-14T22:13:20.000Z")")));
  EXPECT_THAT(requests.at(kPolicies + 2), AllOf(HasSubstr("POST /v1/resource/generic "),
                                                HasSubstr(R"("started_at":"2023-11-14T22:13:20.000Z")")));
}

TEST(GnocchiPublisher, NothingEndsBeforeItStartsOrTwice) {
  Receiver receiver;
  std::size_t seen = 0;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  receiver.answer(404);
  receiver.answer(200, R"({"id": "a-uuid", "started_at": "2023-11-14T22:30:00+00:00", "ended_at": null})");
  receiver.answer(200);
  receiver.answer(200, R"([{"id": "nic1", "started_at": "2023-11-14T22:00:00+00:00",
                            "ended_at": "2023-11-14T22:01:00+00:00"},
                           {"id": "nic2", "started_at": "2023-11-14T22:00:00+00:00", "ended_at": null}])");
  receiver.answer(200);
  receiver.answer(404);
  ASSERT_TRUE(gnocchi->publish({"", {}, {about_instance("compute.instance.delete.start", 4, "c2")}}));
  EXPECT_THAT(
      asked(receiver, seen),
      ElementsAre(
          "GET /v1/resource/instance/i ", "GET /v1/resource/generic/i ",
          R"(PATCH /v1/resource/generic/i {"ended_at":"2023-11-14T22:30:00.000Z"})",
          HasSubstr("POST /v1/search/resource/instance_network_interface "),
          R"(PATCH /v1/resource/instance_network_interface/nic2 {"ended_at":"2023-11-14T22:17:20.000Z"})",
          HasSubstr("POST /v1/search/resource/instance_disk ")));
}

TEST(GnocchiPublisher, AnEndThatIsRefusedHoldsUpNoOther) {
  Receiver receiver;
  std::size_t seen = 0;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  receiver.answer(200, "{}");
  receiver.answer(403);
  receiver.answer(200, R"([{"id": "nic1"}, {"id": "nic2"}])");
  receiver.answer(400);
  receiver.answer(200);
  receiver.answer(200, "[]");
  EXPECT_EQ(
      gnocchi->publish({"", {}, {about_instance("compute.instance.delete.start", 4, "c2")}}).error().code,
      Errc::kInvalid);
  EXPECT_THAT(asked(receiver, seen),
              ElementsAre("GET /v1/resource/instance/i ", HasSubstr("PATCH /v1/resource/instance/i "),
                          HasSubstr("POST /v1/search/resource/instance_network_interface "),
                          HasSubstr("PATCH /v1/resource/instance_network_interface/nic1 "),
                          HasSubstr("PATCH /v1/resource/instance_network_interface/nic2 "),
                          HasSubstr("POST /v1/search/resource/instance_disk ")));
  receiver.answer(200, "not JSON");
  EXPECT_EQ(
      gnocchi->publish({"", {}, {about_instance("compute.instance.delete.start", 5, "c2")}}).error().code,
      Errc::kUnavailable);
}

TEST(GnocchiPublisher, AnEventThatIsRefusedHoldsUpNoOther) {
  Receiver receiver;
  std::size_t seen = 0;
  const auto gnocchi = publisher(receiver.at("gnocchi"));
  receiver.answer(400, "required key not provided");
  const auto first = about_instance("compute.instance.create.end", 0, "c1");
  const auto second = about_instance("compute.instance.resize.revert.end", 1, "c2");
  EXPECT_EQ(gnocchi->publish({"", {}, {first, second}}).error().code, Errc::kInvalid);
  EXPECT_EQ(asked(receiver, seen).size(), 2u);
  receiver.status = 503;
  EXPECT_EQ(
      gnocchi->publish({"", {}, {about_instance("compute.instance.delete.start", 2, "c2")}}).error().code,
      Errc::kUnavailable);
}

constexpr auto kMoved = "compute.instance.live_migration.post.dest.end";
constexpr auto kSourceIsDone = "compute.instance.live_migration._post.end";

TEST(GnocchiPublisher, WhatWasPolledBeforeAMigrationMovesNoInstanceBack) {
  EXPECT_THAT(hosts_told({{{0, "c1", ""}}, {{10, "c2", kMoved}}, {{9, "c1", ""}}, {{11, "c2", ""}}}),
              ElementsAre("c1", "c2"));
  EXPECT_THAT(hosts_told({{{0, "c1", ""}}, {{10, "c2", kMoved}, {9, "c1", ""}}}), ElementsAre("c1", "c2"))
      << "also within a batch";
  EXPECT_THAT(hosts_told({{{0, "c1", ""}}, {{5, "c1", ""}}, {{4, "c3", ""}}, {{6, "c3", ""}}}),
              ElementsAre("c1", "c3"))
      << "what was told again is as new as that";
}

TEST(GnocchiPublisher, WhatTheSourceOfAMigrationSaysLateMovesNoInstance) {
  EXPECT_THAT(
      hosts_told({{{0, "c1", ""}}, {{10, "c2", kMoved}}, {{11, "c1", kSourceIsDone}}, {{12, "c3", ""}}}),
      ElementsAre("c1", "c2", "c3"));
  EXPECT_THAT(hosts_told({{{0, "c1", kSourceIsDone}}, {{1, "c2", ""}}}), ElementsAre("c2"));
}

}  // namespace
}  // namespace sentinella::telemetry
