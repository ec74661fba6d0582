#include <thread>

#include <gmock/gmock.h>

#include "base/json.h"
#include "net/http_server.h"
#include "telemetry/polling/keystone_session.h"
#include "telemetry/polling/poller.h"
#include "telemetry/polling/pollster.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Time kNow{1'700'000'000'000'000'000};

std::string error_of(std::string_view yaml) {
  const auto parsed = Pollster::parse_all(yaml);
  return parsed ? "nothing" : describe(parsed.error());
}
const std::string kHead = "- {name: m, sample_type: gauge, unit: u, endpoint_type: e, url_path: p";

Pollster one(const std::string& more) {
  auto parsed = Pollster::parse_all(kHead + ", " + more + "}");
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return std::move(parsed->front());
}

std::vector<double> volumes(const Pollster& pollster, std::string_view answer) {
  std::vector<double> out;
  for (const MeterSample& sample : pollster.samples(*parse_json(answer), kNow)) out.push_back(sample.volume);
  return out;
}

TEST(Pollster, TakesValueOwnersAndMetadataFromEachEntry) {
  const auto pollster =
      one("value_attribute: size, metadata_fields: [name, a.b], metadata_mapping: {name: display_name}, "
          "preserve_mapped_metadata: false");
  const auto samples = pollster.samples(
      *parse_json(
          R"({"n": 1, "things": [{"id": "r", "size": 3, "tenant_id": "p", "name": "x", "a": {"b": 7}}]})"),
      kNow);
  ASSERT_THAT(samples, SizeIs(1));
  EXPECT_EQ(samples[0].name, "m");
  EXPECT_EQ(samples[0].volume, 3);
  EXPECT_EQ(samples[0].resource_id, "r");
  EXPECT_EQ(samples[0].project_id, "p");
  EXPECT_EQ(samples[0].user_id, std::nullopt);
  EXPECT_EQ(samples[0].timestamp, kNow);
  EXPECT_EQ(boost::json::serialize(samples[0].resource_metadata()), R"({"display_name":"x","a.b":7})");
}

TEST(Pollster, MapsSkipsAndFallsBack) {
  const auto mapped =
      one("value_attribute: s, value_mapping: {ACTIVE: 1, ERROR: -1}, default_value: 9, skip_sample_values: "
          "['']");
  EXPECT_THAT(
      volumes(mapped, R"([{"id":"a","s":"ACTIVE"},{"id":"b","s":"odd"},{"id":"c","s":""},{"id":"d"}])"),
      ElementsAre(1, 9, 9));
  EXPECT_THAT(
      volumes(one("value_attribute: s"), R"([{"id":"a","s":"2.5"},{"id":"b","s":"x"},{"id":"c","s":true}])"),
      ElementsAre(2.5, 1));
  EXPECT_THAT(volumes(one("value_attribute: 1"), R"([{"id":"a"},{"no":"id"}])"), ElementsAre(1));
  EXPECT_THAT(volumes(one("value_attribute: s, response_entries_key: x"), R"({"y": [{"id":"a","s":1}]})"),
              IsEmpty());
}

TEST(Pollster, AWrongOneIsNamed) {
  EXPECT_THAT(error_of("[{name: a}]"), HasSubstr("pollster 1: sample_type"));
  EXPECT_THAT(error_of(kHead + "}"), HasSubstr("value_attribute"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: 'a['}"), HasSubstr("value_attribute"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, module: os.system}"), HasSubstr("module"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, fold: sum}"), HasSubstr("per_project"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, per_project: true, fold: mean}"), HasSubstr("fold"));
  EXPECT_FALSE(parse_polling("{sources: [{name: a, interval: 0, meters: ['*']}]}"));
  EXPECT_FALSE(parse_polling("{sources: [{name: a}]}"));
}

TEST(Pollster, TheShippedOnesAreRead) {
  const auto shipped = Pollster::parse_all(shipped_file("pollsters.yaml"));
  ASSERT_TRUE(shipped) << describe(shipped.error());
  EXPECT_GE(shipped->size(), 10u);
  const auto sources = parse_polling(shipped_file("polling.yaml"));
  ASSERT_TRUE(sources) << describe(sources.error());
  EXPECT_EQ(sources->at(0).interval, 300s);
}

/// Keystone, and an API with two pages, on one port.
class FakeCloud {
 public:
  FakeCloud() {
    auto started = net::start_http_server(
        {.host = "127.0.0.1", .port = 0},
        [this](const net::Request& request, net::Respond respond) { respond(answer(request)); }, 1);
    EXPECT_TRUE(started);
    server_ = *std::move(started);
  }
  ~FakeCloud() { server_->stop(1s); }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  std::atomic<int> logins = 0, refuse = 0;
  std::atomic<bool> elsewhere = false;

