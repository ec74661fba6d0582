#include "catalog/alerting.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class AlertingTest : public CatalogTest {
 protected:
  static Alert alert(AccountId account, const std::string& id,
                     const std::string& resource = "compute1/nova") {
    Alert a;
    a.id = id;
    a.account = account;
    a.environment = "Production";
    a.resource = resource;
    a.event = "ServiceDown";
    a.host = "compute1";
    a.service = "nova";
    a.severity = AlertSeverity::major;
    a.previous_severity = AlertSeverity::warning;
    a.status = AlertStatus::open;
    a.tier = Tier::page;
    a.value = "down";
    a.text = "nova on compute1 is down";
    a.rule_id = "service-down";
    a.playbook = "restart it";
    a.duplicate_count = 3;
    a.create_time = at(10);
    a.receive_time = at(11);
    a.last_receive_time = at(12);
    a.update_time = at(13);
    return a;
  }
  static EvidenceLine evidence(std::uint64_t offset, const std::string& text) {
    return {.id = {offset, 2},
            .time = at(9),
            .host = "compute1",
            .service = "nova",
            .severity = Severity::error,
            .text = text,
            .request_id = "req-1",
            .traceback = "Traceback"};
  }
  static AlertHistory entry(int number) {
    return {.time = at(number),
            .type = "note",
            .severity = AlertSeverity::major,
            .status = AlertStatus::ack,
            .event = "ServiceDown",
            .value = "v",
            .text = fmt::format("note {}", number),
            .user = "ann"};
  }
  void put(const Alert& a) {
    const auto done = run([&](Transaction& tx) { return put_alert(tx, a); });
    ASSERT_TRUE(done) << done.error().message;
  }
  Alert find(AccountId account, const std::string& id) {
    return run([&](Transaction& tx) { return find_alert(tx, account, id); }).value();
  }
  AlertList list(AccountId account, const AlertFilter& filter = {}) {
    return run([&](Transaction& tx) { return list_alerts(tx, account, filter); }).value();
  }
  static std::vector<std::string> ids(const std::vector<Alert>& alerts) {
    std::vector<std::string> all;
    for (const Alert& a : alerts) all.push_back(a.id);
    return all;
  }
  std::int64_t changes_by(const Alert& a) {
    std::int64_t before = 0, after = 0;
    change([&](Transaction& tx) {
      constexpr std::string_view kTotal = "SELECT total_changes()";
      ASSERT_TRUE(tx.query(kTotal, {}, [&](const Row& row) { before = row.integer(0); }));
      ASSERT_TRUE(put_alert(tx, a));
      ASSERT_TRUE(tx.query(kTotal, {}, [&](const Row& row) { after = row.integer(0); }));
    });
    return after - before;
  }
};

