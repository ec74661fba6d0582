#include "catalog/alert_turns.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;

class AlertTurnsTest : public CatalogTest {
 protected:
  void add(const std::string& id, int created, int updated, AlertStatus status = AlertStatus::open) {
    Alert a;
    a.id = a.resource = id;
    a.account = ours;
    a.environment = "Production";
    a.event = "ServiceDown";
    a.host = "compute1";
    a.severity = AlertSeverity::major;
    a.status = status;
    a.create_time = at(created);
    a.update_time = at(updated);
    change([&](Transaction& tx) { ASSERT_TRUE(put_alert(tx, a)); });
  }
  void turn(const std::string& id, const std::string& type, int when, AlertStatus status) {
    change([&](Transaction& tx) {
      AlertHistory entry;
      entry.time = at(when);
      entry.type = type;
      entry.status = status;
      ASSERT_TRUE(append_history(tx, id, entry));
    });
  }
  std::vector<std::string> turns(TimeRange range, const AlertFilter& filter = {},
                                 std::optional<AccountId> account = {}) {
    const auto counted = run([&](Transaction& tx) {
                           return alert_turns(tx, account.value_or(ours), filter, range, 4);
                         }).value();
    std::vector<std::string> out;
    for (const AlertTurns& one : counted) out.push_back(fmt::format("{}+{}-", one.opened, one.closed));
    return out;
  }
};

TEST_F(AlertTurnsTest, BeginningsAndEndsAreCountedWhereTheyHappened) {
  add("a", 100, 130, AlertStatus::closed);
  turn("a", "new", 100, AlertStatus::open);
  turn("a", "note", 105, AlertStatus::open);
  turn("a", "close", 109, AlertStatus::closed);
  turn("a", "open", 120, AlertStatus::open);
  turn("a", "close", 130, AlertStatus::closed);
  add("b", 125, 125);
  turn("b", "new", 125, AlertStatus::open);
  EXPECT_THAT(turns({at(100), at(140)}), ElementsAre("1+1-", "0+0-", "2+0-", "0+1-"));
  AlertFilter open;
  open.statuses = {AlertStatus::open};
  EXPECT_THAT(turns({at(100), at(140)}, open), ElementsAre("0+0-", "0+0-", "1+0-", "0+0-"));
  EXPECT_THAT(turns({at(131), at(140)}), ElementsAre("0+0-", "0+0-", "0+0-", "0+0-"));
  EXPECT_THAT(turns({at(100), at(140)}, {}, theirs), ElementsAre("0+0-", "0+0-", "0+0-", "0+0-"));
}

TEST_F(AlertTurnsTest, AListOfASpanHasWhatStoodThen) {
  add("ended before", 10, 20, AlertStatus::closed);
  add("ended within", 10, 40, AlertStatus::closed);
  add("stands", 10, 15);
  add("came later", 60, 60);
  AlertFilter filter;
  filter.stood = TimeRange{at(30), at(50)};
  const auto list = run([&](Transaction& tx) { return list_alerts(tx, ours, filter); }).value();
  std::vector<std::string> ids;
  for (const Alert& alert : list.alerts) ids.push_back(alert.id);
  EXPECT_THAT(ids, testing::UnorderedElementsAre("ended within", "stands"));
}

}  // namespace
}  // namespace sentinella::catalog
