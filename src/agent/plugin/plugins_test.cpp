#include "agent/plugin/plugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kManifest =
    R"({"name":"demo","version":"1.0","description":"a demonstration","author":"us","functions":{)"
    R"("good":{"command":["./run.sh","good"]},"bad":{"command":["./run.sh","bad"],"interval_seconds":5},)"
    R"("check":{"command":["./run.sh","check"],"format":"nagios"}}})";
constexpr std::string_view kScript =
    "#!/bin/sh\ncase $1 in\n"
    "good) echo '[{\"name\":\"demo.value\",\"value\":42}]' ;;\n"
    "check) echo \"WARNING on $SENTINELLA_HOST $(cat $SENTINELLA_PLUGIN_CONFIG)|x=1\"; exit 1 ;;\n"
    "*) echo 'no such thing' >&2; exit 7 ;;\nesac\n";

class PluginDirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(directory / "demo");
    append_to(directory / "demo/plugin.json", kManifest);
    append_to(directory / "demo/run.sh", kScript);
    ::chmod((directory / "demo/run.sh").c_str(), 0755);
    append_to(directory / "demo.conf", "configured");
  }
  static Error error_of(const std::string& manifest) {
    const auto parsed = parse_manifest(manifest);
    return parsed ? Error{Errc::kInternal, "it was accepted", ""} : parsed.error();
  }
  TemporaryDirectory directory;
  ManualClock due{Time{1}};
};

TEST_F(PluginDirectory, AManifestIsRead) {
  const auto plugin = load_plugin(directory / "demo");
  ASSERT_TRUE(plugin) << describe(plugin.error());
  EXPECT_EQ(plugin->version, "1.0");
  ASSERT_EQ(plugin->functions.size(), 3u);
  EXPECT_EQ(plugin->functions[1].interval, 5s);
  EXPECT_EQ(plugin->functions[2].format, PluginFormat::nagios);
  std::vector<std::string> problems;
  EXPECT_EQ(installed_plugins(directory.path(), problems).size(), 1u);
}

TEST_F(PluginDirectory, MistakesInAManifestNameTheirField) {
  EXPECT_EQ(error_of(R"({"name":"A B","version":"1","functions":{"f":{"command":["/x"]}}})").field, "name");
  EXPECT_EQ(error_of(R"({"name":"a","version":"1"})").field, "functions");
  EXPECT_EQ(error_of(R"({"name":"a","version":"1","functions":{"f":{"command":["x"]}}})").field,
            "functions.f");
  EXPECT_EQ(error_of(R"({"name":"a","version":"1","functions":{"f":{"command":["./../x"]}}})").field,
            "functions.f");
  EXPECT_EQ(
      error_of(R"({"name":"a","version":"1","functions":{"f":{"command":["/x"],"interval_seconds":0}}})")
          .field,
      "functions.f");
  EXPECT_EQ(
      error_of(R"({"name":"a","version":"1","format":"xml","functions":{"f":{"command":["/x"]}}})").field,
      "format");
  EXPECT_THAT(describe(error_of(R"({"name":"a","version":"1","function":{}})")), HasSubstr("functions"));
}

TEST_F(PluginDirectory, WhatOthersMayWriteIsNotRun) {
  ::chmod((directory / "demo/run.sh").c_str(), 0777);
  const auto plugin = load_plugin(directory / "demo");
  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().code, Errc::kForbidden);
  EXPECT_THAT(plugin.error().message, HasSubstr("chmod -R go-w"));
  ::chmod((directory / "demo/run.sh").c_str(), 0644);
  EXPECT_THAT(load_plugin(directory / "demo").error().message, HasSubstr("not executable"));
}

