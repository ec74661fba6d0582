#include "agent/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ServiceConfig* find(const Config& config, std::string_view name) {
  for (const ServiceConfig& service : config.services)
    if (service.name == name) return &service;
  return nullptr;
}

LoadedConfig load_file(const std::string& name) {
  auto loaded = parse_config(content_of(std::string(SENTINELLA_TESTDATA) + "/" + name));
  EXPECT_TRUE(loaded) << (loaded ? "" : describe(loaded.error()));
  return loaded ? *loaded : LoadedConfig{};
}

Error error_of(std::string_view text) {
  const auto loaded = parse_config(text);
  return loaded ? Error{Errc::kInternal, "it was accepted", ""} : loaded.error();
}

TEST(Config, FileOfTheFirstReleaseLoadsAsItIs) {
  const LoadedConfig loaded = load_file("seed.conf");
  const Config& config = loaded.config;
  EXPECT_EQ(config.account_key, "32j4u23iy4u23i");
  EXPECT_EQ(config.server_url, "http://127.0.0.1:8420");
  EXPECT_EQ(config.log_file, "/var/log/sentinella/sentinella1.log");
  EXPECT_EQ(config.services.size(), 11u);
  ASSERT_NE(find(config, "nova-cert"), nullptr);
  EXPECT_FALSE(find(config, "nova-cert")->enabled);
  EXPECT_TRUE(find(config, "nova-api")->enabled);
  EXPECT_EQ(find(config, "neutron-metadata-agent")->log, "/var/log/neutron/metadata-agent.log");
}

TEST(Config, WrongProcessOfTheL3AgentIsCorrectedWithAWarning) {
  const LoadedConfig loaded = load_file("seed.conf");
  EXPECT_EQ(find(loaded.config, "neutron-l3-agent")->process, "neutron-l3-agent");
  EXPECT_EQ(find(loaded.config, "neutron-openvswitch-agent")->process, "neutron-openvswitch-agent");
  EXPECT_THAT(loaded.warnings, ElementsAre(HasSubstr("neutron-l3-agent")));
}

TEST(Config, NestedFormOfRelease11LoadsAndSaysWhatIsNotUsed) {
  const LoadedConfig loaded = load_file("release-1.1.conf");
  EXPECT_EQ(loaded.config.log_level, log::Level::warning);
  EXPECT_EQ(loaded.config.server_url, "http://127.0.0.1:8420");
  EXPECT_EQ(find(loaded.config, "nova-api")->log, "/var/log/nova/nova-api.log");
  EXPECT_FALSE(find(loaded.config, "nova-cert")->enabled);
  EXPECT_THAT(loaded.warnings, ElementsAre(HasSubstr("api_url"), HasSubstr("log_format")));
  ASSERT_EQ(loaded.config.sources.size(), 1u) << "the account of Keystone's is used again";
  EXPECT_EQ(loaded.config.sources[0].kind, "openstack");
  EXPECT_EQ(loaded.config.sources[0].url, "http://127.0.0.1:5000/v2.0");
  EXPECT_EQ(loaded.config.sources[0].project, "admin");
}

TEST(Config, OwnKeysAreRead) {
  const auto loaded = parse_config(
      R"({"server_url":"https://s:1/","node":"compute1","interval_seconds":2.5,"state_dir":"/s","spool_max_bytes":2097152,
          "watch":{"kernel_events":false},"ca_file":"/ca","pinned_sha256":"ab","x-svc":{"log":"/l"}})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.server_url, "https://s:1");
  EXPECT_EQ(loaded->config.node, "compute1");
  EXPECT_EQ(loaded->config.interval, 2500ms);
  EXPECT_EQ(loaded->config.state_dir, "/s");
  EXPECT_EQ(loaded->config.spool_max_bytes, 2u << 20);
  EXPECT_FALSE(loaded->config.kernel_events);
  EXPECT_TRUE(loaded->config.exit_info);
  EXPECT_EQ(find(loaded->config, "x-svc")->process, "x-svc");
  EXPECT_THAT(loaded->warnings, IsEmpty());
}

TEST(Config, ScrapeNamesAPrometheusConfigurationInEitherForm) {
  EXPECT_EQ(parse_config(R"({"scrape":"/etc/p.yml"})")->config.scrape_config, "/etc/p.yml");
  EXPECT_EQ(parse_config(R"({"scrape":{"config":"/etc/p.yml"}})")->config.scrape_config, "/etc/p.yml");
  EXPECT_EQ(error_of(R"({"scrape":"p.yml"})").field, "scrape");
  EXPECT_EQ(error_of(R"({"scrape":{"config":"p.yml"}})").field, "scrape");
  EXPECT_EQ(error_of(R"({"scrape":7})").field, "scrape");
  EXPECT_THAT(describe(error_of(R"({"scrape":{"conf":"/p.yml"}})")), HasSubstr("conf"));
}

