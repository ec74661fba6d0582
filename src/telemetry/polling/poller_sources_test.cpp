// Whom the poller asks beside OpenStack's services, and about what: gateways, keys of S3, commands, extra
// metadata.
#include <thread>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/json.h"
#include "base/temporary_directory.h"
#include "net/http_server.h"
#include "telemetry/polling/poller.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

/// Keystone with two projects, a service behind a path, and a gateway, on one port.
class StandIn {
 public:
  StandIn() {
    auto started = net::start_http_server(
        {.host = "127.0.0.1", .port = 0},
        [this](const net::Request& request, net::Respond respond) { respond(answer(request)); }, 1);
    EXPECT_TRUE(started);
    server_ = *std::move(started);
  }
  ~StandIn() { server_->stop(1s); }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }
  /// Authorization and X-Auth-Token of each request to a path.
  std::vector<std::pair<std::string, std::string>> callers_of(const std::string& path) const {
    Lock lock(mutex_);
    std::vector<std::pair<std::string, std::string>> out;
    for (const net::Request& request : requests_)
      if (request.path == path)
        out.emplace_back(request.headers.get("Authorization"), request.headers.get("X-Auth-Token"));
    return out;
  }

 private:
  net::Response answer(const net::Request& request) {
    {
      Lock lock(mutex_);
      requests_.push_back(request);
    }
    const std::string where = request.path + (request.query.empty() ? "" : "?" + request.query);
    if (request.path == "/v3/auth/tokens") {
      net::Response response{201, {}, "", {}};
      response.headers.set("X-Subject-Token", "token");
      const auto service = [&](const char* type, const char* path) {
        return fmt::format(R"({{"type":"{}","endpoints":[{{"interface":"internal","url":"{}{}"}}]}})", type,
                           url(), path);
      };
      response.body = fmt::format(
          R"({{"token":{{"expires_at":"2099-01-01T00:00:00Z","project":{{"id":"p1"}},"catalog":[{},{}]}}}})",
          service("thing", "/things/v9"), service("identity", "/v3"));
      return response;
    }
    static const std::map<std::string, std::string> kAnswers{
        {"/v3/projects", R"({"projects":[{"id":"p1"},{"id":"p2"},{"id":"none"}]})"},
        {"/v3/projects/p1", R"({"project":{"id":"p1","name":"shop"}})"},
        {"/things/v9/list",
         R"({"things":[{"id":"a","n":1,"project_id":"p1"},{"id":"b","n":2,"project_id":"p9"}]})"},
        {"/beside", R"({"things":[{"id":"c","n":3}]})"},
        {"/admin/bucket?uid=p1&stats=true", R"([
          {"bucket":"b1","usage":{"rgw.main":{"size_kb":3,"num_objects":2}}},
          {"bucket":"b2","usage":{"rgw.main":{"size_kb":4,"num_objects":5}}},{"bucket":"new","usage":{}}])"},
        {"/admin/bucket?uid=p2%24p2&stats=true",
         R"([{"bucket":"t","usage":{"rgw.main":{"size_kb":1,"num_objects":1}}}])"},
        {"/admin/usage?uid=p1",
         R"({"entries":[],"summary":[{"user":"p1","total":{"ops":7}},{"user":"p1","total":{"ops":4}}]})"},
        {"/admin/usage?uid=p2", R"({"entries":[],"summary":[]})"}};
    const auto known = kAnswers.find(where);
    return known == kAnswers.end() ? net::Response{404, {}, "{}", {}}
                                   : net::Response{200, {}, known->second, {}};
  }

  mutable Mutex mutex_;
  std::vector<net::Request> requests_ SENT_GUARDED_BY(mutex_);
  std::unique_ptr<net::HttpServer> server_;
};

struct Polled {
  std::vector<MeterSample> samples;
  std::vector<PollsterStatus> status;

  /// "name resource volume" of each.
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const MeterSample& one : samples)
      out.push_back(fmt::format("{} {} {}", one.name, one.resource_id, one.volume));
    return out;
  }
};

