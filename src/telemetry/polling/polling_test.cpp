#include <thread>

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/json.h"
#include "base/temporary_directory.h"
#include "net/http_server.h"
#include "telemetry/polling/keystone_session.h"
#include "telemetry/polling/poller.h"
#include "telemetry/polling/pollster.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

using testing::AllOf;
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

/// "name resource volume" of what a pollster makes of an answer.
std::vector<std::string> told(const Pollster& pollster, std::string_view answer) {
  std::vector<std::string> out;
  for (const MeterSample& one : pollster.samples(*parse_json(answer), kNow))
    out.push_back(fmt::format("{} {} {}", one.name, one.resource_id, one.volume));
  return out;
}

/// The example of Ceilometer's manual.
TEST(Pollster, CeilometersOwnNotationIsRead) {
  const auto magnum = Pollster::parse_all(R"(
- name: "dynamic.magnum.cluster"
  sample_type: "gauge"
  unit: "cluster"
  value_attribute: "status"
  endpoint_type: "container-infra"
  url_path: "v1/clusters/detail"
  headers: {"x-openstack-nova-api-version": "2.46"}
  timeout: 5
  namespaces: [central]
  response_handlers: [json]
  response_entries_key: "answer.clusters"
  metadata_fields: ["labels", "OS-EXT-AZ:availability_zone", "flavor.'a b'"]
  skip_sample_values: ["DELETE_FAILED"]
  value_mapping: {CREATE_IN_PROGRESS: "0", CREATE_COMPLETE: "2"}
)");
  ASSERT_TRUE(magnum) << describe(magnum.error());
  const Pollster& one = magnum->at(0);
  EXPECT_THAT(one.headers(), ElementsAre(std::pair("x-openstack-nova-api-version", "2.46")));
  EXPECT_EQ(one.timeout(), 5s);
  const auto samples = one.samples(*parse_json(R"({"first": [], "answer": {"clusters": [
          {"id": "a", "status": "CREATE_COMPLETE", "labels": {}, "OS-EXT-AZ:availability_zone": "nova"},
          {"id": "b", "status": "DELETE_FAILED"}, {"id": "c", "status": "UNHEARD_OF"}]}})"),
                                   kNow);
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_EQ(samples[0].volume, 2);
  EXPECT_EQ(boost::json::serialize(samples[0].resource_metadata()),
            R"({"labels":{},"OS-EXT-AZ:availability_zone":"nova"})");
  EXPECT_EQ(samples[1].volume, -1) << "what is not mapped is -1 unless said otherwise";
}

TEST(Pollster, PathsDoWhatPythonDoesElsewhere) {
  const auto pollster =
      one("value_attribute: s, resource_id_attribute: 'user.`split($, 0, -1)`', "
          "next_sample_url_attribute: 'links[?rel = next].href'");
  constexpr std::string_view kAnswer =
      R"({"all": [{"user": "p$u", "s": 1}], "links": [{"rel": "prev", "href": "/a"}, {"rel": "next", "href": "/b"}]})";
  EXPECT_THAT(told(pollster, kAnswer), ElementsAre("m p 1"));
  EXPECT_EQ(pollster.next_url(*parse_json(kAnswer)), "/b");
}

TEST(Pollster, AListOfValuesIsAMeterOfEach) {
  const auto usage = Pollster::parse_all(
      "- {name: 'radosgw.request.{category}', sample_type: gauge, unit: request, value_attribute: "
      "'[categories].ops', url_path: 'http://rgw/admin/usage', resource_id_attribute: user, "
      "response_entries_key: "
      "summary, skip_sample_values: [list_buckets]}");
  ASSERT_TRUE(usage) << describe(usage.error());
  EXPECT_THAT(told(usage->at(0), R"({"entries": [], "summary": [{"user": "u", "categories": [
                  {"category": "create_bucket", "ops": 2}, {"category": "list_buckets", "ops": 7},
                  {"category": "get_obj", "ops": 3}, {"ops": 1}]}]})"),
              ElementsAre("radosgw.request.create_bucket u 2", "radosgw.request.get_obj u 3"));
}

