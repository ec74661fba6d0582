#include "agent/config/log_options.h"

#include <gmock/gmock.h>

#include "agent/config/config.h"

namespace sentinella::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Config read(std::string_view text) {
  const auto loaded = parse_config(text);
  EXPECT_TRUE(loaded) << describe(loaded.error());
  return loaded ? loaded->config : Config{};
}

TEST(LogOptions, AServiceMayHaveSeveralLogsInBothForms) {
  for (const std::string_view text :
       {R"({"nova-api": {"log": ["/var/log/nova/nova-api.log", "/var/log/nova/*-access.log", "journal"]}})",
        R"({"openstack_services": {"nova-api": {"log": ["/var/log/nova/nova-api.log",
                                                        "/var/log/nova/*-access.log", "journal"]}}})"}) {
    const Config config = read(text);
    ASSERT_EQ(config.services.size(), 1u);
    EXPECT_EQ(config.services[0].log, "/var/log/nova/nova-api.log");
    EXPECT_THAT(config.services[0].logs(),
                ElementsAre("/var/log/nova/nova-api.log", "/var/log/nova/*-access.log", "journal"));
  }
  EXPECT_THAT(read(R"({"nova-api": {"log": "/a.log"}})").services[0].logs(), ElementsAre("/a.log"));
  EXPECT_THAT(read(R"({"nova-api": {"log": []}})").services[0].logs(), ElementsAre());
}

TEST(LogOptions, AMistakeNamesTheFieldAndTheReason) {
  for (const auto& [text, says] :
       {std::pair(R"({"nova-api": {"log": ["a.log"]}})", "neither an absolute path"),
        std::pair(R"({"nova-api": {"log": [""]}})", "is empty"),
        std::pair(R"({"nova-api": {"log": [7]}})", "a list of them is expected")}) {
    const auto refused = parse_config(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().field, "nova-api.log");
    EXPECT_THAT(refused.error().message, HasSubstr(says));
  }
  std::string many = R"({"nova-api": {"log": [")";
  for (int i = 0; i < 16; ++i) many += "/a\", \"";
  EXPECT_THAT(parse_config(many + "/a\"]}}").error().message, HasSubstr("17 logs, at most 16"));
}

TEST(LogOptions, AServicesLimitsAreItsOwnOrThoseOfAll) {
  const Config config = read(R"({"nova-api": {"log_limits": {"records_per_second": 5}}, "glance-api": {},
                                 "log_limits": {"records_per_second": 100, "bytes_per_second": 4096}})");
  EXPECT_EQ(config.limits_of(config.services[0]), (LogLimits{5, 4096}));
  EXPECT_EQ(config.limits_of(config.services[1]), (LogLimits{100, 4096}));
  EXPECT_EQ(read(R"({"nova-api": {}})").log_limits, LogLimits{});
  EXPECT_EQ(parse_config(R"({"log_limits": {"bytes_per_second": -1}})").error().field,
            "log_limits.bytes_per_second");
  EXPECT_EQ(parse_config(R"({"log_limits": {"lines": 1}})").error().field, "log_limits");
  EXPECT_EQ(parse_config(R"({"nova-api": {"log_limits": 3}})").error().field, "nova-api.log_limits");
}

}  // namespace
}  // namespace sentinella::agent
