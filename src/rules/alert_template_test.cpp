#include "rules/alert_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::rules {
namespace {

std::string expand(std::string_view text, double value = 0.0421) {
  static const Labels labels({{"instance", "web1.example.org:9100"}, {"job", "node"}});
  return expand_template(text, {labels, value, "https://s"});
}

TEST(AlertTemplate, SaysWhatPrometheusSays) {
  EXPECT_EQ(expand("{{ $labels.instance }} of {{$labels.job}}"), "web1.example.org:9100 of node");
  EXPECT_EQ(expand("{{ $value }}"), "0.0421");
  EXPECT_EQ(expand("{{ $value | humanizePercentage }}"), "4.21%");
  EXPECT_EQ(expand("{{ humanize $value }}", 1234567), "1.235M");
  EXPECT_EQ(expand("{{ humanize1024 $value }}", 1048576), "1Mi");
  EXPECT_EQ(expand("{{ humanizeDuration $value }}", 3723), "1h 2m 3s");
  EXPECT_EQ(expand("{{ printf \"%.2f of %s\" $value .Labels.job }}"), "0.04 of node");
  EXPECT_EQ(expand("{{ $labels.instance | stripPort | stripDomain | toUpper }}"), "WEB1");
  EXPECT_EQ(expand("{{ reReplaceAll \"web(.)\" \"host$1\" $labels.instance }}"), "host1.example.org:9100");
  EXPECT_EQ(expand("a {{- /* nothing */ -}} b"), "ab");
}

TEST(AlertTemplate, Branches) {
  constexpr std::string_view text =
      "{{ if gt $value 0.9 }}bad{{ else if gt $value 0.5 }}{{ $value }}{{ else }}fine{{ end }}";
  EXPECT_EQ(expand(text, 0.95), "bad");
  EXPECT_EQ(expand(text, 0.7), "0.7");
  EXPECT_EQ(expand(text, 0.1), "fine");
}

TEST(AlertTemplate, AFaultIsTextAndLosesNoAlert) {
  EXPECT_THAT(expand("{{ query \"up\" }}"), testing::StartsWith("<error expanding template:"));
  EXPECT_THAT(expand("{{ range $labels }}{{ end }}"), testing::StartsWith("<error expanding template:"));
  EXPECT_FALSE(check_template("{{ $value"));
  EXPECT_FALSE(check_template("{{ if $value }}x"));
  EXPECT_TRUE(check_template("{{ query \"up\" }}"));
  EXPECT_THAT(expand(std::string("{{ ") + std::string(5000, '(')), testing::StartsWith("<error"));
}

}  // namespace
}  // namespace sentinella::rules