/// One poll of all.
Polled poll(const StandIn& cloud, std::vector<Pollster> pollsters, RadosGateway gateway = {}) {
  KeystoneOptions keystone;
  keystone.auth_url = cloud.url();
  keystone.username = "u";
  keystone.password = "pw";
  Mutex mutex;
  Polled out;
  Poller poller(
      std::move(keystone), std::move(pollsters), *parse_polling("{sources: [{name: a, meters: ['*']}]}"),
      [&](const std::vector<MeterSample>& samples) {
        Lock lock(mutex);
        out.samples.insert(out.samples.end(), samples.begin(), samples.end());
      },
      system_clock(), std::move(gateway));
  for (int i = 0; i < 2000 && poller.status().back().last == Time{}; ++i) std::this_thread::sleep_for(5ms);
  Lock lock(mutex);
  out.status = poller.status();
  return out;
}

Polled poll(const StandIn& cloud, const std::string& yaml) {
  auto parsed = Pollster::parse_all(yaml, Result<void>());
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return parsed ? poll(cloud, *std::move(parsed)) : Polled();
}

std::vector<Pollster> shipped_of_the_gateway() {
  auto all = *Pollster::parse_all(shipped_file("pollsters.yaml"));
  std::erase_if(all, [](const Pollster& one) { return !one.name().starts_with("radosgw."); });
  return all;
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() { EXPECT_TRUE(write_file_atomic(directory.path() / "secret", "topsecret\n")); }
  RadosGateway gateway(bool implicit) const {
    return {cloud.url(), "ACCESS", directory.path() / "secret", implicit};
  }
  StandIn cloud;
  TemporaryDirectory directory;
};

TEST_F(GatewayTest, BucketsAndRequestsOfEachProjectAreAskedForWithItsKey) {
  const auto polled = poll(cloud, shipped_of_the_gateway(), gateway(false));
  EXPECT_THAT(polled.told(),
              UnorderedElementsAre(
                  "radosgw.objects p1 7", "radosgw.objects.size p1 7168", "radosgw.objects.containers p1 3",
                  "radosgw.containers.objects p1/b1 2", "radosgw.containers.objects p1/b2 5",
                  "radosgw.containers.objects.size p1/b1 3072", "radosgw.containers.objects.size p1/b2 4096",
                  "radosgw.api.request p1 11", "radosgw.api.request p2 0"));
  for (const MeterSample& one : polled.samples) EXPECT_THAT(one.project_id.value_or(""), StartsWith("p"));
  for (const PollsterStatus& one : polled.status) EXPECT_EQ(one.last_error, "") << one.name;
  const auto callers = cloud.callers_of("/admin/bucket");
  ASSERT_FALSE(callers.empty());
  for (const auto& [authorization, token] : callers) {
    EXPECT_THAT(authorization, StartsWith("AWS4-HMAC-SHA256 Credential=ACCESS/"));
    EXPECT_EQ(token, "") << "the token is OpenStack's";
  }
}

TEST_F(GatewayTest, ImplicitTenantsAreUsersOfTheirOwnName) {
  const auto polled = poll(cloud, shipped_of_the_gateway(), gateway(true));
  EXPECT_THAT(polled.told(),
              UnorderedElementsAre("radosgw.objects p2 1", "radosgw.objects.size p2 1024",
                                   "radosgw.objects.containers p2 1", "radosgw.containers.objects p2/t 1",
                                   "radosgw.containers.objects.size p2/t 1024"));
}

TEST_F(GatewayTest, ACloudWithoutOneIsNoFailure) {
  const auto polled = poll(cloud, shipped_of_the_gateway());
  EXPECT_THAT(polled.samples, IsEmpty());
  EXPECT_FALSE(polled.status.back().failing);
  EXPECT_THAT(polled.status.back().last_error, HasSubstr("no RADOS gateway"));
}

