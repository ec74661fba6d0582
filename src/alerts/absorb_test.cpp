// Repeats that are counted in memory lead to what they would have led to one by one.
#include <random>

#include "alerts/alerts_fixture.h"

namespace sentinella::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class AbsorbTest : public AlertEngineTest {
 protected:
  /// A new process, which knows what was stored and nothing else.
  void restart() {
    engine.reset();
    start();
  }
  void forget_everything() {
    ASSERT_TRUE(database->write([](catalog::Transaction& tx) -> Result<void> {
      SENT_TRY(tx.execute("DELETE FROM alert"));
      return {};
    }));
    restart();
  }
  /// All that can be seen of the live alerts, but for ids and times that follow the clock.
  std::string dump() const {
    std::string out;
    for (const Alert& alert : engine->live(account)) {
      out +=
          fmt::format("{} {} {} {} {} {} {} {} {} {}:", alert.resource, alert.event, alert.service,
                      to_string(alert.severity), to_string(alert.previous_severity), to_string(alert.status),
                      to_string(alert.tier), alert.value, alert.text, alert.duplicate_count);
      for (const std::string& tag : alert.extras.tags) out += " #" + tag;
      for (const EvidenceLine& line : alert.evidence) out += " >" + line.text;
      for (const AlertHistory& entry : alert.history) out += " " + entry.type + "/" + entry.value;
      out += "\n";
    }
    return out;
  }
};

TEST_F(AbsorbTest, ARepeatIsCountedAtOnceAndStoredWithTheNextTransaction) {
  apply({signal(kFiring)});
  EXPECT_THAT(engine->absorb({signal(kFiring), signal(kRepeated)}, at(5)), IsEmpty());
  EXPECT_EQ(only().duplicate_count, 2u);
  EXPECT_EQ(only().last_receive_time, at(5));
  EXPECT_FALSE(engine->all_stored());
  EXPECT_EQ(stored(only().id).duplicate_count, 0u);
  apply({});
  EXPECT_TRUE(engine->all_stored());
  EXPECT_EQ(stored(only().id).duplicate_count, 2u);
  restart();
  EXPECT_EQ(only().duplicate_count, 2u);
}

TEST_F(AbsorbTest, WhatChangesAnAlertIsLeftOverWithAllThatFollowsItOnTheResource) {
  apply({signal(kFiring)});
  Signal worse = signal(kFiring, AlertSeverity::critical);
  Signal elsewhere = signal(kFiring);
  elsewhere.resource = "c2/nova-compute";
  const auto rest = engine->absorb({signal(kFiring), worse, signal(kFiring), elsewhere}, at(5));
  ASSERT_THAT(rest, SizeIs(3));
  EXPECT_EQ(rest[0].severity, AlertSeverity::critical);
  EXPECT_EQ(rest[1].severity, AlertSeverity::major);
  EXPECT_EQ(rest[2].resource, "c2/nova-compute");
  EXPECT_EQ(only().duplicate_count, 1u);
}

TEST_F(AbsorbTest, AnAllClearForWhatIsWellIsNothing) {
  EXPECT_THAT(engine->absorb({signal(kResolved)}, at(5)), IsEmpty());
  apply({signal(kFiring)});
  EXPECT_THAT(engine->absorb({signal(kResolved)}, at(5)), SizeIs(1));
}

TEST_F(AbsorbTest, ASendersNewValueAndANewServiceAreNoMereRepeats) {
  Signal sent = signal(kFiring);
  sent.extras.origin = "curl";
  apply({sent});
  EXPECT_THAT(engine->absorb({sent}, at(5)), IsEmpty());
  sent.value = "99";
  EXPECT_THAT(engine->absorb({sent}, at(5)), SizeIs(1)) << "it belongs into the history";
  sent.value = "";
  sent.service = "mariadb";
  EXPECT_THAT(engine->absorb({sent}, at(5)), SizeIs(1)) << "others may follow from it now";
}

TEST_F(AbsorbTest, AnActionKeepsWhatWasCounted) {
  apply({signal(kFiring)});
  EXPECT_THAT(engine->absorb({signal(kFiring)}, at(5)), IsEmpty());
  const auto acted = act(only().id, Action::ack);
  ASSERT_TRUE(acted);
  EXPECT_EQ(acted->first.duplicate_count, 1u);
  EXPECT_EQ(only().duplicate_count, 1u);
  EXPECT_EQ(stored(only().id).duplicate_count, 1u);
}

