#include "catalog/alert_condition.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::HasSubstr;

class AlertConditionTest : public CatalogTest {
 protected:
  /// How SQLite finds those of `statuses` and what returned, a step a line.
  std::string plan(std::vector<AlertStatus> statuses) {
    AlertFilter filter;
    filter.statuses = std::move(statuses);
    filter.returned = true;
    const AlertCondition condition = condition_of(ours, filter);
    std::string steps;
    change([&](Transaction& tx) {
      ASSERT_TRUE(tx.query("EXPLAIN QUERY PLAN SELECT * FROM alert " + condition.text, condition.parameters,
                           [&](const Row& row) { steps += row.text(3) + "\n"; }));
    });
    return steps;
  }
};

TEST_F(AlertConditionTest, WhatReturnedIsFoundWithoutReadingAllThatIsClosed) {
  const std::string returned = "(account=? AND status=? AND alarm_state=?)";
  EXPECT_THAT(plan({}), HasSubstr(returned));
  const std::string both = plan({AlertStatus::open, AlertStatus::ack});
  EXPECT_THAT(both, HasSubstr(returned));
  EXPECT_THAT(both, HasSubstr("(account=? AND status=?)"));
}

}  // namespace
}  // namespace sentinella::catalog
