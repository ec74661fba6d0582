#include "codec/agent_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"

namespace sentinella::codec {
namespace {

using testing::HasSubstr;

std::string why_not(std::string_view text) {
  const auto settings = parse_agent_settings(text);
  return settings ? "" : describe(settings.error());
}

TEST(AgentSettings, EveryDocumentedKeyIsTaken) {
  EXPECT_EQ(why_not(R"({"interval_seconds": 5, "discover": true, "kernel_log": false, "log_level": "DEBUG",
                        "spool_max_bytes": 536870912, "server_url": ["https://a:8420", "https://b:8420"],
                        "watch": {"kernel_events": false, "exit_info": true},
                        "services": {"heat-api": {"process": "heat-api", "log": "/var/log/heat/heat-api.log",
                                                  "check": false},
                                     "nova-api": false, "nova-compute": {"log": "journal:nova-compute.service"},
                                     "libvirtd": {"log": ["/var/log/libvirt/libvirtd.log",
                                                          "/var/log/libvirt/qemu/*.log"],
                                                  "log_limits": {"records_per_second": 0}}},
                        "log_limits": {"records_per_second": 1000, "bytes_per_second": 1048576},
                        "checks": {"keystone-vip": "https://cloud.example:5000/v3"}})"),
            "");
  EXPECT_EQ(why_not("{}"), "");
}

TEST(AgentSettings, NothingThatRunsAProgramOrNamesASecretIsAKey) {
  for (const char* key :
       {"plugins", "plugins_conf_dir", "plugin_index", "scrape", "collect", "account_key", "ca_file",
        "pinned_sha256", "state_dir", "node", "log_file", "journal_dir", "remote", "nova-api"})
    EXPECT_NE(why_not(fmt::format(R"({{"{}": "/bin/sh"}})", key)), "") << key;
}

TEST(AgentSettings, WhatIsOutOfBoundsIsRefusedByName) {
  EXPECT_THAT(why_not(R"({"interval_seconds": 0})"), HasSubstr("interval_seconds"));
  EXPECT_THAT(why_not(R"({"interval_seconds": "5"})"), HasSubstr("interval_seconds"));
  EXPECT_THAT(why_not(R"({"server_url": "ftp://x"})"), HasSubstr("server_url"));
  EXPECT_THAT(why_not(R"({"server_url": []})"), HasSubstr("server_url"));
  EXPECT_THAT(why_not(R"({"log_level": "LOUD"})"), HasSubstr("log_level"));
  EXPECT_THAT(why_not(R"({"services": {"a": true}})"), HasSubstr("services.a"));
  EXPECT_THAT(why_not(R"({"services": {"a": {"command": "x"}}})"), HasSubstr("services.a"));
  EXPECT_THAT(why_not(R"({"services": {"a": {"log": "nova.log"}}})"), HasSubstr("services.a.log"));
  EXPECT_THAT(why_not(R"({"services": {"a": {"log": "/var/log/../../etc/shadow"}}})"),
              HasSubstr("services.a.log"));
  EXPECT_THAT(why_not(R"({"services": {"a b": false}})"), HasSubstr("services"));
  EXPECT_THAT(why_not(R"({"checks": {"vip": "cloud"}})"), HasSubstr("checks.vip"));
  EXPECT_THAT(why_not(R"({"discover": 1})"), HasSubstr("discover"));
  EXPECT_NE(why_not("[]"), "");
  EXPECT_NE(why_not(std::string(kMaxAgentSettings + 1, ' ')), "");
}

TEST(AgentSettings, LogsAndTheirLimitsAreBounded) {
  EXPECT_THAT(why_not(R"({"services": {"x": {"log": ["/var/log/a", "/var/log/../../etc/shadow"]}}})"),
              HasSubstr("services.x.log"));
  EXPECT_THAT(why_not(R"({"log_limits": {"bytes_per_second": 0.5}})"),
              HasSubstr("log_limits.bytes_per_second"));
  EXPECT_THAT(why_not(R"({"services": {"x": {"log_limits": {"lines": 5}}}})"),
              HasSubstr("services.x.log_limits"));
  std::string many = R"({"services": {"x": {"log": [)";
  for (int i = 0; i < 16; ++i) many += R"("/var/log/a", )";
  EXPECT_THAT(why_not(many + R"("/var/log/a"]}}})"), HasSubstr("17 logs, at most 16"));
}

TEST(AgentSettings, ALayerReplacesKeysAndAddsServices) {
  auto below = *parse_agent_settings(
      R"({"interval_seconds": 10, "services": {"a": false, "b": {"process": "b"}}, "checks": {"x": "tcp://x:1"}})");
  lay_over(below, *parse_agent_settings(
                      R"({"interval_seconds": 5, "services": {"b": false, "c": {"log": "journal"}}})"));
  EXPECT_EQ(
      boost::json::serialize(below),
      R"({"interval_seconds":5,"services":{"a":false,"b":false,"c":{"log":"journal"}},"checks":{"x":"tcp://x:1"}})");
}

}  // namespace
}  // namespace sentinella::codec