TEST_F(AbsorbTest, AfterAFailedTransactionTheCountIsStoredWithTheNext) {
  apply({signal(kFiring)});
  engine->absorb({signal(kFiring)}, at(5));
  const auto failed = database->write([&](catalog::Transaction& tx) -> Result<void> {
    EXPECT_TRUE(engine->apply(tx, {}, at(6)));
    return fail(Errc::kNoSpace, "the disk is full");
  });
  EXPECT_FALSE(failed);
  engine->rolled_back();
  EXPECT_EQ(only().duplicate_count, 1u);
  EXPECT_FALSE(engine->all_stored());
  apply({});
  EXPECT_EQ(stored(only().id).duplicate_count, 1u);
}

TEST_F(AbsorbTest, SilenceIsCountedFromTheLastRepeat) {
  Signal sent = signal(kFiring);
  sent.extras.origin = "curl";
  sent.extras.timeout = std::chrono::seconds(60);
  apply({sent});  // at 1
  engine->absorb({sent}, at(50));
  clock = 69;
  EXPECT_THAT(apply({}), IsEmpty());
  EXPECT_THAT(engine->live(account), SizeIs(1));
  ASSERT_TRUE(engine->next_deadline());
  EXPECT_EQ(*engine->next_deadline(), at(110));
  clock = 109;
  EXPECT_THAT(apply({}), ElementsAre("closed"));
}

TEST_F(AbsorbTest, AnAlertIsFoundByIdAndByWhatReportsIt) {
  apply({signal(kFiring)});
  const std::string id = only().id;
  ASSERT_TRUE(engine->find(account, id));
  EXPECT_EQ(engine->find(account, id)->resource, "c1/nova-compute");
  EXPECT_FALSE(engine->find(other, id)) << "it is another account's";
  EXPECT_TRUE(engine->find(signal(kFiring)));
  Signal unknown = signal(kFiring);
  unknown.event = "Other";
  EXPECT_FALSE(engine->find(unknown));
  std::vector<Alert> list{stored(id)};
  engine->absorb({signal(kFiring)}, at(5));
  engine->refresh(list);
  EXPECT_EQ(list[0].duplicate_count, 1u);
  EXPECT_EQ(list[0].last_receive_time, at(5));
}

/// Any signals, absorbed where that is possible, with transactions and new processes in between, lead to the
/// same as applied.
TEST_F(AbsorbTest, CountingInMemoryLeadsToTheSameAlertsAsApplyingThem) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    std::vector<std::vector<Signal>> batches;
    for (int b = 0; b < 12; ++b) {
      auto& batch = batches.emplace_back();
      for (unsigned n = 1 + below(6); n > 0; --n) {
        Signal s = signal(std::array{kFiring, kFiring, kRepeated, kResolved}[below(4)],
                          below(4) == 0 ? AlertSeverity::critical : AlertSeverity::major);
        s.resource = fmt::format("c{}/nova-{}", below(3), seed);
        s.host = "c1";
        s.at = at(++clock);  // of several that have ended the newest begins again
        s.event = below(3) == 0 ? "NodeUp" : "NodeDown";
        if (below(3) > 0) s.extras.correlate = {"NodeDown", "NodeUp"};
        if (below(2) == 0) s.extras.origin = "curl";
        if (below(3) == 0) s.extras.tags = {fmt::format("t{}", below(3))};
        if (below(5) == 0) s.tier = Tier::page;
        s.value = fmt::format("{}", below(3));
        s.count = 1 + below(3);
        if (below(4) == 0) {
          EvidenceLine& line = s.evidence.emplace_back();
          line.id = {below(100), 1};
          line.text = "a line";
        }
        if (below(8) == 0) s.severity = AlertSeverity::ok;
        batch.push_back(std::move(s));
      }
    }
    forget_everything();
    for (const auto& batch : batches) apply(batch);
    const std::string expected = dump();
    forget_everything();
    for (const auto& batch : batches) {
      take(batch);
      if (below(3) == 0) apply({});
      if (below(4) == 0 && engine->all_stored()) restart();
    }
    EXPECT_EQ(dump(), expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace sentinella::alerts
