#include "catalog/alert_rows.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;

class AlertRowsTest : public CatalogTest {
 protected:
  void add(const std::string& id, const std::string& cause = "",
           AlertSeverity severity = AlertSeverity::major, int created = 10,
           const std::string& host = "compute1") {
    Alert a;
    a.id = id;
    a.account = ours;
    a.environment = "Production";
    a.resource = id;
    a.event = "ServiceDown";
    a.host = host;
    a.severity = severity;
    a.text = "text of " + id;
    a.cause = cause;
    a.create_time = at(created);
    change([&](Transaction& tx) { ASSERT_TRUE(put_alert(tx, a)); });
  }
  AlertRows rows(const AlertRowQuery& query, std::optional<AccountId> account = {}) {
    return run([&](Transaction& tx) { return list_alert_rows(tx, account.value_or(ours), query); }).value();
  }
  static std::vector<std::string> ids(const AlertRows& list) {
    std::vector<std::string> all;
    for (const Alert& alert : list.alerts) all.push_back(alert.id);
    return all;
  }
};

TEST_F(AlertRowsTest, SymptomsAreFoldedUnderTheirCauseAndCounted) {
  add("database", "", AlertSeverity::critical);
  add("api", "database");
  add("scheduler", "database");
  add("disk", "", AlertSeverity::minor);
  const AlertRows folded = rows({.folded = true});
  EXPECT_THAT(ids(folded), ElementsAre("database", "disk"));
  EXPECT_THAT(folded.symptoms, ElementsAre(2u, 0u));
  EXPECT_EQ(folded.total, 2u);
  EXPECT_EQ(folded.matching, 4u);
  EXPECT_THAT(ids(rows({.cause = "database"})), ElementsAre("api", "scheduler"));
  EXPECT_EQ(rows({.folded = true}, theirs).matching, 0u);
}

TEST_F(AlertRowsTest, HiddenAlertsAreLeftOutOrAreAllThereIs) {
  add("database", "", AlertSeverity::critical);
  add("api", "database");
  add("disk");
  const AlertRows rest = rows({.folded = true, .muted = {"database", "disk", "gone"}});
  EXPECT_THAT(ids(rest), ElementsAre("api"));
  EXPECT_EQ(rest.matching, 1u);
  EXPECT_EQ(rest.muted, 2u);
  const AlertRows hidden = rows({.muted = {"database", "disk", "gone"}, .only_muted = true});
  EXPECT_THAT(ids(hidden), ElementsAre("database", "disk"));
  EXPECT_EQ(hidden.matching, 2u);
  EXPECT_EQ(rows({.only_muted = true}).matching, 0u);
}

TEST_F(AlertRowsTest, ASymptomWhoseCauseIsNotMeantStandsForItself) {
  add("database", "", AlertSeverity::critical, 10, "controller");
  add("api", "database");
  AlertRowQuery query{.folded = true};
  query.filter.host = "compute1";
  EXPECT_THAT(ids(rows(query)), ElementsAre("api"));
}

TEST_F(AlertRowsTest, RowsComeInTheOrderAskedForPageByPage) {
  add("b", "", AlertSeverity::minor, 1, "host-2");
  add("c", "", AlertSeverity::critical, 2, "host-1");
  add("a", "", AlertSeverity::major, 3, "host-3");
  const auto by = [&](AlertColumn column, bool descending = false) {
    return ids(rows({.column = column, .descending = descending}));
  };
  EXPECT_THAT(by(AlertColumn::severity), ElementsAre("c", "a", "b"));
  EXPECT_THAT(by(AlertColumn::severity, true), ElementsAre("b", "a", "c"));
  EXPECT_THAT(by(AlertColumn::text), ElementsAre("a", "b", "c"));
  EXPECT_THAT(by(AlertColumn::host), ElementsAre("c", "b", "a"));
  EXPECT_THAT(by(AlertColumn::age), ElementsAre("a", "c", "b"));
  EXPECT_THAT(by(AlertColumn::age, true), ElementsAre("b", "c", "a"));
  AlertRowQuery second{.column = AlertColumn::age};
  second.filter.page = 2;
  second.filter.page_size = 2;
  EXPECT_THAT(ids(rows(second)), ElementsAre("b"));
  EXPECT_EQ(rows(second).total, 3u);
}

TEST_F(AlertRowsTest, OnlyNamesOfColumnsAreTakenAsAnOrder) {
  EXPECT_EQ(parse_alert_column("times"), AlertColumn::times);
  EXPECT_EQ(parse_alert_column("id; DROP TABLE alert"), std::nullopt);
}

}  // namespace
}  // namespace sentinella::catalog
