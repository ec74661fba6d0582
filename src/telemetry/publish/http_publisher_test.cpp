// What Ceilometer's own URLs mean to publishers over HTTP.
#include <gmock/gmock.h>

#include "base/file.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/temporary_directory.h"
#include "telemetry/publish/publish_testing.h"

namespace sentinella::telemetry {
namespace {

using publish_testing::event;
using publish_testing::publisher;
using publish_testing::Receiver;
using publish_testing::sample;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<MeterSample> of_resources(const std::vector<std::string>& ids) {
  std::vector<MeterSample> out;
  for (const std::string& id : ids) out.emplace_back(sample()).resource_id = id;
  return out;
}

std::vector<std::string> paths_of(const Receiver& receiver) {
  std::vector<std::string> out;
  for (const net::Request& request : receiver.requests()) out.push_back(request.path);
  return out;
}

TEST(PushGateway, NoResourceTakesAnothersSeriesAway) {
  Receiver receiver;
  const auto gateway = publisher(receiver.at("prometheus", "/metrics/job/ceilometer"));
  ASSERT_TRUE(gateway->publish({"", of_resources({"b", "a c", "b", "t/x"}), {}}));
  EXPECT_THAT(paths_of(receiver),
              ElementsAre("/metrics/job/ceilometer/resource_id/a c", "/metrics/job/ceilometer/resource_id/b",
                          "/metrics/job/ceilometer/resource_id@base64/dC94"));
  EXPECT_THAT(receiver.requests()[1].body, HasSubstr("resource_id=\"b\""));
  EXPECT_THAT(receiver.requests()[1].body, Not(HasSubstr("resource_id=\"a c\"")));
}

TEST(PushGateway, AGroupOfTheOperatorsIsKept) {
  Receiver receiver;
  const auto gateway = publisher(receiver.at("prometheus", "/metrics/job/ceilometer/cloud/one"));
  ASSERT_TRUE(gateway->publish({"", of_resources({"a", "b"}), {}}));
  EXPECT_THAT(paths_of(receiver), ElementsAre("/metrics/job/ceilometer/cloud/one"));
}

TEST(PushGateway, ASlashAtTheEndOfTheAddressChangesNothing) {
  Receiver receiver;
  for (const char* path : {"/metrics/job/x", "/metrics/job/x/", "/metrics/job/x//"})
    ASSERT_TRUE(publisher(receiver.at("prometheus", path))->publish({"", of_resources({"a"}), {}}));
  for (const char* path : {"/v2.0", "/v2.0/"})
    ASSERT_TRUE(publisher(receiver.at("monasca", path))->publish({"", of_resources({"a"}), {}}));
  ASSERT_TRUE(publisher(receiver.at("http", "/x/"))->publish({"", of_resources({"a"}), {}}));
  EXPECT_THAT(paths_of(receiver),
              ElementsAre("/metrics/job/x/resource_id/a", "/metrics/job/x/resource_id/a",
                          "/metrics/job/x/resource_id/a", "/v2.0/metrics", "/v2.0/metrics", "/x/"));
}

TEST(Zaqar, SamplesAndEventsAreMessagesOfAQueue) {
  Receiver receiver;
  const auto zaqar = publisher(receiver.at("zaqar", "/?queue=meter queue&ttl=1200"));
  receiver.status = 201;
  ASSERT_TRUE(zaqar->publish({"", of_resources({"a", "b"}), {event()}}));
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].path, "/v2/queues/meter queue/messages");
  EXPECT_EQ(requests[0].query, "");
  EXPECT_TRUE(parse_uuid(requests[0].headers.get("Client-ID")));
  const auto messages = parse_json(requests[0].body)->at("messages").as_array();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[1].at("ttl"), 1200);
  EXPECT_EQ(messages[1].at("body").at("resource_id"), "b");
  EXPECT_EQ(messages[2].at("body").at("event_type"), "image.delete");
  EXPECT_EQ(make_publisher("zaqar://h").error().field, "queue");
  EXPECT_EQ(make_publisher("zaqar://h?queue=q&ttl=5").error().field, "ttl");
}

/// So much that it takes several posts.
std::vector<std::string> many_ids() {
  std::vector<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(std::string(400, 'x') + std::to_string(i));
  return ids;
}

std::vector<std::string> bodies_of(const Receiver& receiver) {
  std::vector<std::string> out;
  for (const net::Request& request : receiver.requests()) out.push_back(request.body);
  return out;
}

