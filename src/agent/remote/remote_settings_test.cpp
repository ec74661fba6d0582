#include "agent/remote/remote_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"
#include "base/json.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Next = RemoteSettings::Next;

/// An agent whose server says what the test has it say.
class Remote : public testing::Test {
 protected:
  RemoteSettings begin(Duration interval = 10s) {
    return RemoteSettings(file, "compute1", interval,
                          {.ask = [this](std::string body) { asked.push_back(std::move(body)); },
                           .answer = [this] { return std::exchange(answer, std::nullopt); },
                           .in_contact = [this] { return contact; },
                           .fits = [this](const boost::json::object&) -> Result<void> {
                             if (!unfit.empty()) return fail(Errc::kInvalid, "{}", unfit);
                             return {};
                           }});
  }
  Next rounds(RemoteSettings& remote, int count) {
    Next next = Next::go_on;
    for (int i = 0; i < count && next == Next::go_on; ++i) next = remote.round(kSomeTime);
    return next;
  }
  TemporaryDirectory directory;
  std::filesystem::path file = settings_file(directory.path());
  std::vector<std::string> asked;
  std::optional<Result<std::string>> answer;
  bool contact = true;
  std::string unfit;
};

const std::string kOffer = R"({"version":4,"settings":{"interval_seconds":5}})";

TEST_F(Remote, SettingsAreTriedAndKeptOnceTheServerWasReachedWithThem) {
  auto before = begin();
  rounds(before, 2);
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_THAT(asked[0], HasSubstr(R"("host":"compute1","version":0)"));
  answer = kOffer;
  EXPECT_EQ(before.round(kSomeTime), Next::begin_anew);

  auto trial = begin();
  EXPECT_TRUE(trial.status().on_trial);
  EXPECT_EQ(rounds(trial, 2), Next::go_on);
  EXPECT_FALSE(trial.status().on_trial);
  EXPECT_EQ(trial.status().version, 4u);
  EXPECT_EQ(load_settings(file).current.version, 4u);
  rounds(trial, 1);
  EXPECT_THAT(asked.back(), HasSubstr(R"("version":4,"refused":0)"));
}

TEST_F(Remote, WithoutTheServerTheOnesBeforeComeBackAndTheServerLearnsWhy) {
  SettingsState state;
  state.current = {3, *parse_json_object(R"({"interval_seconds":7})")};
  state.try_out({4, {}});
  ASSERT_TRUE(save_settings(file, state));
  contact = false;
  auto trial = begin();
  EXPECT_EQ(rounds(trial, 5), Next::go_on);
  EXPECT_EQ(trial.round(kSomeTime), Next::begin_anew);
  EXPECT_EQ(load_settings(file).in_use().version, 3u);

  contact = true;
  auto back = begin();
  EXPECT_THAT(back.status().problem, HasSubstr("version 4"));
  rounds(back, 2);
  EXPECT_THAT(asked.back(), HasSubstr(R"("version":3,"refused":4,"problem":"the server was not reached)"));
  answer = kOffer;
  EXPECT_EQ(back.round(kSomeTime), Next::go_on);
}

TEST_F(Remote, AShortIntervalDoesNotMakeATrialShorterThanFiveSeconds) {
  SettingsState state;
  state.try_out({4, {}});
  ASSERT_TRUE(save_settings(file, state));
  contact = false;
  auto trial = begin(500ms);
  EXPECT_EQ(rounds(trial, 9), Next::go_on);
  EXPECT_EQ(trial.round(kSomeTime), Next::begin_anew);
}

TEST_F(Remote, WhatDoesNotFitIsRefusedWithoutBeingTried) {
  auto remote = begin();
  unfit = "services.x.log: no";
  answer = kOffer;
  EXPECT_EQ(remote.round(kSomeTime), Next::go_on);
  EXPECT_EQ(load_settings(file).refused, 4u);
  EXPECT_THAT(remote.status().problem, HasSubstr("services.x.log"));
  EXPECT_THAT(asked.back(), HasSubstr(R"("refused":4)"));
}

TEST_F(Remote, ANewVersionOfTheSameSettingsIsNoReasonToBeginAnew) {
  SettingsState state;
  state.current = {3, *parse_json_object(R"({"interval_seconds":5})")};
  ASSERT_TRUE(save_settings(file, state));
  auto remote = begin();
  answer = kOffer;
  EXPECT_EQ(remote.round(kSomeTime), Next::go_on);
  EXPECT_EQ(remote.status().version, 4u);
  EXPECT_EQ(load_settings(file).current.version, 4u);
}

TEST_F(Remote, AServerThatKnowsNoSettingsOrAnswersNonsenseChangesNothing) {
  auto remote = begin();
  for (const char* text : {"", "[]", "{}", R"({"version":-1})", R"({"version":4,"settings":[]})"}) {
    answer = std::string(text);
    EXPECT_EQ(remote.round(kSomeTime), Next::go_on) << text;
  }
  answer = fail(Errc::kNotFound, "no such path");
  EXPECT_EQ(remote.round(kSomeTime), Next::go_on);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_THAT(remote.status().problem, IsEmpty());
}

}  // namespace
}  // namespace sentinella::agent
