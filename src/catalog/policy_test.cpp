#include "catalog/policy.h"

#include "catalog/alerting.h"
#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class PolicyTest : public CatalogTest {
 protected:
  PolicyItem silence(const std::string& id) {
    return {ours, "silence", id, at(10), at(20), R"({"reason":"x"})", at(5), "kim", false};
  }
  Alert alert(const std::string& id, const std::string& fingerprint) {
    Alert out;
    out.id = id;
    out.account = ours;
    out.environment = "Production";
    out.resource = "web01";
    out.event = "DiskFull";
    out.extras.fingerprint = fingerprint;
    out.extras.labels.set("device", fingerprint);
    out.extras.annotations.set("summary", "full");
    out.extras.tags = {"a", "b"};
    out.extras.correlate = {"DiskFine", "DiskFull"};
    out.extras.timeout = std::chrono::hours(1);
    return out;
  }
};

TEST_F(PolicyTest, ASilenceIsKeptReplacedAndRemovedInItsOwnAccountOnly) {
  change([&](Transaction& tx) { ASSERT_TRUE(put_policy(tx, silence("s1"))); });
  PolicyItem longer = silence("s1");
  longer.ends = at(90);
  change([&](Transaction& tx) { ASSERT_TRUE(put_policy(tx, longer)); });
  EXPECT_EQ(run([&](Transaction& tx) { return find_policy(tx, ours, "silence", "s1"); })->ends, at(90));
  EXPECT_EQ(error_of([&](Transaction& tx) { return find_policy(tx, theirs, "silence", "s1"); }),
            Errc::kNotFound);
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_policy(tx, theirs, "silence", "s1"); }),
            Errc::kNotFound);
  EXPECT_THAT(*run([&](Transaction& tx) { return list_policy(tx, std::nullopt, ""); }), SizeIs(1));
  change([&](Transaction& tx) { ASSERT_TRUE(delete_policy(tx, ours, "silence", "s1")); });
  EXPECT_THAT(*run([&](Transaction& tx) { return list_policy(tx, ours, "silence"); }), IsEmpty());
}

TEST_F(PolicyTest, EveryEditChangesTheVersion) {
  const auto version = [&] { return *run([](Transaction& tx) { return policy_version(tx); }); };
  const auto before = version();
  change([&](Transaction& tx) { ASSERT_TRUE(put_policy(tx, silence("s1"))); });
  EXPECT_NE(version(), before);
  EXPECT_EQ(version(), version());
}

TEST_F(PolicyTest, AlertsThatDifferInLabelsOnlyAreTwoAndComeBackWhole) {
  change([&](Transaction& tx) {
    ASSERT_TRUE(put_alert(tx, alert("a1", "sda")));
    ASSERT_TRUE(put_alert(tx, alert("a2", "sdb")));
  });
  const auto live = *run([](Transaction& tx) { return load_live_alerts(tx); });
  ASSERT_THAT(live, SizeIs(2));
  for (const Alert& one : live) EXPECT_EQ(one.extras, alert(one.id, one.id == "a1" ? "sda" : "sdb").extras);
}

TEST_F(PolicyTest, AnAlertIsFoundByAnEventItCorrelates) {
  change([&](Transaction& tx) { ASSERT_TRUE(put_alert(tx, alert("a1", ""))); });
  Alert up = alert("", "");
  up.event = "DiskFine";
  EXPECT_EQ(*run([&](Transaction& tx) { return correlated_alert(tx, up); }), "a1");
  up.event = "Other";
  EXPECT_EQ(*run([&](Transaction& tx) { return correlated_alert(tx, up); }), "");
}

TEST_F(PolicyTest, ANoticeGoesWithItsAlert) {
  Notice notice{"a1", ours,       "a1",  "key", "opened", at(3), "silence",
                "s1", "silenced", at(9), 2,     at(1),    1,     true};
  change([&](Transaction& tx) {
    ASSERT_TRUE(put_alert(tx, alert("a1", "")));
    ASSERT_TRUE(put_notice(tx, notice));
  });
  EXPECT_EQ(*run([&](Transaction& tx) { return find_notice(tx, ours, "a1"); }), notice);
  EXPECT_THAT(*run([](Transaction& tx) { return load_notices(tx); }), ElementsAre(notice));
  change([&](Transaction& tx) { ASSERT_TRUE(delete_alert(tx, ours, "a1")); });
  EXPECT_THAT(*run([](Transaction& tx) { return load_notices(tx); }), IsEmpty());
}

TEST_F(PolicyTest, AttemptsAreListedInOrder) {
  change([&](Transaction& tx) {
    ASSERT_TRUE(insert_attempt(tx, {"d1", "c1", ours, 2, at(2), Duration(5), true, "200"}));
    ASSERT_TRUE(insert_attempt(tx, {"d1", "c1", ours, 1, at(1), Duration(7), false, "500"}));
  });
  const auto attempts = *run([&](Transaction& tx) { return attempts_of(tx, ours, "d1"); });
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].answer, "500");
  EXPECT_TRUE(attempts[1].ok);
}

}  // namespace
}  // namespace sentinella::catalog
