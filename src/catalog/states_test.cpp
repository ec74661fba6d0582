#include "catalog/states.h"

#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class StatesTest : public CatalogTest {
 protected:
  void put(const std::string& host, std::int64_t seconds, const std::string& status) {
    change(
        [&](Transaction& tx) { ASSERT_TRUE(put_state(tx, {ours, host, "nova-api", status, at(seconds)})); });
  }
  std::vector<std::string> listed(std::int64_t from, std::int64_t until, const std::string& host = "") {
    std::vector<std::string> out;
    const auto found =
        run([&](Transaction& tx) { return list_states(tx, ours, {at(from), at(until)}, host); });
    for (const StoredState& one : *found)
      out.push_back(fmt::format("{} {} {}", one.host, one.at.ns / 1'000'000'000, one.status));
    return out;
  }
};

TEST_F(StatesTest, ARangeBeginsWithTheStateThatItFinds) {
  put("a", 10, "up");
  put("a", 20, "down");
  put("a", 30, "up");
  put("b", 25, "up");
  EXPECT_THAT(listed(22, 40), ElementsAre("a 20 down", "a 30 up", "b 25 up"));
  EXPECT_THAT(listed(22, 30), ElementsAre("a 20 down", "b 25 up"));
  EXPECT_THAT(listed(22, 40, "b"), ElementsAre("b 25 up"));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_states(tx, theirs, {at(0), at(99)}, ""); }), IsEmpty());
}

TEST_F(StatesTest, WhatIsSaidAgainOfOneMomentTakesThePlaceOfWhatWasSaid) {
  put("a", 10, "up");
  put("a", 10, "down");
  EXPECT_THAT(listed(0, 99), ElementsAre("a 10 down"));
}

TEST_F(StatesTest, TheLastStateOutlivesItsTimeSoThatTheNextRangeHasABeginning) {
  put("a", 10, "up");
  put("a", 20, "down");
  put("a", 30, "up");
  change([&](Transaction& tx) { ASSERT_TRUE(expire_states(tx, at(25))); });
  EXPECT_THAT(listed(0, 99), ElementsAre("a 20 down", "a 30 up"));
  change([&](Transaction& tx) { ASSERT_TRUE(expire_states(tx, at(99))); });
  EXPECT_THAT(listed(0, 99), ElementsAre("a 30 up"));
  change([&](Transaction& tx) { ASSERT_TRUE(forget_states(tx, ours, "a")); });
  EXPECT_THAT(listed(0, 99), IsEmpty());
}

}  // namespace
}  // namespace sentinella::catalog