TEST(Zaqar, WhatItHasIsNotPostedAgain) {
  Receiver whole, receiver;
  ASSERT_TRUE(publisher(whole.at("zaqar", "?queue=q"))->publish({"", of_resources(many_ids()), {}}));
  const auto wanted = bodies_of(whole);
  ASSERT_GE(wanted.size(), 3u);
  const auto zaqar = publisher(receiver.at("zaqar", "?queue=q"));
  for (const int status : {201, 429, 201, 503, 201}) receiver.answer(status);
  for (int failure = 0; failure < 2; ++failure)
    EXPECT_EQ(zaqar->publish({"", of_resources(many_ids()), {}}).error().code, Errc::kUnavailable);
  EXPECT_TRUE(zaqar->publish({"", of_resources(many_ids()), {}}));
  auto expected = wanted;
  expected.insert(expected.begin() + 2, wanted[1]);
  expected.insert(expected.begin() + 4, wanted[2]);
  EXPECT_EQ(bodies_of(receiver), expected);
  EXPECT_TRUE(zaqar->publish({"", of_resources(many_ids()), {}}));
  EXPECT_EQ(bodies_of(receiver).size(), expected.size() + wanted.size()) << "the next batch is another";
}

TEST(Zaqar, AnotherBatchAfterOneThatWasGivenUpIsWhole) {
  Receiver receiver;
  const auto zaqar = publisher(receiver.at("zaqar", "?queue=q"));
  for (const int status : {201, 429, 201}) receiver.answer(status);
  EXPECT_FALSE(zaqar->publish({"", of_resources(many_ids()), {}}));
  auto others = many_ids();
  for (std::string& id : others) id += "-other";
  EXPECT_TRUE(zaqar->publish({"", of_resources(others), {}}));
  EXPECT_THAT(bodies_of(receiver).at(2), HasSubstr("x0-other"));
}

TEST(Zaqar, NoPostIsLargerThanItTakes) {
  Receiver receiver;
  const auto ids = many_ids();
  ASSERT_TRUE(publisher(receiver.at("zaqar", "?queue=q"))->publish({"", of_resources(ids), {}}));
  std::size_t messages = 0;
  for (const net::Request& request : receiver.requests()) {
    EXPECT_LT(request.body.size(), 256u << 10);
    messages += parse_json(request.body)->at("messages").as_array().size();
  }
  EXPECT_EQ(messages, ids.size());
}

TEST(HttpPublisherOptions, WhatCannotBeIsSaid) {
  EXPECT_EQ(make_publisher("http://h?raw_only=True").error().field, "raw_only");
  EXPECT_TRUE(make_publisher("http://h?raw_only=False"));
}

TEST(HttpPublisherOptions, ATokenThatHasExpiredIsWaitedFor) {
  Receiver receiver;
  TemporaryDirectory directory;
  const std::string file = directory.path() / "token";
  ASSERT_TRUE(write_file_atomic(file, "t"));
  receiver.status = 401;
  const auto code_of = [&](const std::string& rest) {
    return publisher(receiver.at("monasca", "/v2.0" + rest))->publish({"", {sample()}, {}}).error().code;
  };
  EXPECT_EQ(code_of("?token_file=" + file), Errc::kUnavailable) << "somebody renews it";
  EXPECT_EQ(code_of(""), Errc::kInvalid);
}

TEST(OpenTelemetry, CeilometersNameForItIsKnown) {
  Receiver receiver;
  const auto collector = publisher(receiver.at("opentelemetryhttp", "/v1/metrics"));
  ASSERT_TRUE(collector->publish({"", {sample()}, {event()}}));
  EXPECT_THAT(paths_of(receiver), ElementsAre("/v1/metrics", "/v1/logs"));
}

TEST(HttpPublisherOptions, TlsIsSpokenWhereItIsAskedFor) {
  Receiver receiver;  // speaks none
  for (const char* url : {"/metrics/job/x?ssl=True", "/metrics/job/x?ssl=true&verify_ssl=/nowhere/ca.pem"}) {
    const auto gateway = publisher(receiver.at("prometheus", url));
    EXPECT_FALSE(gateway->publish({"", {sample()}, {}})) << url;
  }
  EXPECT_THAT(paths_of(receiver), testing::IsEmpty());
  const auto plain = publisher(receiver.at("http", "/?verify_ssl=0&x=1"));
  ASSERT_TRUE(plain->publish({"", {sample()}, {}}));
  EXPECT_EQ(receiver.requests().at(0).query, "x=1");
}

}  // namespace
}  // namespace sentinella::telemetry