TEST(Pollster, AFoldIsOneSampleOfEachWhateverThePages) {
  const auto pollster = one("value_attribute: n, fold: sum, fold_by: of");
  auto pages =
      pollster.samples(*parse_json(R"([{"of":"x","n":1},{"of":"y","n":5},{"of":"x","n":2},{}])"), kNow);
  std::ranges::move(pollster.samples(*parse_json(R"([{"of":"x","n":4}])"), kNow), std::back_inserter(pages));
  std::vector<std::string> out;
  for (const MeterSample& sample : pollster.joined(pages))
    out.push_back(fmt::format("{} {}", sample.resource_id, sample.volume));
  EXPECT_THAT(out, ElementsAre("x 7", "y 5"));
}

TEST(Pollster, AWrongOneIsNamed) {
  EXPECT_THAT(error_of("[{name: a}]"), HasSubstr("pollster 1: sample_type"));
  EXPECT_THAT(error_of(kHead + "}"), HasSubstr("value_attribute"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: 'a['}"), HasSubstr("value_attribute"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, module: os.system}"), HasSubstr("module"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, fold: sum}"), HasSubstr("per_project"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, fold_by: b}"), HasSubstr("fold"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: '[a].b'}"), HasSubstr("name"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, value_mapping: {A: b}}"), HasSubstr("value_mapping"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, value_mapping: 1}"), HasSubstr("value_mapping"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, headers: x}"), HasSubstr("headers"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, timeout: 0}"), HasSubstr("timeout"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, response_handlers: [xml]}"), HasSubstr("json"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, username: u}"), HasSubstr("username"));
  const std::string whole =
      "- {name: m, sample_type: gauge, unit: u, url_path: 'http://h', value_attribute: a, ";
  EXPECT_THAT(error_of(whole + "module: os, authentication_object: system}"),
              HasSubstr("authentication_object"));
  EXPECT_THAT(error_of(whole + "module: os, authentication_object: S3Auth}"), HasSubstr("module"));
  EXPECT_THAT(error_of(whole + "authentication_object: S3Auth}"), HasSubstr("username"));
  EXPECT_THAT(error_of(whole + "authentication_parameters: 'a,b'}"), HasSubstr("authentication_parameters"));
  EXPECT_THAT(error_of(whole + "authentication_object: S3Auth, authentication_parameters: a}"),
              HasSubstr("ACCESS,SECRET"));
  EXPECT_THAT(error_of(whole + "per_project: true}"), HasSubstr("per_project"));
  EXPECT_THAT(
      error_of("- {name: m, sample_type: gauge, unit: u, endpoint_type: e, url_path: '${project_id}', "
               "value_attribute: a}"),
      HasSubstr("per_project: is needed"));
  EXPECT_THAT(error_of(kHead + ", value_attribute: a, response_handlers: [text]}"),
              HasSubstr("response_handlers"));
  const std::string command = "- {name: m, sample_type: gauge, unit: u, value_attribute: a, host_command: ";
  EXPECT_THAT(error_of(command + "b}"), HasSubstr("no commands")) << "unless the file's owner is known";
  const auto allowed = Pollster::parse_all(command + "b, url_path: p}", Result<void>());
  EXPECT_THAT(describe(allowed.error()), HasSubstr("url_path"));
  EXPECT_THAT(error_of("[{name: a, sample_type: gauge, unit: u, url_path: p, value_attribute: b}]"),
              HasSubstr("endpoint_type"));
  EXPECT_THAT(error_of("[{name: a, sample_type: gauge, unit: u, url_path: 'http://h', endpoint_type: e}]"),
              HasSubstr("url_path"));
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
  std::string last_link;  ///< of the last page of /api/list
  std::atomic<int> pages = 0;

 private:
  /// Each page names the next in another way; /api/endless has one more always.
  net::Response page(const net::Request& request) {
    const int here = ++pages;
    std::string next = fmt::format("?page={}", here + 1);
    if (request.path == "/api/list") {
      const std::vector<std::string> links{"?page=2", "/api/list?page=3", "list?page=4",
                                           "http://127.0.0.1:1/api/list?page=5", last_link};
      const std::string asked = here == 1 ? "v=1" : fmt::format("page={}", here);
      if (request.query != asked) return {400, {}, "{}", {}};
      next = links.at(static_cast<std::size_t>(here) - 1);
    }
    return {200, {}, fmt::format(R"({{"things":[{{"id":"{}","size":1}}],"next":"{}"}})", here, next), {}};
  }
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
    if (request.path == "/elsewhere") {
      const bool known = request.headers.get("Authorization") == "Basic bWU6cHc=" &&
                         request.headers.get("X-Auth-Token").empty();
      return {known ? 200 : 401, {}, R"({"things":[{"id":"a","size":3}]})", {}};
    }
    if (request.path.starts_with("/api/")) return page(request);
    if (request.path == "/gone") return {404, {}, "{}", {}};
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
  EXPECT_EQ(*session.endpoint({"other", "thing"}), cloud.url() + "/things");
  EXPECT_EQ(session.endpoint({"other"}).error().code, Errc::kNotFound);
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
  const auto endpoint = session.endpoint({"other", "thing"});
  EXPECT_EQ(endpoint.error().code, Errc::kUnauthorized);
  EXPECT_THAT(endpoint.error().message, Not(HasSubstr("topsecret")));
}