TEST(Config, SeveralServersAreTriedInTheOrderGiven) {
  const auto loaded = parse_config(R"({"server_url":["https://a:1/","https://b:2"]})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.server_url, "https://a:1");
  EXPECT_THAT(loaded->config.more_server_urls, ElementsAre("https://b:2"));
  EXPECT_EQ(parse_config(R"({"server_url":[]})")->config.server_url, kDefaultServerUrl);
  EXPECT_EQ(error_of(R"({"server_url":[7]})").field, "server_url");
}

TEST(Config, ChecksSayWhereAServiceIsAskedOrThatItIsNot) {
  const auto loaded = parse_config(
      R"({"nova-api":{"check":"https://10.0.0.1:8774/"},"glance-api":{"check":false},"heat-api":{},
          "checks":{"keystone-vip":"https://cloud:5000/v3"},"kernel_log":false,"mask_secrets":false,"discover":true})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(find(loaded->config, "nova-api")->check, "https://10.0.0.1:8774/");
  EXPECT_TRUE(find(loaded->config, "nova-api")->checked);
  EXPECT_FALSE(find(loaded->config, "glance-api")->checked);
  EXPECT_EQ(find(loaded->config, "heat-api")->check, "") << "as the catalogue knows";
  ASSERT_EQ(loaded->config.checks.size(), 1u);
  EXPECT_EQ(loaded->config.checks[0].name, "keystone-vip");
  EXPECT_EQ(loaded->config.checks[0].url, "https://cloud:5000/v3");
  EXPECT_FALSE(loaded->config.kernel_log);
  EXPECT_FALSE(loaded->config.mask_secrets);
  EXPECT_TRUE(loaded->config.discover);
  EXPECT_EQ(error_of(R"({"discover":"yes"})").field, "discover");
  EXPECT_EQ(error_of(R"({"nova-api":{"check":"8774"}})").field, "nova-api.check");
  EXPECT_EQ(error_of(R"({"nova-api":{"check":7}})").field, "nova-api.check");
  EXPECT_EQ(error_of(R"({"checks":{"x":"gopher://y"}})").field, "checks.x");
  EXPECT_EQ(error_of(R"({"checks":["x"]})").field, "checks");
}

TEST(Config, SystemsToBeAskedForTheirFiguresAreNamedByKind) {
  const auto loaded = parse_config(
      R"({"collect":{"rabbitmq":{"url":"http://127.0.0.1:15672","user":"monitor","password_file":"/etc/s"},
          "memcached":[{"url":"memcached://127.0.0.1:11211"},{"url":"memcached://10.0.0.2:11211"}]}})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  ASSERT_EQ(loaded->config.sources.size(), 3u);
  EXPECT_EQ(loaded->config.sources[0].password_file, "/etc/s");
  EXPECT_TRUE(loaded->config.sources[0].verify);
  EXPECT_EQ(loaded->config.sources[2].url, "memcached://10.0.0.2:11211");
  EXPECT_THAT(describe(error_of(R"({"collect":{"rabitmq":{"url":"x"}}})")), HasSubstr("rabbitmq"));
  EXPECT_THAT(describe(error_of(R"({"collect":{"mariadb":{"user":"x"}}})")), HasSubstr("url"));
  EXPECT_THAT(describe(error_of(R"({"collect":{"mariadb":{"url":"x","pasword":"y"}}})")),
              HasSubstr("password"));
}

TEST(Config, MisspeltKeyIsRefusedWithTheRightOne) {
  const Error error = error_of(R"({"acount_key":"x"})");
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_EQ(error.field, "acount_key");
  EXPECT_THAT(error.message, HasSubstr("account_key"));
  EXPECT_THAT(describe(error_of(R"({"nova-api":{"proces":"nova-api"}})")), HasSubstr("process"));
  EXPECT_THAT(describe(error_of(R"({"watch":{"kernel_event":true}})")), HasSubstr("kernel_events"));
}

TEST(Config, ValuesThatCannotBeNameTheirKey) {
  EXPECT_EQ(error_of(R"({"interval_seconds":0})").field, "interval_seconds");
  EXPECT_EQ(error_of(R"({"interval_seconds":"ten"})").field, "interval_seconds");
  EXPECT_EQ(error_of(R"({"log_level":"LOUD"})").field, "log_level");
  EXPECT_EQ(error_of(R"({"account_key":7})").field, "account_key");
  EXPECT_EQ(error_of(R"({"state_dir":"here"})").field, "state_dir");
  EXPECT_EQ(error_of(R"({"nova-api":{"log":"nova.log"}})").field, "nova-api.log");
  EXPECT_EQ(error_of(R"({"nova-api":true})").field, "nova-api");
  EXPECT_EQ(error_of(R"({"spool_max_bytes":1})").field, "spool_max_bytes");
  EXPECT_EQ(error_of(R"({"a b":false})").field, "a b");
}

