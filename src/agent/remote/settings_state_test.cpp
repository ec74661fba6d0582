#include "agent/remote/settings_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/testing.h"
#include "base/json.h"

namespace sentinella::agent {
namespace {

GivenSettings given(std::uint64_t version, std::string_view body = R"({"interval_seconds":5})") {
  return {version, *parse_json_object(body)};
}

TEST(SettingsState, OnlyWhatWasConfirmedTakesThePlaceOfTheOnesBefore) {
  SettingsState state;
  state.current = given(1);
  state.try_out(given(2, "{}"));
  EXPECT_EQ(state.in_use().version, 2u);
  EXPECT_EQ(state.current.version, 1u);
  state.confirm();
  EXPECT_EQ(state.current.version, 2u);
  EXPECT_FALSE(state.trial);
}

TEST(SettingsState, AfterARefusalTheOnesBeforeAreInUseAndTheRefusedOnesWaitAnHour) {
  SettingsState state;
  state.current = given(1);
  state.try_out(given(2));
  state.refuse(2, "the server was not reached", kSomeTime);
  EXPECT_EQ(state.in_use().version, 1u);
  EXPECT_FALSE(state.wants(1, kSomeTime));
  EXPECT_FALSE(state.wants(2, kSomeTime + 59min));
  EXPECT_TRUE(state.wants(2, kSomeTime + 61min));
  EXPECT_TRUE(state.wants(3, kSomeTime));
}

TEST(SettingsState, IsTheSameAfterARestart) {
  TemporaryDirectory directory;
  const auto file = settings_file(directory.path());
  SettingsState state;
  state.current = given(1);
  state.try_out(given(3, R"({"services":{"a":false}})"));
  state.trial_starts = 2;
  state.refused = 2;
  state.problem = "why \"so\"";
  state.refused_at = kSomeTime;
  ASSERT_TRUE(save_settings(file, state));
  EXPECT_EQ(to_json(load_settings(file)), to_json(state));
}

TEST(SettingsState, ADamagedOrMissingFileIsTheAgentsOwnFileAlone) {
  TemporaryDirectory directory;
  EXPECT_EQ(load_settings(directory / "settings.json").in_use().version, 0u);
  for (const char* text :
       {"", "[]", R"({"current":{"version":-1,"settings":{}}})", R"({"current":{"version":1}})"}) {
    EXPECT_FALSE(parse_settings_state(text)) << text;
    std::filesystem::remove(directory / "settings.json");
    append_to(directory / "settings.json", text);
    EXPECT_EQ(load_settings(directory / "settings.json").in_use().version, 0u);
  }
}

}  // namespace
}  // namespace sentinella::agent
