#include "server/config.h"

#include <gtest/gtest.h>

namespace sentinella::server {
namespace {

TEST(Config, TheSampleIsValidAndChangesNothing) {
  std::string sample = config_sample();
  for (std::size_t at = 0; (at = sample.find("\n#", at)) != std::string::npos; ++at)
    if (sample[at + 2] != ' ') sample.erase(at + 1, 1);
  const auto config = parse_config(sample);
  ASSERT_TRUE(config) << describe(config.error());
  EXPECT_EQ(config->listen, Config{}.listen);
  EXPECT_EQ(config->logs_bytes, Config{}.logs_bytes);
  EXPECT_EQ(config->metrics_age, Config{}.metrics_age);
}

TEST(Config, AMisspeltKeyIsAnErrorThatNamesTheRightOne) {
  const auto config = parse_config("[retention]\nlog_age = 3d\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().field, "log_age");
  EXPECT_NE(config.error().message.find("\"logs_age\""), std::string::npos);
  EXPECT_NE(config.error().message.find("line 2"), std::string::npos);
}

TEST(Config, BadValuesNameLineAndReason) {
  EXPECT_EQ(parse_config("listen = nowhere\n").error().field, "listen");
  EXPECT_EQ(parse_config("[retention]\nlogs_bytes = many\n").error().field, "logs_bytes");
  EXPECT_EQ(parse_config("[nova]\nx = 1\n").error().field, "nova");
}

TEST(Config, TheJournalIsSyncedAtEveryCommitUnlessItIsToldOtherwise) {
  EXPECT_EQ(parse_config("")->journal_sync, Duration::zero());
  EXPECT_EQ(parse_config("[journal]\nsync = commit\n")->journal_sync, Duration::zero());
  EXPECT_EQ(parse_config("[journal]\nsync = 1s\n")->journal_sync, 1s);
  EXPECT_EQ(parse_config("[journal]\nsync = 2s\n").error().field, "sync");
}

TEST(Config, LimitsOfMetricsAreChecked) {
  const auto config = parse_config(
      "[metrics]\nlate_window = 2h\nmax_series_per_account = 1000\nmax_head_bytes = 64MiB\n"
      "[retention]\nmetrics_age = 30d\nmetrics_bytes = 1GiB\n");
  ASSERT_TRUE(config) << describe(config.error());
  EXPECT_EQ(config->late_window, 2h);
  EXPECT_EQ(config->max_series_per_account, 1000u);
  EXPECT_EQ(config->max_head_bytes, 64u << 20);
  EXPECT_EQ(config->metrics_bytes, 1u << 30);
  for (const auto& [section, line, field] :
       {std::tuple{"metrics", "late_window = soon", "late_window"},
        {"metrics", "late_window = -1h", "late_window"},
        {"metrics", "max_series_per_account = 0", "max_series_per_account"},
        {"metrics", "max_series_per_account = 5M", "max_series_per_account"},
        {"metrics", "max_head_bytes = 1KiB", "max_head_bytes"},
        {"retention", "metrics_age = 30", "metrics_age"},
        {"retention", "metrics_age = 30s", "metrics_age"},
        {"retention", "logs_bytes = 20", "logs_bytes"}}) {
    const auto bad = parse_config(fmt::format("[{}]\n{}\n", section, line));
    ASSERT_FALSE(bad) << line;
    EXPECT_EQ(bad.error().field, field);
    EXPECT_NE(bad.error().message.find("line 2"), std::string::npos) << bad.error().message;
  }
}

TEST(Config, TheAlarmModelIsOneOfTwo) {
  EXPECT_EQ(parse_config("")->alarm_model, alerts::AlarmModel::Name::alerta);
  EXPECT_EQ(parse_config("[alerts]\nalarm_model = isa_18_2\n")->alarm_model,
            alerts::AlarmModel::Name::isa_18_2);
  EXPECT_EQ(parse_config("[alerts]\nalarm_model = isa\n").error().field, "alarm_model");
}

TEST(Config, StatsdIsOffUntilItHasAnAddressAndTakesOnlyNetworks) {
  EXPECT_EQ(parse_config("")->statsd_listen, "");
  const auto config = parse_config("[statsd]\nlisten = :8125\naccount = lab\nallow = 10.0.0.0/8\n");
  ASSERT_TRUE(config) << describe(config.error());
  EXPECT_EQ(config->statsd_account, "lab");
  EXPECT_EQ(parse_config("[statsd]\nlisten = 8125\n").error().field, "listen");
  EXPECT_EQ(parse_config("[statsd]\nallow = everybody\n").error().field, "allow");
  EXPECT_EQ(parse_config("[statsd]\ninterval = 10ms\n").error().field, "interval");
}

TEST(Config, ListenersOfLogsAreOffAndEachSectionIsOneOfItsOwn) {
  EXPECT_TRUE(parse_config("")->log_listeners.empty());
  const auto config = parse_config(
      "[syslog]\nudp = :514\nmax_line = 1MiB\n[syslog lab]\ntls = :6514\naccount = lab\nproxy_protocol = on\n"
      "zone = +02:00\n[forward]\ntcp = 127.0.0.1:24224\nshared_key = x\n[syslog]\nmax_connections = 7\n");
  ASSERT_TRUE(config) << describe(config.error());
  const auto& listeners = config->log_listeners;
  ASSERT_EQ(listeners.size(), 3u);
  EXPECT_EQ(listeners[0].max_line, 1u << 20);
  EXPECT_EQ(listeners[0].max_connections, 7u);
  EXPECT_EQ(listeners[1].account, "lab");
  EXPECT_TRUE(listeners[1].proxy_protocol);
  EXPECT_EQ(listeners[1].zone, 2h);
  EXPECT_EQ(listeners[2].shared_key, "x");
}

TEST(Config, WhatIsWrongOfAListenerIsNamed) {
  const auto unknown = parse_config("[forward]\nmax_line = 1MiB\n");
  EXPECT_EQ(unknown.error().field, "max_line");
  EXPECT_EQ(parse_config("[syslog]\ntpc = :514\n").error().field, "tpc");
  for (const char* line : {"udp = 514", "allow = everybody", "proxy_protocol = yes", "max_line = 10",
                           "max_connections = 0", "zone = east"})
    EXPECT_FALSE(parse_config(fmt::format("[syslog]\n{}\n", line))) << line;
}

TEST(Config, ListenTakesEveryUsualForm) {
  EXPECT_EQ(parse_listen("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_listen(":8420")->host, "0.0.0.0");
  EXPECT_FALSE(parse_listen("127.0.0.1"));
  EXPECT_FALSE(parse_listen("127.0.0.1:99999"));
  EXPECT_TRUE(is_loopback("127.0.0.1"));
  EXPECT_FALSE(is_loopback("0.0.0.0"));
}

TEST(Config, LimitsOfLogsAreReadOneByOne) {
  const auto config = parse_config("[retention]\nlogs_limits = */haproxy 3d 1GiB, default/* 60d\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->log_caps.size(), 2u);
  EXPECT_EQ(config->log_caps[0].account, "*");
  EXPECT_EQ(config->log_caps[0].pattern, "haproxy");
  EXPECT_EQ(config->log_caps[0].max_age, std::chrono::hours(72));
  EXPECT_EQ(config->log_caps[0].max_bytes, 1ull << 30);
  EXPECT_EQ(config->log_caps[1].account, "default");
  EXPECT_EQ(config->log_caps[1].max_bytes, 0u);
  for (const char* wrong : {"haproxy 3d", "*/haproxy", "*/x soon", "*/x raw=1d"})
    EXPECT_EQ(parse_config(std::string("[retention]\nlogs_limits = ") + wrong + "\n").error().field,
              "logs_limits")
        << wrong;
}

TEST(Config, LimitsOfMetricsAreReadOneByOne) {
  const auto config = parse_config(
      "[retention]\nmetrics_roll_up = 1h\nmetrics_limits = */node_* 90d raw=7d, default/* 10GiB\n");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->metric_caps.size(), 2u);
  EXPECT_EQ(config->metric_caps[0].pattern, "node_*");
  EXPECT_EQ(config->metric_caps[0].raw_age, std::chrono::hours(7 * 24));
  EXPECT_EQ(config->metric_caps[1].max_bytes, 10ull << 30);
  EXPECT_EQ(config->metrics_roll_up, std::chrono::hours(1));
  EXPECT_EQ(parse_config("[retention]\nmetrics_limits = */node_* 1GiB\n").error().field, "metrics_limits");
  EXPECT_EQ(parse_config("[retention]\nmetrics_roll_up = 7m\n").error().field, "metrics_roll_up");
}

}  // namespace
}  // namespace sentinella::server
