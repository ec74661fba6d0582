#include "agent/remote/settings_overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kFile = R"({
  "account_key": "k", "server_url": "https://one:8420", "interval_seconds": 10,
  "nova-api": {"process": "nova-api", "log": "/var/log/nova/nova-api.log"},
  "openstack_services": {"heat-api": {"process": "heat-api", "log": "/var/log/heat/heat-api.log"}},
  "checks": {"vip": "tcp://vip:1"}})";

Result<LoadedConfig> over(std::string_view settings, std::string_view file = kFile) {
  return lay_over_file(file, *parse_json_object(settings));
}

Config config_of(std::string_view settings) {
  auto loaded = over(settings);
  EXPECT_TRUE(loaded) << describe(loaded.error());
  return loaded ? loaded->config : Config{};
}

std::string refusal(std::string_view settings, std::string_view file = kFile) {
  const auto loaded = over(settings, file);
  return loaded ? "" : describe(loaded.error());
}

TEST(SettingsOverlay, TheServersFiguresReplaceTheFiles) {
  const Config config = config_of(R"({"interval_seconds": 30, "discover": true, "kernel_log": false})");
  EXPECT_EQ(config.interval, 30s);
  EXPECT_TRUE(config.discover);
  EXPECT_FALSE(config.kernel_log);
  EXPECT_EQ(config.account_key, "k");
}

TEST(SettingsOverlay, ServicesAreChangedAddedAndSwitchedOffWhereverTheFileNamesThem) {
  const Config config = config_of(R"({"services": {"nova-api": {"check": false}, "heat-api": false,
                                      "glance-api": {"log": "journal"}}, "checks": {"keystone": "tcp://k:2"}})");
  ASSERT_EQ(config.services.size(), 3u);
  EXPECT_EQ(config.services[0].log, "/var/log/nova/nova-api.log");
  EXPECT_FALSE(config.services[0].checked);
  EXPECT_FALSE(config.services[1].enabled);
  EXPECT_EQ(config.services[2].name, "glance-api");
  EXPECT_EQ(config.checks.size(), 2u);
}

TEST(SettingsOverlay, OnlyLogsBelowTheAllowedDirectoriesAreReadForTheServer) {
  for (const char* log : {"/etc/shadow", "/var/logs/x", "/var/log", "/var/log/../../etc/shadow"})
    EXPECT_THAT(refusal(fmt::format(R"({{"services": {{"x": {{"log": "{}"}}}}}})", log)),
                HasSubstr("services.x.log"))
        << log;
  EXPECT_THAT(refusal(R"({"services": {"x": {"log": ["/var/log/x.log", "/etc/*"]}}})"),
              HasSubstr("services.x.log"));
  EXPECT_EQ(refusal(R"({"services": {"x": {"log": ["/var/log/x.log", "/var/log/x/*.log"]}}})"), "");
  EXPECT_EQ(refusal(R"({"services": {"x": {"log": "/var/log/x.log"}}})"), "");
  EXPECT_EQ(refusal(R"({"services": {"x": {"log": "/srv/log/x.log"}}})",
                    R"({"remote": {"log_directories": ["/srv/log/"]}})"),
            "");
}

TEST(SettingsOverlay, AnotherDoorKeepsTheTrustOfTheFile) {
  EXPECT_THAT(refusal(R"({"server_url": ["https://two:8420", "http://three:8420"]})"),
              HasSubstr("server_url"));
  const Config config = config_of(R"({"server_url": ["https://two:8420", "https://one:8420"]})");
  EXPECT_EQ(config.server_url, "https://two:8420");
  EXPECT_THAT(config.enrolled_urls, ElementsAre("https://one:8420"));
}

TEST(SettingsOverlay, AKeyOfTheFileIsNoServiceAndNothingRunsAProgram) {
  EXPECT_NE(refusal(R"({"services": {"plugins": {"process": "x"}}})"), "");
  EXPECT_NE(refusal(R"({"services": {"account_key": false}})"), "");
  EXPECT_NE(refusal(R"({"plugins": {"x": ["y"]}})"), "");
}

TEST(SettingsOverlay, AFileThatDoesNotWantToHearTheServerIsLeftAlone) {
  EXPECT_THAT(refusal(R"({"interval_seconds": 5})", R"({"remote": false})"), HasSubstr("remote"));
  EXPECT_EQ(refusal("{}", R"({"remote": false})"), "");
}

}  // namespace
}  // namespace sentinella::agent