TEST_F(AlertingTest, AnAlertComesBackWholeWithEvidenceAndHistory) {
  Alert a = alert(ours, "a1");
  a.evidence = {evidence(7, "first"), evidence(8, std::string("raw \0 \xff bytes", 13))};
  put(a);
  ASSERT_TRUE(run([](Transaction& tx) { return append_history(tx, "a1", entry(1)); }));
  open();
  const Alert found = find(ours, "a1");
  EXPECT_EQ(found.account, ours);
  EXPECT_EQ(found.environment, "Production");
  EXPECT_EQ(found.resource, "compute1/nova");
  EXPECT_EQ(found.event, "ServiceDown");
  EXPECT_EQ(found.host, "compute1");
  EXPECT_EQ(found.service, "nova");
  EXPECT_EQ(found.severity, AlertSeverity::major);
  EXPECT_EQ(found.previous_severity, AlertSeverity::warning);
  EXPECT_EQ(found.status, AlertStatus::open);
  EXPECT_EQ(found.tier, Tier::page);
  EXPECT_EQ(found.value, "down");
  EXPECT_EQ(found.text, "nova on compute1 is down");
  EXPECT_EQ(found.rule_id, "service-down");
  EXPECT_EQ(found.playbook, "restart it");
  EXPECT_EQ(found.duplicate_count, 3u);
  EXPECT_EQ(found.create_time, at(10));
  EXPECT_EQ(found.receive_time, at(11));
  EXPECT_EQ(found.last_receive_time, at(12));
  EXPECT_EQ(found.update_time, at(13));
  ASSERT_EQ(found.evidence.size(), 2u);
  EXPECT_EQ(found.evidence[0].id, (RecordId{7, 2}));
  EXPECT_EQ(found.evidence[0].time, at(9));
  EXPECT_EQ(found.evidence[0].host, "compute1");
  EXPECT_EQ(found.evidence[0].service, "nova");
  EXPECT_EQ(found.evidence[0].severity, Severity::error);
  EXPECT_EQ(found.evidence[0].request_id, "req-1");
  EXPECT_EQ(found.evidence[0].traceback, "Traceback");
  EXPECT_EQ(found.evidence[1].text, a.evidence[1].text);
  ASSERT_EQ(found.history.size(), 1u);
  EXPECT_EQ(found.history[0].time, at(1));
  EXPECT_EQ(found.history[0].type, "note");
  EXPECT_EQ(found.history[0].severity, AlertSeverity::major);
  EXPECT_EQ(found.history[0].status, AlertStatus::ack);
  EXPECT_EQ(found.history[0].event, "ServiceDown");
  EXPECT_EQ(found.history[0].value, "v");
  EXPECT_EQ(found.history[0].text, "note 1");
  EXPECT_EQ(found.history[0].user, "ann");
}

TEST_F(AlertingTest, ASecondLiveAlertOfOneKeyBecomesTheFirstUnderItsId) {
  put(alert(ours, "a1"));
  Alert second = alert(ours, "a2");
  second.severity = AlertSeverity::critical;
  second.evidence = {evidence(1, "late")};
  put(second);
  EXPECT_THAT(ids(list(ours).alerts), ElementsAre("a1"));
  EXPECT_EQ(find(ours, "a1").severity, AlertSeverity::critical);
  EXPECT_EQ(find(ours, "a1").evidence.size(), 1u);
  EXPECT_EQ(error_of([&](Transaction& tx) { return find_alert(tx, ours, "a2"); }), Errc::kNotFound);
}

TEST_F(AlertingTest, AClosedAlertMakesRoomForTheNextAndBothAreKept) {
  Alert first = alert(ours, "a1");
  put(first);
  first.status = AlertStatus::closed;
  put(first);
  Alert second = alert(ours, "a2");
  second.create_time = at(20);
  put(second);
  EXPECT_THAT(ids(*run([&](Transaction& tx) { return previous_alerts(tx, second, 5); })), ElementsAre("a1"));
  first.status = AlertStatus::open;
  EXPECT_EQ(error_of([&](Transaction& tx) { return put_alert(tx, first); }), Errc::kConflict);
  EXPECT_EQ(find(ours, "a1").status, AlertStatus::closed);
}

TEST_F(AlertingTest, AnAlertReopensUnderItsOwnId) {
  Alert a = alert(ours, "a1");
  a.status = AlertStatus::closed;
  put(a);
  a.status = AlertStatus::open;
  put(a);
  EXPECT_EQ(find(ours, "a1").status, AlertStatus::open);
  EXPECT_EQ(list(ours).total, 1u);
}

TEST_F(AlertingTest, EvidenceIsWrittenOnlyWhenItChanged) {
  Alert a = alert(ours, "a1");
  a.evidence = {evidence(1, "one"), evidence(2, "two")};
  put(a);
  ++a.duplicate_count;
  EXPECT_EQ(changes_by(a), 1);
  a.evidence = {evidence(3, "three")};
  EXPECT_GT(changes_by(a), 1);
  ASSERT_EQ(find(ours, "a1").evidence.size(), 1u);
  EXPECT_EQ(find(ours, "a1").evidence[0].text, "three");
  a.evidence.clear();
  put(a);
  EXPECT_THAT(find(ours, "a1").evidence, IsEmpty());
}

