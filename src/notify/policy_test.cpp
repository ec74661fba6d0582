#include "notify/policy.h"

#include <gtest/gtest.h>

namespace sentinella::notify {
namespace {

TEST(Mutes, RecurOnTheirWeekdaysInTheirOwnTimeZone) {
  catalog::PolicyItem item;
  item.kind = "silence";
  item.starts = parse_rfc3339("2026-03-01T00:00:00Z").value();
  item.ends = parse_rfc3339("2026-12-01T00:00:00Z").value();
  item.body = R"({"matchers":[{"name":"host","value":"x"}],"reason":"backup",
                  "recurrence":{"weekdays":["sat"],"start":"23:00","length":"3h","utc_offset":"1h"}})";
  const auto mute = read_mute(item);
  ASSERT_TRUE(mute) << mute.error().message;
  const auto window = [&](const char* time) { return mute->window(parse_rfc3339(time).value()); };
  EXPECT_FALSE(window("2026-03-07T21:59:59Z"));
  ASSERT_TRUE(window("2026-03-07T22:00:00Z"));
  ASSERT_TRUE(window("2026-03-08T00:59:59Z")) << "past midnight it is still Saturday's window";
  EXPECT_EQ(window("2026-03-08T00:59:59Z")->until, parse_rfc3339("2026-03-08T01:00:00Z").value());
  EXPECT_FALSE(window("2026-03-08T01:00:00Z"));
  EXPECT_FALSE(window("2026-03-08T22:30:00Z"));
  EXPECT_FALSE(window("2026-12-05T22:30:00Z"));
}

struct Refusal {
  std::string_view kind, body, field;
};
class PolicyRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(PolicyRefusals, NameTheField) {
  catalog::PolicyItem item;
  item.kind = GetParam().kind;
  item.body = GetParam().body;
  item.ends = Time{1};
  const auto checked = check_policy(item);
  ASSERT_FALSE(checked) << item.body;
  EXPECT_EQ(checked.error().field, GetParam().field) << checked.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, PolicyRefusals,
    testing::Values(
        Refusal{"silence", R"({"reason":"x"})", "matchers"},
        Refusal{"silence", R"({"matchers":[],"reason":"x"})", "matchers"},
        Refusal{"silence", R"({"matchers":[{"name":"host","value":".*","isRegex":true}],"reason":"x"})",
                "matchers"},
        Refusal{"silence", R"({"matchers":[{"name":"host","value":"(","isRegex":true}],"reason":"x"})",
                "matchers"},
        Refusal{"silence", R"({"matchers":[{"name":"host","value":"a"}]})", "reason"},
        Refusal{"silence", R"({"matchers":[{"name":"host","value":"a"}],"reason":" "})", "reason"},
        Refusal{"rota", R"({"name":"r","members":[]})", "members"},
        Refusal{
            "rota",
            R"({"name":"r","members":[{"person":"a"}],"overrides":[{"person":"b","from":"2026-01-01T00:00:00Z",
                   "until":"2026-01-02T00:00:00Z"}]})",
            "overrides"},
        Refusal{"escalation", R"({"name":"e","steps":[]})", "steps"},
        Refusal{"escalation", R"({"name":"e","steps":[{"after":"0s"}]})", "steps"},
        Refusal{"escalation", R"({"name":"e","steps":[{"channels":["a"]},{"after":"0s","channels":["b"]}]})",
                "after"},
        Refusal{"inhibition", R"({"source":[],"target":[{"name":"a","value":"b"}]})", "source"},
        Refusal{"settings", R"({"repeat":["1s"]})", "repeat"},
        Refusal{"settings", R"({"group_wiat":"1s"})", "group_wiat"}));

TEST(Rotas, TakeTurnsAndKnowOverrides) {
  catalog::PolicyItem item;
  item.kind = "rota";
  item.starts = parse_rfc3339("2026-03-02T08:00:00Z").value();
  item.body = R"({"name":"r","shift":"7d","members":[{"person":"kim"},{"person":"lee"}],
                  "overrides":[{"person":"kim","from":"2026-03-10T00:00:00Z","until":"2026-03-11T00:00:00Z"}]})";
  const auto rota = read_rota(item).value();
  const auto who = [&](const char* time) {
    const auto* member = rota.on_call(parse_rfc3339(time).value());
    return member ? member->person : "nobody";
  };
  EXPECT_EQ(who("2026-03-02T07:59:59Z"), "nobody");
  EXPECT_EQ(who("2026-03-02T08:00:00Z"), "kim");
  EXPECT_EQ(who("2026-03-09T08:00:00Z"), "lee");
  EXPECT_EQ(who("2026-03-10T12:00:00Z"), "kim");
  EXPECT_EQ(who("2026-03-16T08:00:00Z"), "kim");
}

}  // namespace
}  // namespace sentinella::notify
