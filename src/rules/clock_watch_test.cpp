#include "rules/rules_fixture.h"

namespace sentinella::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kRule =
    "sentinella_rules:\n- {id: clock, kind: binary, event: HostClockWrong, tier: ticket, severity: major, "
    "summary: s, check: {clock: 5s}}\n";

class ClockWatchTest : public RulesTest {
 protected:
  void SetUp() override { use(kRule); }
  /// A heartbeat that comes at `ms` and says that it was made at `made_ms`.
  void beat(std::int64_t ms, std::int64_t made_ms, const std::string& host = "c1") {
    Batch b = batch(ms);
    StateReport r = report(StateReport::Kind::heartbeat, host);
    r.at = at(made_ms);
    b.reports.push_back(r);
    take(ms, b);
  }
  void beats(int from_s, int until_s, std::int64_t ahead_ms, const std::string& host = "c1") {
    for (int s = from_s; s <= until_s; s += 10) beat(s * 1000, s * 1000 + ahead_ms, host);
  }
};

TEST_F(ClockWatchTest, AClockThatIsSetIsToldOnceItHasStoodAndAllIsWellWhenItIsSetRight) {
  int begin = 0;
  for (const std::int64_t step : {3'600'000, -3'600'000, 8'000}) {
    beats(begin, begin + 60, -100);
    beats(begin + 70, begin + 90, step);
    EXPECT_THAT(said(), IsEmpty());
    beats(begin + 100, begin + 300, step);
    EXPECT_THAT(said(), ElementsAre("firing HostClockWrong c1 major")) << step;
    beats(begin + 310, begin + 330, -200);
    EXPECT_THAT(said(), ElementsAre("resolved HostClockWrong c1 normal"));
    begin += 340;
  }
}

TEST_F(ClockWatchTest, TheTextSaysHowFarAndWhichWay) {
  beats(0, 60, 3'600'000);
  beats(70, 100, 0);
  beats(110, 150, -90'000);
  ASSERT_EQ(signals.size(), 3u);
  EXPECT_EQ(signals[0].text, "the clock of c1 is 3600.0 s ahead of this server's");
  EXPECT_EQ(signals[2].text, "the clock of c1 is 90.0 s behind this server's");
}

TEST_F(ClockWatchTest, ASpoolThatEmptiesIsNoWrongClock) {
  beats(0, 60, 0);
  for (int i = 0; i < 60; ++i)
    beat(700'000 + i * 500, 70'000 + i * 10'000);  // ten minutes come in thirty seconds
  beats(731, 900, -300);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ClockWatchTest, AStepThatIsTakenBackAtOnceIsNobodysTrouble) {
  beats(0, 60, 0);
  beats(70, 80, 3'600'000);
  beats(90, 200, 0);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ClockWatchTest, WhenAllHostsAreOffAlikeTheServersOwnClockIsSuspected) {
  for (int s = 0; s <= 40; s += 10)
    for (const char* host : {"c1", "c2", "c3"}) beat(s * 1000, s * 1000 - 3'600'000, host);
  EXPECT_THAT(said(), ElementsAre("firing HostClockWrong c1 major", "firing HostClockWrong c2 major",
                                  "firing HostClockWrong c3 major"));
  EXPECT_THAT(signals.front().text, testing::HasSubstr("this server's own clock is wrong, rather"));
}

TEST_F(ClockWatchTest, WhatIsOpenOutlivesARestartAndEndsWithItsRule) {
  beats(0, 60, 3'600'000);
  said();
  const auto states = engine->take_dirty_states();
  engine = make_rule_engine(names.lookup());
  engine->restore(states);
  use(kRule);
  beats(70, 120, 3'600'000);
  EXPECT_THAT(said(), IsEmpty()) << "told already";
  note(engine->set_rules(kAccount, {}, now));
  EXPECT_THAT(said(), ElementsAre("resolved HostClockWrong c1 normal"));
}

}  // namespace
}  // namespace sentinella::rules
