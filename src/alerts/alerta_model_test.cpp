#include "alerts/alerta_model.h"

#include <algorithm>
#include <array>

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
  const auto verdict = AlertaModel().by_action(now, row.action);
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
  EXPECT_EQ(
      AlertaModel().by_report({row.from, row.before, row.had, V::indeterminate}, row.reported, row.sent),
      (Verdict{row.reported, row.to}))
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

constexpr std::array kStatuses{S::open,     S::assign, S::ack,     S::shelved,
                               S::blackout, S::closed, S::expired, S::unknown};
constexpr std::array kSeverities{V::security,      V::critical,      V::major,  V::minor, V::warning,
                                 V::indeterminate, V::informational, V::normal, V::ok,    V::cleared,
                                 V::debug,         V::trace,         V::unknown};
constexpr std::array kActions{Action::open,   Action::assign,   Action::ack,   Action::unack,
                              Action::shelve, Action::unshelve, Action::close, Action::note,
                              Action::expire, Action::timeout};

/// Of every status (row) and action (column): the status that it leads to. "-": refused; "was": the status
/// before; "timed": ack if it was ack before, else open.
constexpr std::array<std::array<std::string_view, 10>, 8> kTable{{
    // open      assign     ack        unack  shelve     unshelve close      note       expire     timeout
    {"-", "open", "ack", "-", "shelved", "-", "closed", "open", "expired", "timed"},
    {"assign", "assign", "assign", "-", "assign", "-", "assign", "assign", "expired", "timed"},
    {"open", "ack", "-", "was", "shelved", "-", "closed", "ack", "expired", "timed"},
    {"open", "shelved", "-", "-", "-", "was", "closed", "shelved", "expired", "timed"},
    {"blackout", "blackout", "blackout", "-", "blackout", "-", "closed", "blackout", "expired", "timed"},
    {"open", "-", "-", "-", "-", "-", "-", "closed", "expired", "timed"},
    {"open", "-", "-", "-", "-", "-", "-", "expired", "expired", "timed"},
    {"unknown", "unknown", "unknown", "-", "unknown", "-", "unknown", "unknown", "expired", "timed"},
}};

TEST(StatusMachine, EveryActionOnEveryStatusWithEveryPastFollowsTheTable) {
  for (std::size_t row = 0; row < kStatuses.size(); ++row)
    for (std::size_t column = 0; column < kActions.size(); ++column)
      for (const S before : kStatuses)
        for (const V had : kSeverities)
          for (const V earlier : kSeverities) {
            std::string_view wanted = kTable[row][column];
            if (wanted == "was") wanted = to_string(before);
            if (wanted == "timed") wanted = before == S::ack ? "ack" : "open";
            const auto verdict =
                AlertaModel().by_action({kStatuses[row], before, had, earlier}, kActions[column]);
            const std::string where = fmt::format("{} {} after {}", to_string(kStatuses[row]),
                                                  to_string(kActions[column]), to_string(before));
            ASSERT_EQ(verdict.has_value(), wanted != "-") << where;
            if (!verdict) continue;
            ASSERT_EQ(to_string(verdict->status), wanted) << where;
            V severity = had;
            if (kActions[column] == Action::close && wanted == "closed") severity = V::normal;
            if (kActions[column] == Action::open && kStatuses[row] == S::closed) severity = earlier;
            ASSERT_EQ(verdict->severity, severity) << where;
          }
}

TEST(StatusMachine, EveryReportOnEveryStatusFollowsTheFirstRowThatMatches) {
  struct Row {
    std::string_view name;
    bool (*matches)(S status, S before, V had, V reported);
    std::optional<S> to;  ///< nullopt: the status before
  };
  static constexpr std::array<Row, 6> kRows{{
      {"CLS-*", [](S, S, V, V reported) { return severity_code(reported) == severity_code(V::normal); },
       S::closed},
      {"ACK-4",
       [](S status, S, V had, V reported) {
         return status == S::ack && had != V::indeterminate && severity_code(reported) < severity_code(had);
       },
       S::open},
      {"BLK", [](S status, S, V, V) { return status == S::blackout; }, std::nullopt},
      {"CLS-2", [](S status, S before, V, V) { return status == S::closed && before == S::shelved; },
       S::shelved},
      {"CLS-3", [](S status, S, V, V) { return status == S::closed; }, S::open},
      {"EXP-1", [](S status, S, V, V) { return status == S::expired; }, S::open},
  }};
  for (const S status : kStatuses)
    for (const S before : kStatuses)
      for (const V had : kSeverities)
        for (const V reported : kSeverities) {
          const auto row = std::ranges::find_if(
              kRows, [&](const Row& one) { return one.matches(status, before, had, reported); });
          const S wanted = row == kRows.end() ? status : row->to.value_or(before);
          ASSERT_EQ(AlertaModel().by_report({status, before, had, V::indeterminate}, reported).status, wanted)
              << (row == kRows.end() ? "ALL" : row->name) << ": " << to_string(status) << " was "
              << to_string(before) << ", " << to_string(had) << " -> " << to_string(reported);
        }
}

TEST(StatusMachine, EveryReportOfANormalSeverityClosesFromEveryStatus) {
  for (const S status :
       {S::open, S::assign, S::ack, S::shelved, S::blackout, S::closed, S::expired, S::unknown})
    for (const V normal : {V::normal, V::ok, V::cleared})
      EXPECT_EQ(AlertaModel().by_report({status, S::open, V::major, V::major}, normal).status, S::closed);
}

TEST(StatusMachine, NoActionOfAnyStatusGivesALiveAlertANormalSeverityUnlessItCloses) {
  for (const S status :
       {S::open, S::assign, S::ack, S::shelved, S::blackout, S::closed, S::expired, S::unknown})
    for (const auto action :
         {Action::open, Action::assign, Action::ack, Action::unack, Action::shelve, Action::unshelve,
          Action::close, Action::note, Action::expire, Action::timeout}) {
      if (action == Action::timeout && !is_live(status)) continue;  // an alert that is over has no deadline
      const bool closed = status == S::closed;
      const auto verdict =
          AlertaModel().by_action({status, S::open, closed ? V::normal : V::major, V::minor}, action);
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