 private:
  net::Response answer(const net::Request& request) {
    net::Response response{200, {}, "", {}};
    if (request.path == "/v3/auth/tokens") {
      if (request.body.find("\"password\":\"pw\"") == std::string::npos) return {401, {}, "{}", {}};
      ++logins;
      response.status = 201;
      response.headers.set("X-Subject-Token", fmt::format("token-{}", logins.load()));
      response.body = fmt::format(
          R"({{"token":{{"expires_at":"2099-01-01T00:00:00Z","project":{{"id":"ours"}},"catalog":[)"
          R"({{"type":"thing","endpoints":[{{"interface":"public","url":"http://wrong","region":"one"}},)"
          R"({{"interface":"internal","url":"{0}/things/","region":"one"}}]}},)"
          R"({{"type":"object-store","endpoints":[{{"interface":"internal","url":"{0}/v1/AUTH_ours"}}]}}]}}}})",
          url());
      return response;
    }
    if (request.headers.get("X-Auth-Token").empty()) return {401, {}, "{}", {}};
    if (refuse > 0) return --refuse, net::Response{401, {}, "{}", {}};
    if (request.path == "/v3/projects")
      return {200, {}, R"({"projects":[{"id":"p1"},{"id":"p2"},{"id":"without"},{"id":"empty"}]})", {}};
    if (request.path == "/v1/AUTH_empty" && request.query == "format=json") return {204, {}, "", {}};
    if (request.path == "/v1/AUTH_p1" && request.query == "format=json")
      return {200, {}, R"([{"name":"a","count":2,"bytes":10},{"name":"b","count":3,"bytes":5}])", {}};
    if (request.path == "/v1/AUTH_p2" && request.query == "format=json")
      return {200, {}, R"([{"name":"c","count":7,"bytes":1}])", {}};
    if (request.path != "/things/list") return {404, {}, "{}", {}};
    if (request.query == "page=2")
      response.body = R"({"things":[{"id":"b","size":2}]})";
    else
      response.body = fmt::format(R"({{"things":[{{"id":"a","size":1}}],"next":"{}/things/list?page=2"}})",
                                  elsewhere ? "http://127.0.0.1:1" : url());
    return response;
  }
  std::unique_ptr<net::HttpServer> server_;
};

KeystoneOptions options(const FakeCloud& cloud, std::string password = "pw") {
  KeystoneOptions made;
  made.auth_url = cloud.url();
  made.username = "sentinella";
  made.password = std::move(password);
  return made;
}

TEST(KeystoneSession, OneTokenServesManyAndIsRenewedWhenRefused) {
  FakeCloud cloud;
  KeystoneSession session(options(cloud), system_clock());
  EXPECT_EQ(*session.endpoint("thing"), cloud.url() + "/things");
  EXPECT_EQ(session.endpoint("other").error().code, Errc::kNotFound);
  EXPECT_TRUE(session.get(cloud.url() + "/things/list"));
  EXPECT_EQ(cloud.logins, 1);
  cloud.refuse = 1;
  EXPECT_TRUE(session.get(cloud.url() + "/things/list"));
  EXPECT_EQ(cloud.logins, 2);
  cloud.refuse = 2;
  EXPECT_EQ(session.get(cloud.url() + "/things/list").error().code, Errc::kUnauthorized);
}

TEST(KeystoneSession, AWrongPasswordIsToldWithoutIt) {
  FakeCloud cloud;
  KeystoneSession session(options(cloud, "topsecret"), system_clock());
  const auto endpoint = session.endpoint("thing");
  EXPECT_EQ(endpoint.error().code, Errc::kUnauthorized);
  EXPECT_THAT(endpoint.error().message, Not(HasSubstr("topsecret")));
}

/// Polls until something was handed on or failed.
std::pair<std::vector<MeterSample>, PollsterStatus> poll(const FakeCloud& cloud) {
  Mutex mutex;
  std::vector<MeterSample> taken;
  auto pollsters = *Pollster::parse_all(
      "- {name: m, sample_type: gauge, unit: u, endpoint_type: thing, url_path: list, value_attribute: size, "
      "next_sample_url_attribute: next}");
  Poller poller(
      options(cloud), std::move(pollsters), *parse_polling("{sources: [{name: a, meters: ['*']}]}"),
      [&](const std::vector<MeterSample>& samples) {
        Lock lock(mutex);
        taken = samples;
      },
      system_clock());
  for (int i = 0; i < 1000 && poller.status()[0].last == Time{}; ++i) std::this_thread::sleep_for(5ms);
  Lock lock(mutex);
  return {taken, poller.status()[0]};
}

TEST(Poller, AsksForEveryPage) {
  FakeCloud cloud;
  const auto [samples, status] = poll(cloud);
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_EQ(samples[1].resource_id, "b");
  EXPECT_EQ(status.samples, 2u);
  EXPECT_EQ(status.last_error, "");
}

TEST(Poller, WhatEachProjectKeepsInSwiftIsAskedForEachOfThem) {
  FakeCloud cloud;
  Mutex mutex;
  std::vector<std::string> taken;
  Poller poller(
      options(cloud), *Pollster::parse_all(shipped_file("pollsters.yaml")),
      *parse_polling("{sources: [{name: a, meters: ['storage.*']}]}"),
      [&](const std::vector<MeterSample>& samples) {
        Lock lock(mutex);
        for (const MeterSample& one : samples)
          taken.push_back(fmt::format("{} {} {} {}", one.name, one.resource_id, one.project_id.value_or("?"),
                                      one.volume));
      },
      system_clock());
  for (int i = 0; i < 1000 && poller.status().back().last == Time{}; ++i) std::this_thread::sleep_for(5ms);
  Lock lock(mutex);
  EXPECT_THAT(
      taken,
      ElementsAre("storage.objects p1 p1 5", "storage.objects p2 p2 7", "storage.objects.size p1 p1 15",
                  "storage.objects.size p2 p2 1", "storage.objects.containers p1 p1 2",
                  "storage.objects.containers p2 p2 1", "storage.containers.objects p1/a p1 2",
                  "storage.containers.objects p1/b p1 3", "storage.containers.objects p2/c p2 7",
                  "storage.containers.objects.size p1/a p1 10", "storage.containers.objects.size p1/b p1 5",
                  "storage.containers.objects.size p2/c p2 1"));
}

TEST(Poller, TheTokenGoesToTheCataloguesAddressOnly) {
  FakeCloud cloud;
  cloud.elsewhere = true;
  const auto [samples, status] = poll(cloud);
  EXPECT_THAT(samples, SizeIs(2));
  EXPECT_EQ(status.last_error, "");
}

}  // namespace
}  // namespace sentinella::telemetry
