#include "alerts/status_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sentinella::alerts {
namespace {

using S = AlertStatus;
using V = AlertSeverity;

struct ActionRow {
  std::string_view rule;
  S from;
  S before;
  Action action;
  std::optional<S> to;  ///< nullopt: refused with a conflict
  V severity = V::major;
};

class Actions : public testing::TestWithParam<ActionRow> {};

TEST_P(Actions, FollowTheRowOfTheTable) {
  const ActionRow& row = GetParam();
  const bool closed = row.from == S::closed;
  const Situation now{row.from, row.before, closed ? V::normal : V::major,
                      closed ? V::minor : V::indeterminate};
  const auto verdict = by_action(now, row.action);
  if (!row.to) {
    ASSERT_FALSE(verdict) << row.rule;
    EXPECT_EQ(verdict.error().code, Errc::kConflict);
    return;
  }
  ASSERT_TRUE(verdict) << row.rule;
  EXPECT_EQ(verdict->status, *row.to) << row.rule;
  EXPECT_EQ(verdict->severity, row.severity) << row.rule;
}

constexpr auto kRefused = std::nullopt;
INSTANTIATE_TEST_SUITE_P(
    Alerta, Actions,
    testing::Values(ActionRow{"UNACK-1", S::ack, S::open, Action::unack, S::open},
                    ActionRow{"UNACK-1", S::ack, S::shelved, Action::unack, S::shelved},
                    ActionRow{"UNACK", S::open, S::open, Action::unack, kRefused},
                    ActionRow{"UNACK", S::shelved, S::open, Action::unack, kRefused},
                    ActionRow{"UNACK", S::closed, S::open, Action::unack, kRefused},
                    ActionRow{"UNACK", S::expired, S::open, Action::unack, kRefused},
                    ActionRow{"UNSHL-1", S::shelved, S::open, Action::unshelve, S::open},
                    ActionRow{"UNSHL-1", S::shelved, S::ack, Action::unshelve, S::ack},
                    ActionRow{"UNSHL", S::open, S::open, Action::unshelve, kRefused},
                    ActionRow{"UNSHL", S::ack, S::open, Action::unshelve, kRefused},
                    ActionRow{"UNSHL", S::closed, S::open, Action::unshelve, kRefused},
                    ActionRow{"EXP-0", S::open, S::open, Action::expire, S::expired},
                    ActionRow{"EXP-0", S::ack, S::open, Action::expire, S::expired},
                    ActionRow{"EXP-0", S::shelved, S::open, Action::expire, S::expired},
                    ActionRow{"ACK-0", S::shelved, S::ack, Action::timeout, S::ack},
                    ActionRow{"OPEN-0", S::shelved, S::open, Action::timeout, S::open},
                    ActionRow{"OPEN-0", S::ack, S::open, Action::timeout, S::open},
                    ActionRow{"OPEN-1", S::open, S::open, Action::ack, S::ack},
                    ActionRow{"OPEN-2", S::open, S::open, Action::shelve, S::shelved},
                    ActionRow{"OPEN-3", S::open, S::open, Action::close, S::closed, V::normal},
                    ActionRow{"open+open", S::open, S::open, Action::open, kRefused},
                    ActionRow{"ACK-1", S::ack, S::open, Action::open, S::open},
                    ActionRow{"ACK-2", S::ack, S::open, Action::shelve, S::shelved},
                    ActionRow{"ACK-3", S::ack, S::open, Action::close, S::closed, V::normal},
                    ActionRow{"ack+ack", S::ack, S::open, Action::ack, kRefused},
                    ActionRow{"SHL-1", S::shelved, S::open, Action::open, S::open},
                    ActionRow{"SHL-2", S::shelved, S::open, Action::close, S::closed, V::normal},
                    ActionRow{"shelved+ack", S::shelved, S::open, Action::ack, kRefused},
                    ActionRow{"shelved+shelve", S::shelved, S::open, Action::shelve, kRefused},
                    ActionRow{"BLK-1", S::blackout, S::open, Action::close, S::closed, V::normal},
                    ActionRow{"BLK-ALL", S::blackout, S::open, Action::ack, S::blackout},
                    ActionRow{"CLS-1", S::closed, S::open, Action::open, S::open, V::minor},
                    ActionRow{"closed+ack", S::closed, S::open, Action::ack, kRefused},
                    ActionRow{"closed+shelve", S::closed, S::open, Action::shelve, kRefused},
                    ActionRow{"closed+close", S::closed, S::open, Action::close, kRefused},
                    ActionRow{"EXP-1", S::expired, S::open, Action::open, S::open},
                    ActionRow{"expired+ack", S::expired, S::open, Action::ack, kRefused},
                    ActionRow{"expired+shelve", S::expired, S::open, Action::shelve, kRefused},
                    ActionRow{"expired+close", S::expired, S::open, Action::close, kRefused},
                    ActionRow{"assign", S::open, S::open, Action::assign, S::open},
                    ActionRow{"assign", S::ack, S::open, Action::assign, S::ack},
                    ActionRow{"ALL", S::assign, S::open, Action::ack, S::assign},
                    ActionRow{"ALL", S::assign, S::open, Action::close, S::assign},
                    ActionRow{"ALL", S::unknown, S::open, Action::shelve, S::unknown},
                    ActionRow{"note", S::closed, S::open, Action::note, S::closed, V::normal},
                    ActionRow{"note", S::shelved, S::open, Action::note, S::shelved}));

struct ReportRow {
  std::string_view rule;
  S from;
  S before;
  V had;
  V reported;
  S to;
  std::optional<S> sent = std::nullopt;
};

class Reports : public testing::TestWithParam<ReportRow> {};

TEST_P(Reports, FollowTheRowOfTheTable) {
  const ReportRow& row = GetParam();
  EXPECT_EQ(by_report({row.from, row.before, row.had, V::indeterminate}, row.reported, row.sent), row.to)
      << row.rule;
}

INSTANTIATE_TEST_SUITE_P(
    Alerta, Reports,
    testing::Values(ReportRow{"SET-1", S::open, S::open, V::major, V::normal, S::closed, S::ack},
                    ReportRow{"SET-*", S::open, S::open, V::major, V::major, S::ack, S::ack},
                    ReportRow{"SET-*", S::closed, S::open, V::normal, V::major, S::shelved, S::shelved},
                    ReportRow{"SET open", S::ack, S::open, V::major, V::major, S::ack, S::open},
                    ReportRow{"ACK-4", S::ack, S::open, V::warning, V::critical, S::open},
                    ReportRow{"ACK milder", S::ack, S::open, V::critical, V::warning, S::ack},
                    ReportRow{"ACK same", S::ack, S::open, V::major, V::major, S::ack},
                    ReportRow{"ACK-4 from the default", S::ack, S::open, V::indeterminate, V::major, S::ack},
                    ReportRow{"SHL worse", S::shelved, S::open, V::warning, V::critical, S::shelved},
                    ReportRow{"BLK-2", S::blackout, S::ack, V::major, V::major, S::ack},
                    ReportRow{"BLK-*", S::blackout, S::blackout, V::major, V::major, S::blackout},
                    ReportRow{"BLK normal", S::blackout, S::open, V::major, V::normal, S::closed},
                    ReportRow{"CLS-2", S::closed, S::shelved, V::normal, V::major, S::shelved},
                    ReportRow{"CLS-3", S::closed, S::open, V::normal, V::major, S::open},
                    ReportRow{"CLS-3", S::closed, S::ack, V::normal, V::major, S::open},
                    ReportRow{"CLS-*", S::open, S::open, V::major, V::normal, S::closed},
                    ReportRow{"CLS-*", S::ack, S::open, V::major, V::ok, S::closed},
                    ReportRow{"CLS-*", S::shelved, S::open, V::major, V::cleared, S::closed},
                    ReportRow{"CLS-*", S::assign, S::open, V::major, V::normal, S::closed},
                    ReportRow{"CLS-*", S::closed, S::open, V::normal, V::ok, S::closed},
                    ReportRow{"CLS-*", S::expired, S::open, V::major, V::normal, S::closed},
                    ReportRow{"EXP-1", S::expired, S::open, V::major, V::minor, S::open},
                    ReportRow{"ALL", S::open, S::open, V::major, V::minor, S::open},
                    ReportRow{"ALL", S::assign, S::open, V::minor, V::major, S::assign},
                    ReportRow{"ALL", S::unknown, S::open, V::minor, V::major, S::unknown}));

TEST(StatusMachine, EveryReportOfANormalSeverityClosesFromEveryStatus) {
  for (const S status :
       {S::open, S::assign, S::ack, S::shelved, S::blackout, S::closed, S::expired, S::unknown})
    for (const V normal : {V::normal, V::ok, V::cleared})
      EXPECT_EQ(by_report({status, S::open, V::major, V::major}, normal), S::closed);
}

TEST(StatusMachine, NoActionOfAnyStatusGivesALiveAlertANormalSeverityUnlessItCloses) {
  for (const S status :
       {S::open, S::assign, S::ack, S::shelved, S::blackout, S::closed, S::expired, S::unknown})
    for (const auto action :
         {Action::open, Action::assign, Action::ack, Action::unack, Action::shelve, Action::unshelve,
          Action::close, Action::note, Action::expire, Action::timeout}) {
      if (action == Action::timeout && !is_live(status)) continue;  // an alert that is over has no deadline
      const bool closed = status == S::closed;
      const auto verdict = by_action({status, S::open, closed ? V::normal : V::major, V::minor}, action);
      const bool is_open = verdict && is_live(verdict->status);
      EXPECT_FALSE(is_open && is_normal(verdict->severity)) << to_string(action);
    }
}

TEST(StatusMachine, TheStatusBeforeIsTheLastOtherOneInTheHistory) {
  Alert alert;
  alert.status = S::shelved;
  EXPECT_EQ(status_before(alert), S::open) << "the history was cut";
  for (const S status : {S::open, S::ack, S::shelved, S::shelved}) {
    AlertHistory entry;
    entry.status = status;
    alert.history.push_back(entry);
  }
  EXPECT_EQ(status_before(alert), S::ack);
}

TEST(StatusMachine, PeopleMayNotAskForTheEnginesOwnActions) {
  EXPECT_FALSE(parse_action("expired"));
  EXPECT_FALSE(parse_action("timeout"));
  for (const auto* word : {"open", "assign", "ack", "unack", "shelve", "unshelve", "close", "note"})
    EXPECT_EQ(to_string(parse_action(word).value()), word);
}

}  // namespace
}  // namespace sentinella::alerts
