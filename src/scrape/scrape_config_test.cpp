#include "scrape/scrape_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "scrape/testing.h"

namespace sentinella::scrape {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ScrapeConfig parse(std::string_view yaml) {
  auto config = parse_scrape_config(yaml, "/etc/prometheus");
  EXPECT_TRUE(config) << (config ? "" : describe(config.error()));
  return config ? std::move(*config) : ScrapeConfig{};
}

std::string error_of(std::string_view yaml) {
  const auto config = parse_scrape_config(yaml, "/etc/prometheus");
  return config ? "it was accepted" : describe(config.error());
}

std::string error_of_job(const std::string& line) {
  return error_of("scrape_configs:\n- job_name: j\n  " + line + "\n");
}

TEST(ScrapeConfig, AFileAsPrometheusShipsItIsReadUnchanged) {
  const auto text = read_file(std::string(SENTINELLA_TESTDATA) + "/prometheus.yml");
  ASSERT_TRUE(text);
  const ScrapeConfig config = parse(*text);
  ASSERT_THAT(config.jobs, SizeIs(3));
  EXPECT_EQ(config.external_labels.to_string(), R"({monitor="example"})");
  EXPECT_THAT(config.warnings, ElementsAre(HasSubstr("rule_files"), HasSubstr("alerting")));
  const ScrapeJob& first = config.jobs[0];
  EXPECT_EQ(first.name, "prometheus");
  EXPECT_EQ(first.interval, 5s);
  EXPECT_EQ(first.timeout, 5s);
  EXPECT_EQ(first.metrics_path, "/metrics");
  EXPECT_THAT(first.static_groups, ElementsAre(TargetGroup{{"localhost:9090"}, {}}));
  const ScrapeJob& node = config.jobs[1];
  EXPECT_EQ(node.interval, 15s);
  EXPECT_EQ(node.timeout, 10s);
  EXPECT_THAT(node.target_files, ElementsAre("/etc/prometheus/nodes/*.yml", "/srv/more.json"));
  const ScrapeJob& full = config.jobs[2];
  EXPECT_EQ(full.scheme, "https");
  EXPECT_TRUE(full.honor_labels);
  EXPECT_FALSE(full.honor_timestamps);
  EXPECT_FALSE(full.follow_redirects);
  EXPECT_EQ(full.authorization.username, "monitor");
  EXPECT_EQ(full.authorization.password_file, "/etc/prometheus/password");
  EXPECT_EQ(full.tls.ca_file, "/etc/prometheus/ca.pem");
  EXPECT_FALSE(full.tls.verify);
  EXPECT_EQ(full.limits.body_bytes, 10u << 20);
  EXPECT_EQ(full.limits.samples, 50'000u);
  EXPECT_EQ(full.limits.labels, 30u);
  EXPECT_EQ(full.limits.label_name_bytes, 100u);
  EXPECT_EQ(full.limits.label_value_bytes, 200u);
  EXPECT_EQ(full.limits.targets, 10u);
  EXPECT_EQ(full.params, (Parameters{{"module", {"http_2xx"}}, {"match[]", {"a", "b"}}}));
  EXPECT_FALSE(full.relabeling.empty());
  EXPECT_FALSE(full.metric_relabeling.empty());
}

TEST(ScrapeConfig, AClientCertificateHasItsKey) {
  const auto config = parse(
      "scrape_configs:\n- {job_name: j, tls_config: {cert_file: us.pem, key_file: /etc/us.key, ca_file: "
      "ca.pem}}\n");
  ASSERT_THAT(config.jobs, SizeIs(1));
  EXPECT_EQ(config.jobs[0].tls.certificate_file, "/etc/prometheus/us.pem");
  EXPECT_EQ(config.jobs[0].tls.key_file, "/etc/us.key");
  EXPECT_EQ(config.jobs[0].tls.ca_file, "/etc/prometheus/ca.pem");
  EXPECT_THAT(error_of_job("tls_config: {cert_file: us.pem}"), HasSubstr("go together"));
  EXPECT_THAT(error_of_job("tls_config: {key_file: us.pem}"), HasSubstr("go together"));
}

TEST(ScrapeConfig, AMisspeltKeyIsRefusedWithLineAndTheRightOne) {
  EXPECT_THAT(error_of_job("scrape_intervall: 5s"),
              testing::AllOf(HasSubstr("line 3"), HasSubstr("did you mean scrape_interval?")));
  EXPECT_THAT(error_of("scrape_config: []\n"), HasSubstr("did you mean scrape_configs?"));
  EXPECT_THAT(error_of("global: {scrape_timout: 1s}\n"), HasSubstr("did you mean scrape_timeout?"));
  EXPECT_THAT(error_of_job("static_configs: [{target: [a]}]"), HasSubstr("did you mean targets?"));
  EXPECT_THAT(error_of_job("relabel_configs: [{action: keap}]"), HasSubstr("did you mean keep?"));
}

TEST(ScrapeConfig, WhatOnlyPrometheusHasIsRefusedAndSaysSo) {
  EXPECT_THAT(error_of_job("kubernetes_sd_configs: [{role: pod}]"),
              HasSubstr("Prometheus has this, we do not"));
  EXPECT_THAT(error_of_job("proxy_url: http://p:1"), HasSubstr("proxy_url"));
}

TEST(ScrapeConfig, ValuesThatCannotBeNameTheirKey) {
  EXPECT_THAT(error_of("scrape_configs: [{}]"), HasSubstr("job_name"));
  EXPECT_THAT(error_of("scrape_configs: [{job_name: a}, {job_name: a}]"), HasSubstr("two jobs"));
  EXPECT_THAT(error_of_job("scrape_interval: fast"), HasSubstr("scrape_interval"));
  EXPECT_THAT(error_of_job("scrape_timeout: 2m"), HasSubstr("longer than"));
  EXPECT_THAT(error_of_job("scheme: ftp"), HasSubstr("http or https"));
  EXPECT_THAT(error_of_job("honor_labels: perhaps"), HasSubstr("true or false"));
  EXPECT_THAT(error_of_job("body_size_limit: 10 sheep"), HasSubstr("not a size"));
  EXPECT_THAT(error_of_job("sample_limit: -1"), HasSubstr("whole number"));
  EXPECT_THAT(error_of_job("basic_auth: {password: x}"), HasSubstr("username"));
  EXPECT_THAT(error_of_job("basic_auth: {username: u}\n  bearer_token: t"), HasSubstr("only one way"));
  EXPECT_THAT(error_of_job("file_sd_configs: [{files: [hosts.txt]}]"), HasSubstr(".json, .yml or .yaml"));
  EXPECT_THAT(error_of_job("file_sd_configs: [{files: ['*/hosts.yml']}]"), HasSubstr("last part"));
  EXPECT_THAT(error_of_job("relabel_configs: [{regex: '('}]"), HasSubstr("line 3"));
  EXPECT_THAT(error_of("scrape_configs: ["), HasSubstr("line"));
}

TEST(ScrapeConfig, AShortIntervalShortensTheInheritedTimeout) {
  const ScrapeConfig config = parse("scrape_configs: [{job_name: a, scrape_interval: 3s}]");
  EXPECT_EQ(config.jobs.at(0).timeout, 3s);
}

TEST(ScrapeConfig, BearerTokensAreReadInBothSpellings) {
  const ScrapeConfig config = parse(
      "scrape_configs:\n- {job_name: a, authorization: {credentials: s}}\n- {job_name: b, bearer_token_file: "
      "t}\n");
  EXPECT_EQ(config.jobs.at(0).authorization.type, "Bearer");
  EXPECT_EQ(config.jobs.at(0).authorization.credentials, "s");
  EXPECT_EQ(config.jobs.at(1).authorization.type, "Bearer");
  EXPECT_EQ(config.jobs.at(1).authorization.credentials_file, "/etc/prometheus/t");
}

TEST(TargetFile, JsonAndYamlSayTheSame) {
  const auto json =
      parse_target_file(R"([{"targets":["a:1","b:2"],"labels":{"env":"prod"}},{"targets":[]}])", true);
  const auto yaml = parse_target_file("- targets: [a:1, b:2]\n  labels: {env: prod}\n- targets: []\n", false);
  ASSERT_TRUE(json && yaml);
  EXPECT_THAT(*json, ElementsAre(TargetGroup{{"a:1", "b:2"}, labels_of({{"env", "prod"}})}, TargetGroup{}));
  EXPECT_EQ(*json, *yaml);
  EXPECT_THAT(parse_target_file("", false).value(), IsEmpty());
}

TEST(TargetFile, WhatIsNoListOfGroupsIsRefused) {
  for (const char* text : {"{}", "[1]", R"([{"target":[]}])", R"([{"labels":{"0":"x"}}])",
                           R"([{"labels":{"x":1}}])", R"([{"targets":"a"}])", "nonsense"})
    EXPECT_FALSE(parse_target_file(text, true)) << text;
  for (const char* text : {"a: b", "- a", "- targets: {a: b}", "- labels: {0-: x}", "["})
    EXPECT_FALSE(parse_target_file(text, false)) << text;
}

}  // namespace
}  // namespace sentinella::scrape
