#include "agent/plugin/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Label> kOurs = {{"host", "h"}, {"plugin", "p"}};

std::vector<std::string> texts(const std::vector<SeriesSamples>& samples) {
  std::vector<std::string> out;
  for (const SeriesSamples& s : samples)
    out.push_back(fmt::format("{} {}", s.labels.to_string(), s.samples[0].value));
  return out;
}

TEST(PluginOutput, MeasurementsOfTheFirstReleaseAreRead) {
  const auto out = parse_plugin_json(
      R"([{"name":"pool.used","value":1.5,"tags":{"pool":"vms","size":3}},{"name":"reads_total","value":7},)"
      R"({"name":"is_up","value":true},{"value":3},{"name":"x","value":"text"}])",
      kOurs, kSomeTime);
  ASSERT_TRUE(out) << describe(out.error());
  EXPECT_THAT(texts(out->samples),
              ElementsAre(R"(pool_used{host="h",plugin="p",pool="vms",size="3"} 1.5)",
                          R"(reads_total{host="h",plugin="p"} 7)", R"(is_up{host="h",plugin="p"} 1)"));
  EXPECT_EQ(out->samples[1].kind, SeriesKind::counter);
  EXPECT_EQ(out->samples[0].samples[0].at, kSomeTime);
  EXPECT_EQ(out->refused, 2u);
  EXPECT_TRUE(parse_plugin_json(R"({"measurements":[]})", kOurs, kSomeTime));
  EXPECT_FALSE(parse_plugin_json(R"({"x":1})", kOurs, kSomeTime));
  EXPECT_FALSE(parse_plugin_json("", kOurs, kSomeTime));
}

TEST(PluginOutput, APlugInCannotSpeakForAnotherHost) {
  const auto out = parse_plugin_json(R"([{"name":"a","value":1,"tags":{"host":"other","plugin":"other"}}])",
                                     kOurs, kSomeTime);
  EXPECT_THAT(texts(out->samples), ElementsAre(R"(a{host="h",plugin="p"} 1)"));
}

TEST(PluginOutput, LinesAreReadAndBadOnesCounted) {
  const auto out = parse_plugin_lines(
      "# comment\npool,name=a\\ b used=1.5,free=2i,note=\"x\"\n\nbroken\npool used=\n", kOurs, kSomeTime);
  ASSERT_TRUE(out) << describe(out.error());
  EXPECT_THAT(texts(out->samples), ElementsAre(R"(pool_used{host="h",name="a b",plugin="p"} 1.5)",
                                               R"(pool_free{host="h",name="a b",plugin="p"} 2)"));
  EXPECT_EQ(out->refused, 2u);
  EXPECT_FALSE(parse_plugin_lines("broken\n", kOurs, kSomeTime));
  EXPECT_TRUE(parse_plugin_lines("", kOurs, kSomeTime));
}

TEST(PluginOutput, FiguresOfNagiosPluginsAreRead) {
  const auto out = parse_nagios(
      "DISK OK - free space: / 3326 MB (56%);| /=2643MB;5948;5958;0;5968 'a b'=12.5%;80;90\nlong text\n | "
      "time=0.05s x=",
      kOurs, kSomeTime);
  EXPECT_THAT(texts(out.samples),
              ElementsAre(R"(plugin_figure{host="h",label="/",plugin="p",unit="MB"} 2643)",
                          R"(plugin_figure{host="h",label="a b",plugin="p",unit="%"} 12.5)",
                          R"(plugin_figure{host="h",label="time",plugin="p",unit="s"} 0.05)"));
}

TEST(PluginOutput, TooMuchIsCutAndSaid) {
  std::string text;
  for (std::size_t i = 0; i < kMaxPluginSamples + 10; ++i) text += fmt::format("m,i={} v=1\n", i);
  const auto out = parse_plugin_lines(text, kOurs, kSomeTime);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->samples.size(), kMaxPluginSamples);
  EXPECT_EQ(out->refused, 10u);
  EXPECT_THAT(out->reason, HasSubstr("more than 5000"));
}

}  // namespace
}  // namespace sentinella::agent
