// What Ceilometer's own URLs mean to publishers over HTTP.
#include <gmock/gmock.h>

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