std::vector<Pollster> pollsters_at(const std::string& where) {
  return *Pollster::parse_all("- {name: m, sample_type: gauge, unit: u, value_attribute: size, " + where +
                              ", next_sample_url_attribute: next}");
}

/// Polls until something was handed on or failed.
std::pair<std::vector<MeterSample>, PollsterStatus> poll(
    const FakeCloud& cloud, const std::string& where = "endpoint_type: thing, url_path: list") {
  Mutex mutex;
  std::vector<MeterSample> taken;
  auto pollsters = pollsters_at(where);
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

TEST(Poller, LinksOfAWholeAddressLeadOnFromThePageTheyStandOn) {
  FakeCloud cloud;
  const auto [samples, status] = poll(cloud, fmt::format("url_path: '{}/api/list?v=1'", cloud.url()));
  EXPECT_EQ(status.last_error, "");
  EXPECT_THAT(samples, SizeIs(5));
}

TEST(Poller, APageThatIsMissingIsAnErrorOfTheWhole) {
  FakeCloud cloud;
  cloud.last_link = "/gone";
  const auto [samples, status] = poll(cloud, fmt::format("url_path: '{}/api/list?v=1'", cloud.url()));
  EXPECT_THAT(status.last_error, AllOf(HasSubstr("page 6"), HasSubstr("404")));
  EXPECT_THAT(samples, IsEmpty());
}

TEST(Poller, PagesThatNeverEndGiveNoValue) {
  FakeCloud cloud;
  std::atomic<int> takes = 0;
  {
    Poller poller(
        options(cloud), pollsters_at(fmt::format("url_path: '{}/api/endless'", cloud.url())),
        *parse_polling("{sources: [{name: a, meters: ['*']}]}"),
        [&](const std::vector<MeterSample>&) { ++takes; }, system_clock());
    for (int i = 0; i < 2000 && cloud.pages < 2; ++i) std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(takes, 0) << "stopped in their midst";
  const auto [samples, status] = poll(cloud, fmt::format("url_path: '{}/api/endless'", cloud.url()));
  EXPECT_THAT(status.last_error, HasSubstr("pages"));
  EXPECT_THAT(samples, IsEmpty());
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

TEST(Poller, AnApiOfNobodysCatalogueIsAskedWithoutTheToken) {
  FakeCloud cloud;
  TemporaryDirectory directory;
  const auto file = directory.path() / "password";
  ASSERT_TRUE(write_file_atomic(file, "pw\n"));
  Mutex mutex;
  std::vector<MeterSample> taken;
  Poller poller(
      options(cloud),
      *Pollster::parse_all(fmt::format("- {{name: m, sample_type: gauge, unit: u, url_path: "
                                       "'{}/elsewhere?secret=1', value_attribute: size, "
                                       "username: me, password_file: {}}}\n"
                                       "- {{name: n, sample_type: gauge, unit: u, url_path: "
                                       "'{}/elsewhere?secret=1', value_attribute: size}}",
                                       cloud.url(), file.string(), cloud.url())),
      *parse_polling("{sources: [{name: a, meters: ['*']}]}"),
      [&](const std::vector<MeterSample>& samples) {
        Lock lock(mutex);
        taken = samples;
      },
      system_clock());
  for (int i = 0; i < 1000 && poller.status()[1].last == Time{}; ++i) std::this_thread::sleep_for(5ms);
  Lock lock(mutex);
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].volume, 3);
  EXPECT_EQ(cloud.logins, 0);
  EXPECT_THAT(poller.status()[1].last_error, AllOf(HasSubstr("401"), Not(HasSubstr("secret"))));
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