TEST_F(AlertingTest, HistoryKeepsTheNewestHundred) {
  put(alert(ours, "a1"));
  change([](Transaction& tx) {
    for (int i = 1; i <= 130; ++i) ASSERT_TRUE(append_history(tx, "a1", entry(i)));
  });
  const auto history = find(ours, "a1").history;
  ASSERT_EQ(history.size(), 100u);
  EXPECT_EQ(history.front().text, "note 31");
  EXPECT_EQ(history.back().text, "note 130");
  EXPECT_EQ(error_of([](Transaction& tx) { return append_history(tx, "nobody", entry(1)); }),
            Errc::kNotFound);
}

TEST_F(AlertingTest, AnAccountSeesAndChangesOnlyItsOwnAlerts) {
  put(alert(ours, "a1"));
  put(alert(theirs, "b1"));
  EXPECT_THAT(ids(list(ours).alerts), ElementsAre("a1"));
  EXPECT_THAT(ids(list(theirs).alerts), ElementsAre("b1"));
  EXPECT_EQ(error_of([&](Transaction& tx) { return find_alert(tx, theirs, "a1"); }), Errc::kNotFound);
  Alert foreign = alert(theirs, "a1", "compute9/nova");
  EXPECT_EQ(error_of([&](Transaction& tx) { return put_alert(tx, foreign); }), Errc::kConflict);
  EXPECT_EQ(find(ours, "a1").resource, "compute1/nova");
  EXPECT_THAT(*run([&](Transaction& tx) { return previous_alerts(tx, alert(theirs, "b1"), 5); }), IsEmpty());
}

TEST_F(AlertingTest, TheListShowsTheWorstFirstThenTheNewestInPages) {
  const auto add = [&](const std::string& id, AlertSeverity severity, int created) {
    Alert a = alert(ours, id, "host-" + id);
    a.severity = severity;
    a.create_time = at(created);
    a.evidence = {evidence(1, "x")};
    put(a);
  };
  add("old-minor", AlertSeverity::minor, 1);
  add("old-critical", AlertSeverity::critical, 2);
  add("new-minor", AlertSeverity::minor, 3);
  add("new-critical", AlertSeverity::critical, 4);
  EXPECT_THAT(ids(list(ours).alerts), ElementsAre("new-critical", "old-critical", "new-minor", "old-minor"));
  EXPECT_THAT(list(ours).alerts[0].evidence, IsEmpty());
  AlertFilter second_page;
  second_page.page = 2;
  second_page.page_size = 3;
  EXPECT_THAT(ids(list(ours, second_page).alerts), ElementsAre("old-minor"));
  EXPECT_EQ(list(ours, second_page).total, 4u);
}

TEST_F(AlertingTest, TheListFiltersByWhoSeesToIt) {
  Alert bobs = alert(ours, "bobs", "one");
  bobs.owner = "bob";
  put(bobs);
  put(alert(ours, "nobodys", "two"));
  const auto owned_by = [&](std::optional<std::string> owner) {
    AlertFilter filter;
    filter.owner = std::move(owner);
    return ids(list(ours, filter).alerts);
  };
  EXPECT_THAT(owned_by("bob"), ElementsAre("bobs"));
  EXPECT_THAT(owned_by(""), ElementsAre("nobodys"));
  EXPECT_THAT(owned_by("ann"), IsEmpty());
  EXPECT_EQ(owned_by(std::nullopt).size(), 2u);
  EXPECT_EQ(find(ours, "bobs").owner, "bob");
}

TEST_F(AlertingTest, WhatReturnedBeforeAnybodyTookNoteIsListedBesideOtherStatusesOrAlone) {
  put(alert(ours, "open", "one"));
  Alert over = alert(ours, "over", "two");
  over.status = AlertStatus::closed;
  put(over);
  Alert returned = alert(ours, "returned", "three");
  returned.status = AlertStatus::closed;
  returned.alarm_state = AlarmState::rtnun;
  returned.update_time = at(1);
  put(returned);
  AlertFilter filter;
  filter.statuses = {AlertStatus::open};
  filter.returned = true;
  EXPECT_THAT(ids(list(ours, filter).alerts), testing::UnorderedElementsAre("open", "returned"));
  filter.statuses = {AlertStatus::open, AlertStatus::closed};
  EXPECT_EQ(list(ours, filter).total, 3u);
  filter.statuses = {};
  EXPECT_THAT(ids(list(ours, filter).alerts), ElementsAre("returned"));
  EXPECT_THAT(ids(*run([&](Transaction& tx) { return returned_alerts(tx, ours, 9); })),
              ElementsAre("returned"));
  EXPECT_THAT(*run([&](Transaction& tx) { return returned_alerts(tx, theirs, 9); }), IsEmpty());
}