TEST_F(PluginDirectory, EnabledFunctionsRunAndFailuresAreTold) {
  Plugins plugins(directory.path(), {{"demo", {"good", "bad", "check"}}, {"sentinella.metrics", {"x"}}},
                  directory.path(), due);
  EXPECT_TRUE(plugins.any_due());
  const SourceRound round = plugins.run("ctl1", kSomeTime);
  std::vector<std::string> texts;
  for (const SeriesSamples& s : round.batch.series)
    if (s.labels.get(kMetricName) != "plugin_seconds")
      texts.push_back(fmt::format("{} {}", s.labels.to_string(), s.samples[0].value));
  EXPECT_THAT(texts, ElementsAre(R"(demo_value{host="ctl1",plugin="demo"} 42)",
                                 R"(plugin_up{function="good",host="ctl1",plugin="demo"} 1)",
                                 R"(plugin_up{function="bad",host="ctl1",plugin="demo"} 0)",
                                 R"(plugin_state{function="check",host="ctl1",plugin="demo"} 1)",
                                 R"(plugin_figure{host="ctl1",label="x",plugin="demo"} 1)",
                                 R"(plugin_up{function="check",host="ctl1",plugin="demo"} 1)"));
  EXPECT_THAT(round.new_problems, ElementsAre(HasSubstr("demo=bad: it ended with 7: no such thing")));
  EXPECT_THAT(plugins.problems(), ElementsAre(HasSubstr("demo=bad")));
  due.advance(1s);
  EXPECT_FALSE(plugins.any_due());
  due.advance(4s);
  EXPECT_THAT(plugins.run("ctl1", kSomeTime + 5s).new_problems, IsEmpty()) << "told once";
}

TEST_F(PluginDirectory, APatternReadsWhatAProgramPrintsAndNeedsNoProgramForAFile) {
  std::filesystem::create_directories(directory / "text");
  std::string manifest = R"j({"name": "text", "version": "1", "functions": {
    "printed": {"command": ["/bin/echo", "free=12"],
                "pattern": {"regex": "free=(?P<n>\\d+)", "metrics": {"free": "n"}}},
    "written": {"pattern": {"file": "LOG", "regex": "ERROR (?P<what>.*)",
                            "event": {"type": "text.error", "summary": "{what}"}}}}})j";
  manifest.replace(manifest.find("LOG"), 3, (directory / "text.log").string());
  append_to(directory / "text/plugin.json", manifest);
  append_to(directory / "text.log", "ERROR long ago\n");
  Plugins plugins(directory.path(), {{"text", {"printed", "written"}}}, directory.path(), due);
  EXPECT_THAT(plugins.problems(), IsEmpty());
  const SourceRound first = plugins.run("ctl1", kSomeTime);
  EXPECT_EQ(first.batch.series.at(1).labels.to_string(), R"(free{host="ctl1",plugin="text"})");
  EXPECT_EQ(first.batch.series.at(1).samples[0].value, 12);
  EXPECT_THAT(first.batch.events, IsEmpty());
  append_to(directory / "text.log", "ERROR now\n");
  due.advance(60s);
  const SourceRound second = plugins.run("ctl1", kSomeTime + 60s);
  ASSERT_EQ(second.batch.events.size(), 1u);
  EXPECT_EQ(second.batch.events[0].summary, "now");
  EXPECT_EQ(second.batch.events[0].type, "text.error");
}

TEST_F(PluginDirectory, AFunctionRunsInTimeWhenTheClockIsSetBack) {
  Plugins plugins(directory.path(), {{"demo", {"good"}}}, directory.path(), due);
  plugins.run("ctl1", kSomeTime);
  due.advance(60s);
  ASSERT_TRUE(plugins.any_due());
  const SourceRound round = plugins.run("ctl1", kSomeTime - 2h);
  ASSERT_FALSE(round.batch.series.empty());
  EXPECT_EQ(round.batch.series[0].samples[0].at, kSomeTime - 2h);
}

TEST_F(PluginDirectory, WhatIsEnabledAndNotThereIsAProblem) {
  Plugins plugins(directory.path(), {{"demo", {"nothing"}}, {"gone", {"x"}}}, directory.path());
  EXPECT_TRUE(plugins.empty());
  EXPECT_THAT(plugins.problems(),
              ElementsAre(HasSubstr("demo has no function nothing"), HasSubstr("plug-in gone")));
}

}  // namespace
}  // namespace sentinella::agent
