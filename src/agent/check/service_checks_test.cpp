#include "agent/check/service_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ServiceConfig service(std::string name, std::string check = "", bool checked = true) {
  ServiceConfig out;
  out.name = std::move(name);
  out.check = std::move(check);
  out.checked = checked;
  return out;
}

CheckOutcome answers() {
  return {true, 5ms, "", 200, std::nullopt};
}
CheckOutcome silent() {
  return {false, 5s, "no answer within 5s", 0, std::nullopt};
}
bool always(const std::string&) {
  return true;
}

std::vector<SeriesSamples> written(const ServiceChecks& checks) {
  std::vector<SeriesSamples> samples;
  SampleWriter out(samples, "h", kSomeTime);
  checks.write(out);
  return samples;
}

TEST(ServiceChecks, AServiceThatRunsAndDoesNotAnswerIsAProblem) {
  ServiceChecks checks({service("nova-api", "http://127.0.0.1:8774/")}, {},
                       [](const std::string&) { return ""; });
  ASSERT_THAT(checks.targets(always), SizeIs(1));
  checks.take({silent()});
  EXPECT_EQ(checks.problem("nova-api"), "http://127.0.0.1:8774/: no answer within 5s");
  const auto samples = written(checks);
  ASSERT_THAT(samples, SizeIs(2));
  EXPECT_EQ(samples[0].labels.to_string(),
            R"(check_up{check="http://127.0.0.1:8774/",host="h",service="nova-api"})");
  EXPECT_EQ(samples[0].samples[0].value, 0);
  checks.targets(always);
  checks.take({answers()});
  EXPECT_EQ(checks.problem("nova-api"), "");
}

TEST(ServiceChecks, AServiceThatDoesNotRunIsNotAsked) {
  ServiceChecks checks({service("nova-api", "http://127.0.0.1:8774/")}, {},
                       [](const std::string&) { return ""; });
  checks.targets(always);
  checks.take({silent()});
  EXPECT_THAT(checks.targets([](const std::string&) { return false; }), IsEmpty());
  EXPECT_EQ(checks.problem("nova-api"), "") << "that it is gone is told by others";
  EXPECT_THAT(written(checks), IsEmpty());
}

TEST(ServiceChecks, AServiceThatWasStartedAgainHasTimeUntilItAnswers) {
  ServiceChecks checks({service("nova-api", "http://127.0.0.1:8774/")}, {},
                       [](const std::string&) { return ""; });
  std::uint64_t pid = 100;
  const auto round = [&](const CheckOutcome& outcome) {
    checks.targets([&](const std::string&) { return pid; });
    checks.take({outcome});
    return checks.problem("nova-api").empty();
  };
  EXPECT_TRUE(round(answers()));
  EXPECT_FALSE(round(silent())) << "it ran all the time";
  pid = 101;
  for (int i = 0; i < ServiceChecks::kStartRounds; ++i) EXPECT_TRUE(round(silent())) << i;
  EXPECT_FALSE(round(silent())) << "long enough";
  pid = 102;
  EXPECT_TRUE(round(silent()));
  EXPECT_TRUE(round(answers()));
  EXPECT_FALSE(round(silent())) << "it has begun to answer";
}

TEST(ServiceChecks, WhatWeFoundOurselvesCountsFromItsFirstSuccessOn) {
  ServiceChecks checks({service("mariadb")}, {}, [](const std::string&) { return "mysql://127.0.0.1:3306"; });
  ASSERT_THAT(checks.targets(always), SizeIs(1));
  checks.take({silent()});
  EXPECT_EQ(checks.problem("mariadb"), "");
  checks.targets(always);
  checks.take({answers()});
  checks.targets(always);
  checks.take({silent()});
  EXPECT_NE(checks.problem("mariadb"), "");
}

TEST(ServiceChecks, APortThatTurnsOutToSpeakTlsIsAskedSo) {
  ServiceChecks checks({service("keystone")}, {},
                       [](const std::string&) { return "http://127.0.0.1:5000/v3"; });
  EXPECT_EQ(checks.targets(always).at(0).scheme, CheckScheme::http);
  checks.take({{false, 1ms, "it answers 400", 400, std::nullopt}});
  EXPECT_EQ(checks.targets(always).at(0).scheme, CheckScheme::https);
  CheckOutcome secure = answers();
  secure.expires = Time{1'800'000'000'000'000'000};
  checks.take({secure});
  const auto samples = written(checks);
  ASSERT_THAT(samples, SizeIs(3));
  EXPECT_EQ(samples[2].labels.get("check"), "https://127.0.0.1:5000/v3");
  EXPECT_EQ(samples[2].samples[0].value, 1.8e9);
}

TEST(ServiceChecks, ChecksOfTheConfigurationAreAskedWhateverRuns) {
  ServiceChecks checks({service("nova-api", "", false)}, {{"keystone-vip", "https://cloud:5000/v3"}},
                       [](const std::string&) {
                         ADD_FAILURE() << "switched off";
                         return "";
                       });
  ASSERT_THAT(checks.targets([](const std::string&) { return false; }), SizeIs(1));
  checks.take({silent()});
  const auto samples = written(checks);
  EXPECT_EQ(samples.at(0).labels.to_string(), R"(check_up{check="keystone-vip",host="h"})");
}

TEST(ServiceChecks, WhatCouldNotBeAskedIsNeitherUpNorDown) {
  ServiceChecks checks({service("nova-api", "http://127.0.0.1:8774/")}, {},
                       [](const std::string&) { return ""; });
  checks.targets(always);
  checks.take({silent()});
  checks.targets(always);
  CheckOutcome not_asked;
  not_asked.asked = false;
  EXPECT_FALSE(checks.unknown("nova-api"));
  checks.take({not_asked});
  EXPECT_EQ(checks.problem("nova-api"), "");
  EXPECT_TRUE(checks.unknown("nova-api")) << "not that it answers again";
  EXPECT_THAT(written(checks), IsEmpty());
  checks.targets(always);
  checks.take({answers()});
  EXPECT_FALSE(checks.unknown("nova-api"));
}

TEST(ServiceChecks, WhileNobodyIsAskedTheLastAnswerCountsNoMore) {
  ServiceChecks checks({service("nova-api", "http://127.0.0.1:8774/"), service("unchecked", "", false)}, {},
                       [](const std::string&) { return ""; });
  checks.pause();
  EXPECT_FALSE(checks.unknown("nova-api")) << "its check had said nothing";
  checks.targets(always);
  checks.take({silent()});
  checks.pause();
  EXPECT_TRUE(checks.unknown("nova-api"));
  EXPECT_FALSE(checks.unknown("unchecked"));
  EXPECT_THAT(written(checks), IsEmpty());
  checks.pause();
  EXPECT_TRUE(checks.unknown("nova-api")) << "however long";
  checks.targets([](const std::string&) { return false; });
  EXPECT_FALSE(checks.unknown("nova-api")) << "that it is gone is told by others";
}

TEST(ServiceChecks, TheMachineIsNotSearchedEachRoundForWhatListensNowhere) {
  int looks = 0;
  ServiceChecks checks({service("nova-api")}, {}, [&](const std::string&) {
    ++looks;
    return "";
  });
  for (int round = 0; round < 14; ++round) EXPECT_THAT(checks.targets(always), IsEmpty());
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace sentinella::agent