TEST(Config, ServiceNamedTwiceIsRefused) {
  EXPECT_EQ(error_of(R"({"nova-api":false,"openstack_services":{"nova-api":false}})").field, "nova-api");
}

TEST(Config, PrettyFileReadsBackTheSame) {
  boost::json::object root;
  root["account_key"] = "k";
  root["nova-api"] = {{"process", "nova-api"}, {"log", "/l"}};
  root["nova-cert"] = false;
  root["plugins"] = boost::json::object();
  const std::string text = to_pretty_json(root);
  EXPECT_EQ(text,
            "{\n    \"account_key\": \"k\",\n    \"nova-api\": {\n        \"process\": \"nova-api\",\n       "
            " \"log\": "
            "\"/l\"\n    },\n    \"nova-cert\": false,\n    \"plugins\": {}\n}\n");
  EXPECT_TRUE(parse_config(text));
}

TEST(Config, AChecksObjectWantsMoreThanAnAnswer) {
  const auto loaded = parse_config(R"({
    "openstack_credentials": {"user": "monitor", "password": "x", "project": "service", "auth_url": "http://k:5000/v2.0"},
    "checks": {"images": {"url": "https://cloud:9292/v2/images", "token": true, "status": 200}},
    "openstack_services": {"nova-api": {"process": "nova-api", "log": "/l",
                                        "check": {"url": "http://127.0.0.1:8774/", "body": "CURRENT"}}}})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  const CheckOptions& images = loaded->config.checks.at(0).options;
  EXPECT_TRUE(images.token);
  EXPECT_TRUE(images.verify) << "a token is not shown to strangers";
  EXPECT_EQ(images.expectation.statuses.at(0), std::pair(200, 200));
  const ServiceConfig& nova = loaded->config.services.at(0);
  EXPECT_EQ(nova.check, "http://127.0.0.1:8774/");
  EXPECT_EQ(nova.check_options.expectation.body, "CURRENT");
  EXPECT_FALSE(nova.check_options.verify);
}

TEST(Config, AChecksMistakesAreNamedByTheirField) {
  const auto error = [](std::string_view check) {
    const auto loaded = parse_config(fmt::format(R"({{"nova-api": {{"check": {}}}}})", check));
    return loaded ? "" : describe(loaded.error());
  };
  EXPECT_THAT(error(R"({"url": "http://x/", "token": true})"), HasSubstr("nova-api.check.token"));
  EXPECT_THAT(error(R"({"url": "http://x/", "statuss": 200})"), HasSubstr("statuss"));
  EXPECT_THAT(error(R"({"url": "tcp://x:1", "status": 200})"), HasSubstr("only of http"));
  EXPECT_THAT(error(R"({"url": "http://x/", "ca_file": "ca.pem"})"), HasSubstr("ca_file"));
  EXPECT_THAT(error(R"({"status": 200})"), HasSubstr("url"));
  EXPECT_THAT(error("7"), HasSubstr("nova-api.check"));
}

TEST(Config, TagsAreNamesAndTexts) {
  const auto loaded = parse_config(R"({"tags": {"rack": "r12", "role": "compute"}})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_THAT(loaded->config.tags,
              ElementsAre(::testing::Pair("rack", "r12"), ::testing::Pair("role", "compute")));
  for (const char* bad :
       {R"({"host": "x"})", R"({"1a": "x"})", R"({"__a": "x"})", R"({"a": ""})", R"({"a": 1})", "[]"})
    EXPECT_FALSE(parse_config(fmt::format(R"({{"tags": {}}})", bad))) << bad;
}

TEST(Config, TheAgentsOwnCapsAreNumbersWithinReason) {
  const auto loaded = parse_config(R"({"limits": {"memory_mb": 64, "cpu_percent": 20}})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.limits.memory_bytes, 64'000'000u);
  EXPECT_DOUBLE_EQ(loaded->config.limits.cpu_ratio, 0.2);
  EXPECT_EQ(loaded->config.limits.window, 10s);
  EXPECT_EQ(parse_config(R"({"limits": {"cpu_percent": 0}})").error().field, "limits.cpu_percent");
  EXPECT_THAT(describe(parse_config(R"({"limits": {"memory": 1}})").error()), HasSubstr("limits"));
}

TEST(Config, StatsdNamesAnAddressAndAPort) {
  const auto loaded = parse_config(R"({"statsd": "127.0.0.1:8125", "old_names": true})");
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(loaded->config.statsd, "127.0.0.1:8125");
  EXPECT_TRUE(loaded->config.old_names);
  EXPECT_EQ(parse_config(R"({"statsd": "8125"})").error().field, "statsd");
}

}  // namespace
}  // namespace sentinella::agent