TEST_F(GatewayTest, ASecretThatIsNotThereIsSaid) {
  RadosGateway without = gateway(false);
  without.secret_file = directory.path() / "none";
  const auto polled = poll(cloud, shipped_of_the_gateway(), without);
  EXPECT_THAT(polled.samples, IsEmpty());
  EXPECT_THAT(polled.status.back().last_error, HasSubstr("none"));
  EXPECT_TRUE(polled.status.back().failing);
}

TEST(Poller, CeilometersOwnKeyOfS3SignsWhatIsAskedElsewhere) {
  StandIn cloud;
  const auto polled =
      poll(cloud, fmt::format("- {{name: m, sample_type: gauge, unit: u, value_attribute: total.ops, "
                              "url_path: '{}/admin/usage?uid=p1', response_entries_key: summary, "
                              "resource_id_attribute: user, module: awsauth, authentication_object: "
                              "S3Auth, authentication_parameters: 'KEY, topsecret, 127.0.0.1'}}",
                              cloud.url()));
  EXPECT_THAT(polled.told(), ElementsAre("m p1 7", "m p1 4"));
  ASSERT_EQ(cloud.callers_of("/admin/usage").size(), 1u);
  EXPECT_THAT(cloud.callers_of("/admin/usage")[0].first, StartsWith("AWS4-HMAC-SHA256 Credential=KEY/"));
}

TEST(Poller, ACommandsOutputIsReadAsAnAnswer) {
  StandIn cloud;
  const auto polled = poll(cloud, R"(
- {name: json, sample_type: gauge, unit: u, value_attribute: n, host_command: "printf '[{\"id\": \"a b\", \"n\": 3}]'"}
- {name: text, sample_type: gauge, unit: u, value_attribute: out, resource_id_attribute: "'host'",
   host_command: [echo, "12"], response_handlers: [text]}
- {name: bad, sample_type: gauge, unit: u, value_attribute: n, host_command: "sh -c 'echo broken >&2; exit 4'"}
- {name: prose, sample_type: gauge, unit: u, value_attribute: n, host_command: echo hello}
)");
  EXPECT_THAT(polled.told(), ElementsAre("json a b 3", "text host 12"));
  EXPECT_THAT(polled.status[2].last_error, AllOf(HasSubstr("ended with 4"), HasSubstr("broken")));
  EXPECT_TRUE(polled.status[2].failing);
  EXPECT_THAT(polled.status[3].last_error, HasSubstr("not JSON"));
}

TEST(Poller, APathThatBeginsWithASlashBeginsAtTheHost) {
  StandIn cloud;
  EXPECT_THAT(poll(cloud,
                   "- {name: m, sample_type: gauge, unit: u, value_attribute: n, endpoint_type: thing, "
                   "url_path: /beside}")
                  .told(),
              ElementsAre("m c 3"));
}

TEST(Poller, ExtraMetadataIsAskedForAndWhatDoesNotAnswerIsSaid) {
  StandIn cloud;
  const auto polled = poll(cloud, R"yaml(
- {name: m, sample_type: gauge, unit: u, value_attribute: n, endpoint_type: thing, url_path: list,
   extra_metadata_fields: [{name: project_name, endpoint_type: identity, value: name,
   url_path: "'/v3/projects/' + str(sample['project_id'])"}]})yaml");
  ASSERT_EQ(polled.samples.size(), 2u) << "samples come in any case";
  EXPECT_EQ(polled.samples[0].resource_metadata().at("project_name"), "shop");
  EXPECT_THAT(polled.samples[1].resource_metadata(), IsEmpty());
  EXPECT_THAT(polled.status[0].last_error, AllOf(HasSubstr("project_name"), HasSubstr("404")));
  EXPECT_FALSE(polled.status[0].failing);
  EXPECT_EQ(cloud.callers_of("/v3/projects/p1").at(0).second, "token");
}

}  // namespace
}  // namespace sentinella::telemetry