TEST_F(AlertingTest, WhatReturnedStandsBesideTheNewestEndedNotInTheirPlace) {
  const auto close = [&](const std::string& id, int time, std::optional<AlarmState> state) {
    Alert over = alert(ours, id, id);
    over.status = AlertStatus::closed;
    over.alarm_state = state;
    over.update_time = at(time);
    put(over);
  };
  close("old return", 1, AlarmState::rtnun);
  close("return", 2, AlarmState::rtnun);
  close("old", 3, {});
  close("new", 4, {});
  const auto newest = [&](std::size_t limit, bool and_returned) {
    return ids(*run([&](Transaction& tx) { return newest_ended_alerts(tx, ours, limit, and_returned); }));
  };
  EXPECT_THAT(newest(1, false), ElementsAre("new")) << "leftovers of another alarm model are like any other";
  EXPECT_THAT(newest(1, true), ElementsAre("new", "return"));
  EXPECT_THAT(newest(9, true), ElementsAre("new", "old", "return", "old return"));
}

TEST_F(AlertingTest, WhatReturnedIsCountedByCloudAndReadWithoutWhatOnlyAPageShows) {
  for (const auto* id : {"one", "two", "three"}) {
    Alert returned = alert(ours, id, id);
    returned.status = AlertStatus::closed;
    returned.alarm_state = AlarmState::rtnun;
    returned.evidence = {evidence(1, "why")};
    returned.extras.labels.set("team", "storage");
    returned.extras.tags = {"night"};
    if (id == std::string("three")) returned.environment = "Staging";
    put(returned);
  }
  const auto counts = *run([&](Transaction& tx) { return count_returned(tx, ours); });
  EXPECT_THAT(counts, ElementsAre(testing::Pair("Production", 2u), testing::Pair("Staging", 1u)));
  EXPECT_THAT(*run([&](Transaction& tx) { return count_returned(tx, theirs); }), IsEmpty());
  const auto found = *run([&](Transaction& tx) { return returned_alerts(tx, ours, 9); });
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.front().extras.labels.get("team"), "storage");
  EXPECT_THAT(found.front().extras.tags, ElementsAre("night"));
  EXPECT_THAT(found.front().evidence, IsEmpty());
}

TEST_F(AlertingTest, AnAlertOfTheFormatBeforeOwnersIsNobodys) {
  put(alert(ours, "a1"));
  change([&](Transaction& tx) {
    ASSERT_TRUE(append_history(tx, "a1", entry(14)));
    for (const auto* back :
         {"ALTER TABLE alert DROP COLUMN owner", "ALTER TABLE alert_history DROP COLUMN owner",
          "DROP INDEX alert_returned", "DELETE FROM schema_version WHERE version = 13"})
      ASSERT_TRUE(tx.execute(back));
  });
  open();
  EXPECT_EQ(find(ours, "a1").owner, "");
  EXPECT_EQ(find(ours, "a1").history.at(0).text, "note 14");
  Alert given = find(ours, "a1");
  given.owner = "bob";
  put(given);
  EXPECT_EQ(find(ours, "a1").owner, "bob");
}

