#include "catalog/alerting.h"
#include "catalog/catalog_fixture.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OutboxTest : public CatalogTest {
 protected:
  static Channel channel(AccountId account, const std::string& id) {
    return {.account = account,
            .id = id,
            .name = "ops",
            .kind = "slack",
            .settings = R"({"url":"https://x"})",
            .min_tier = Tier::info,
            .enabled = true};
  }
  static OutboxEntry delivery(AccountId account, const std::string& id, int created) {
    return {.delivery_id = id,
            .account = account,
            .channel_id = "c",
            .alert_id = "a",
            .sequence = 5,
            .transition = "opened",
            .payload = "{}",
            .state = "pending",
            .attempts = 0,
            .created = at(created),
            .next_attempt = at(created),
            .delivered = std::nullopt,
            .last_error = ""};
  }
  void insert(const OutboxEntry& entry) {
    const auto done = run([&](Transaction& tx) { return insert_outbox(tx, entry); });
    ASSERT_TRUE(done) << done.error().message;
  }
  static std::vector<std::string> ids(const std::vector<OutboxEntry>& entries) {
    std::vector<std::string> all;
    for (const OutboxEntry& entry : entries) all.push_back(entry.delivery_id);
    return all;
  }
  std::vector<OutboxEntry> pending() {
    return run([](Transaction& tx) { return pending_outbox(tx); }).value();
  }
};

TEST_F(OutboxTest, AChannelIsChangedSeenAndDeletedByItsAccountOnly) {
  ASSERT_TRUE(run([&](Transaction& tx) { return put_channel(tx, channel(ours, "c")); }));
  Channel foreign = channel(theirs, "c");
  foreign.name = "stolen";
  EXPECT_EQ(error_of([&](Transaction& tx) { return put_channel(tx, foreign); }), Errc::kNotFound);
  EXPECT_EQ(error_of([&](Transaction& tx) { return find_channel(tx, theirs, "c"); }), Errc::kNotFound);
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_channel(tx, theirs, "c"); }), Errc::kNotFound);
  EXPECT_THAT(*run([&](Transaction& tx) { return list_channels(tx, theirs); }), IsEmpty());
  Channel changed = channel(ours, "c");
  changed.enabled = false;
  changed.min_tier = Tier::page;
  ASSERT_TRUE(run([&](Transaction& tx) { return put_channel(tx, changed); }));
  const Channel found = *run([&](Transaction& tx) { return find_channel(tx, ours, "c"); });
  EXPECT_EQ(found.name, "ops");
  EXPECT_EQ(found.kind, "slack");
  EXPECT_EQ(found.settings, R"({"url":"https://x"})");
  EXPECT_EQ(found.min_tier, Tier::page);
  EXPECT_FALSE(found.enabled);
  ASSERT_TRUE(run([&](Transaction& tx) { return put_channel(tx, channel(theirs, "d")); }));
  EXPECT_EQ(run([](Transaction& tx) { return list_channels(tx, std::nullopt); })->size(), 2u);
  EXPECT_EQ(run([&](Transaction& tx) { return list_channels(tx, ours); })->size(), 1u);
}

TEST_F(OutboxTest, DeletingAChannelFailsWhatItStillHadToDeliver) {
  ASSERT_TRUE(run([&](Transaction& tx) { return put_channel(tx, channel(ours, "c")); }));
  insert(delivery(ours, "d1", 1));
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_channel(tx, ours, "c"); }));
  EXPECT_THAT(pending(), IsEmpty());
  EXPECT_EQ(run([&](Transaction& tx) { return deliveries_of_alert(tx, ours, "a"); })->at(0).state, "failed");
}

TEST_F(OutboxTest, WhatIsPendingComesBackWholeInOrderAfterReopening) {
  insert(delivery(ours, "later", 2));
  insert(delivery(theirs, "first", 1));
  open();
  const auto entries = pending();
  ASSERT_THAT(ids(entries), ElementsAre("first", "later"));
  EXPECT_EQ(entries[0].account, theirs);
  EXPECT_EQ(entries[0].channel_id, "c");
  EXPECT_EQ(entries[0].alert_id, "a");
  EXPECT_EQ(entries[0].sequence, 5u);
  EXPECT_EQ(entries[0].transition, "opened");
  EXPECT_EQ(entries[0].payload, "{}");
  EXPECT_EQ(entries[0].created, at(1));
  EXPECT_EQ(entries[0].delivered, std::nullopt);
}

TEST_F(OutboxTest, ADeliveryIsNotPendingAnyMoreAndKeepsItsStory) {
  insert(delivery(ours, "d1", 1));
  OutboxEntry done = delivery(ours, "d1", 1);
  done.state = "delivered";
  done.attempts = 2;
  done.delivered = at(9);
  done.next_attempt = at(8);
  done.last_error = "refused at first";
  ASSERT_TRUE(run([&](Transaction& tx) { return update_outbox(tx, done); }));
  EXPECT_THAT(pending(), IsEmpty());
  const auto kept = *run([&](Transaction& tx) { return deliveries_of_alert(tx, ours, "a"); });
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].state, "delivered");
  EXPECT_EQ(kept[0].attempts, 2u);
  EXPECT_EQ(kept[0].delivered, at(9));
  EXPECT_EQ(kept[0].next_attempt, at(8));
  EXPECT_EQ(kept[0].last_error, "refused at first");
}

TEST_F(OutboxTest, OneNotificationGoesOnceToEachChannel) {
  insert(delivery(ours, "d1", 1));
  OutboxEntry other = delivery(ours, "d1", 1);
  other.channel_id = "c2";
  insert(other);
  EXPECT_EQ(error_of([&](Transaction& tx) { return insert_outbox(tx, other); }), Errc::kConflict);
  other.state = "delivered";
  ASSERT_TRUE(run([&](Transaction& tx) { return update_outbox(tx, other); }));
  ASSERT_EQ(pending().size(), 1u);
  EXPECT_EQ(pending()[0].channel_id, "c");
}

TEST_F(OutboxTest, AnAccountSeesAndChangesOnlyItsDeliveries) {
  insert(delivery(ours, "d1", 1));
  insert(delivery(ours, "d2", 2));
  insert(delivery(ours, "d3", 3));
  OutboxEntry foreign = delivery(theirs, "d1", 1);
  foreign.state = "failed";
  EXPECT_EQ(error_of([&](Transaction& tx) { return update_outbox(tx, foreign); }), Errc::kNotFound);
  EXPECT_THAT(*run([&](Transaction& tx) { return deliveries_of_alert(tx, theirs, "a"); }), IsEmpty());
  EXPECT_THAT(*run([&](Transaction& tx) { return deliveries_of_channel(tx, theirs, "c", 10); }), IsEmpty());
  EXPECT_THAT(ids(*run([&](Transaction& tx) { return deliveries_of_channel(tx, ours, "c", 2); })),
              ElementsAre("d3", "d2"));
}

TEST_F(OutboxTest, FinishedDeliveriesExpireAndPendingOnesStay) {
  insert(delivery(ours, "pending", 1));
  OutboxEntry failed = delivery(ours, "failed", 1);
  failed.state = "failed";
  insert(failed);
  ASSERT_TRUE(run([](Transaction& tx) { return expire_alerts(tx, at(2)); }));
  EXPECT_THAT(ids(*run([&](Transaction& tx) { return deliveries_of_alert(tx, ours, "a"); })),
              ElementsAre("pending"));
}

}  // namespace
}  // namespace sentinella::catalog