TEST_F(AlertingTest, TheListFiltersByEveryField) {
  put(alert(ours, "plain"));
  Alert odd = alert(ours, "odd", "Compute2/100%_neutron");
  odd.environment = "east";
  odd.event = "NoValidHost";
  odd.host = "compute2";
  odd.service = "neutron";
  odd.severity = AlertSeverity::warning;
  odd.status = AlertStatus::ack;
  odd.rule_id = "no-valid-host";
  odd.text = "it says !Ouch";
  put(odd);
  const auto with = [](auto set) {
    AlertFilter filter;
    set(filter);
    return filter;
  };
  const std::vector<AlertFilter> only_odd{
      with([](AlertFilter& f) { f.statuses = {AlertStatus::ack, AlertStatus::ack, AlertStatus::closed}; }),
      with([](AlertFilter& f) { f.severities = {AlertSeverity::warning, AlertSeverity::normal}; }),
      with([](AlertFilter& f) { f.host = "compute2"; }),
      with([](AlertFilter& f) { f.service = "neutron"; }),
      with([](AlertFilter& f) { f.rule_id = "no-valid-host"; }),
      with([](AlertFilter& f) { f.environment = "east"; }),
      with([](AlertFilter& f) { f.text = "cOMPUTE2"; }),
      with([](AlertFilter& f) { f.text = "novalid"; }),
      with([](AlertFilter& f) { f.text = "!ouch"; }),
      with([](AlertFilter& f) { f.text = "100%_n"; }),
  };
  for (std::size_t i = 0; i < only_odd.size(); ++i) {
    EXPECT_THAT(ids(list(ours, only_odd[i]).alerts), ElementsAre("odd")) << "filter " << i;
    EXPECT_EQ(list(ours, only_odd[i]).total, 1u);
    EXPECT_EQ(list(theirs, only_odd[i]).total, 0u);
  }
  EXPECT_EQ(list(ours, with([](AlertFilter& f) { f.text = "compute_"; })).total, 0u);
  EXPECT_EQ(list(ours, with([](AlertFilter& f) { f.text = "' OR 1=1 --"; })).total, 0u);
}

TEST_F(AlertingTest, TheListRefusesPagesOutOfBounds) {
  for (auto [page, size] : {std::pair<std::size_t, std::size_t>{0, 10}, {1, 0}, {1, 1001}, {~0ul, 10}}) {
    AlertFilter filter;
    filter.page = page;
    filter.page_size = size;
    EXPECT_EQ(error_of([&](Transaction& tx) { return list_alerts(tx, ours, filter); }), Errc::kInvalid);
  }
}

TEST_F(AlertingTest, StartingUpLoadsEveryAccountsLiveAlertsWhole) {
  Alert a = alert(ours, "a1");
  a.status = AlertStatus::ack;
  a.evidence = {evidence(1, "why")};
  put(a);
  put(alert(theirs, "b1"));
  Alert gone = alert(theirs, "b2", "other");
  gone.status = AlertStatus::closed;
  gone.evidence = {evidence(2, "past")};
  put(gone);
  ASSERT_TRUE(run([](Transaction& tx) { return append_history(tx, "b1", entry(1)); }));
  const auto live = *run([](Transaction& tx) { return load_live_alerts(tx); });
  ASSERT_THAT(ids(live), ElementsAre("a1", "b1"));
  EXPECT_EQ(live[0].evidence.size(), 1u);
  EXPECT_EQ(live[0].evidence[0].text, "why");
  EXPECT_THAT(live[0].history, IsEmpty());
  EXPECT_EQ(live[1].history.size(), 1u);
}

TEST_F(AlertingTest, OnlyClosedAlertsExpireAndTakeTheirEvidenceAlong) {
  put(alert(ours, "open"));
  Alert closed = alert(ours, "closed", "other");
  closed.status = AlertStatus::closed;
  closed.evidence = {evidence(1, "x")};
  put(closed);
  ASSERT_TRUE(run([](Transaction& tx) { return expire_alerts(tx, at(13)); }));
  EXPECT_EQ(list(ours).total, 2u);
  ASSERT_TRUE(run([](Transaction& tx) { return expire_alerts(tx, at(14)); }));
  EXPECT_THAT(ids(list(ours).alerts), ElementsAre("open"));
  std::int64_t left = -1;
  change([&](Transaction& tx) {
    ASSERT_TRUE(
        tx.query("SELECT COUNT(*) FROM alert_evidence", {}, [&](const Row& row) { left = row.integer(0); }));
  });
  EXPECT_EQ(left, 0);
}

}  // namespace
}  // namespace sentinella::catalog
