#include "catalog/accounts.h"

#include "catalog/catalog_fixture.h"
#include "catalog/inventory.h"

namespace sentinella::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class AccountsTest : public CatalogTest {
 protected:
  static User user(AccountId account, const std::string& name) {
    return {.id = "id-" + name,
            .account = account,
            .name = name,
            .role = Role::operator_,
            .password_hash = "$argon2id$",
            .server_admin = true,
            .created = at(5)};
  }
  static ApiKey key(AccountId account, const std::string& name) {
    return {.id = "id-" + name,
            .account = account,
            .name = name,
            .role = Role::responder,
            .secret_hash = "hash-" + name,
            .created = at(6),
            .expires = at(99),
            .last_used = std::nullopt};
  }
  static Agent agent(AccountId account, const std::string& host) {
    return {.id = "id-" + host,
            .account = account,
            .host = host,
            .machine_id = "machine",
            .secret_hash = "hash-" + host,
            .version = "1.0",
            .created = at(7),
            .revoked = false};
  }
  static Session session(const std::string& id, const std::string& user_id) {
    return {.id = id,
            .user_id = user_id,
            .token_hash = "token-" + id,
            .previous_token_hash = "",
            .rotated = at(10),
            .expires = at(100),
            .client = "Firefox"};
  }
  /// The names in a list, in order.
  static std::vector<std::string> names(const auto& list) {
    std::vector<std::string> all;
    for (const auto& item : list) all.push_back(item.name);
    return all;
  }
};

TEST_F(AccountsTest, AnAccountIsFoundByNameAndHasItsOwnNumber) {
  EXPECT_NE(ours, theirs);
  EXPECT_NE(ours, AccountId{});
  const auto found = run([](Transaction& tx) { return find_account(tx, "theirs"); });
  EXPECT_EQ(found->id, theirs);
  EXPECT_EQ(found->created, at(1));
  EXPECT_THAT(names(*run([](Transaction& tx) { return list_accounts(tx); })), ElementsAre("ours", "theirs"));
  EXPECT_EQ(error_of([](Transaction& tx) { return find_account(tx, "nobody"); }), Errc::kNotFound);
}

TEST_F(AccountsTest, ATakenOrImpossibleAccountNameIsRefused) {
  EXPECT_EQ(error_of([](Transaction& tx) { return create_account(tx, "ours", at(2)); }), Errc::kConflict);
  for (const std::string& bad : {std::string(), std::string("Ours"), std::string("o urs"),
                                 std::string("o/urs"), std::string(64, 'a'), std::string("o\0", 2)})
    EXPECT_EQ(error_of([&](Transaction& tx) { return create_account(tx, bad, at(2)); }), Errc::kInvalid)
        << bad;
  EXPECT_TRUE(run([](Transaction& tx) { return create_account(tx, std::string(63, 'a'), at(2)); }));
}

TEST_F(AccountsTest, AUserComesBackWhole) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_user(tx, user(ours, "ann")); }));
  const User found = *run([](Transaction& tx) { return find_user_by_name(tx, "ann"); });
  EXPECT_EQ(found.id, "id-ann");
  EXPECT_EQ(found.account, ours);
  EXPECT_EQ(found.role, Role::operator_);
  EXPECT_EQ(found.password_hash, "$argon2id$");
  EXPECT_TRUE(found.server_admin);
  EXPECT_EQ(found.created, at(5));
  EXPECT_EQ(run([](Transaction& tx) { return find_user(tx, "id-ann"); })->name, "ann");
}

TEST_F(AccountsTest, AUserNameIsUniqueInTheWholeServer) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_user(tx, user(ours, "ann")); }));
  User other = user(theirs, "ann");
  other.id = "another";
  const auto refused = run([&](Transaction& tx) { return insert_user(tx, other); });
  EXPECT_EQ(refused.error().code, Errc::kConflict);
  EXPECT_EQ(refused.error().field, "name");
}

TEST_F(AccountsTest, AUserIsListedChangedAndDeletedInItsAccountOnly) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_user(tx, user(ours, "ann")); }));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_users(tx, theirs); }), IsEmpty());
  User foreign = user(theirs, "ann");
  foreign.role = Role::admin;
  EXPECT_EQ(error_of([&](Transaction& tx) { return update_user(tx, foreign); }), Errc::kNotFound);
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_user(tx, theirs, "id-ann"); }), Errc::kNotFound);
  EXPECT_EQ(run([](Transaction& tx) { return find_user(tx, "id-ann"); })->role, Role::operator_);

  User changed = user(ours, "ann");
  changed.role = Role::viewer;
  changed.server_admin = false;
  ASSERT_TRUE(run([&](Transaction& tx) { return update_user(tx, changed); }));
  EXPECT_EQ(run([](Transaction& tx) { return find_user(tx, "id-ann"); })->role, Role::viewer);
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_user(tx, ours, "id-ann"); }));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_users(tx, ours); }), IsEmpty());
}

TEST_F(AccountsTest, AKeyComesBackWholeAndOnlyItsAccountSeesAndDeletesIt) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_key(tx, key(ours, "ci")); }));
  ASSERT_TRUE(run([](Transaction& tx) { return touch_key(tx, "id-ci", at(50)); }));
  const ApiKey found = *run([](Transaction& tx) { return find_key_by_hash(tx, "hash-ci"); });
  EXPECT_EQ(found.account, ours);
  EXPECT_EQ(found.name, "ci");
  EXPECT_EQ(found.role, Role::responder);
  EXPECT_EQ(found.created, at(6));
  EXPECT_EQ(found.expires, at(99));
  EXPECT_EQ(found.last_used, at(50));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_keys(tx, theirs); }), IsEmpty());
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_key(tx, theirs, "id-ci"); }), Errc::kNotFound);
  EXPECT_THAT(names(*run([&](Transaction& tx) { return list_keys(tx, ours); })), ElementsAre("ci"));
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_key(tx, ours, "id-ci"); }));
  EXPECT_EQ(error_of([](Transaction& tx) { return find_key_by_hash(tx, "hash-ci"); }), Errc::kNotFound);
}

TEST_F(AccountsTest, AKeyOfNoAccountIsRefused) {
  EXPECT_EQ(error_of([](Transaction& tx) { return insert_key(tx, key(AccountId{77}, "ci")); }),
            Errc::kConflict);
}

TEST_F(AccountsTest, RotatingAnAccountKeyEndsTheOldOneOfThatAccountOnly) {
  ASSERT_TRUE(run([&](Transaction& tx) { return set_account_key(tx, ours, "first"); }));
  ASSERT_TRUE(run([&](Transaction& tx) { return set_account_key(tx, theirs, "foreign"); }));
  ASSERT_TRUE(run([&](Transaction& tx) { return set_account_key(tx, ours, "second"); }));
  EXPECT_EQ(error_of([](Transaction& tx) { return find_account_by_key_hash(tx, "first"); }), Errc::kNotFound);
  EXPECT_EQ(*run([](Transaction& tx) { return find_account_by_key_hash(tx, "second"); }), ours);
  EXPECT_EQ(*run([](Transaction& tx) { return find_account_by_key_hash(tx, "foreign"); }), theirs);
  EXPECT_EQ(error_of([](Transaction& tx) { return set_account_key(tx, AccountId{77}, "x"); }),
            Errc::kNotFound);
}

TEST_F(AccountsTest, AnAgentIsListedAndChangedInItsAccountOnly) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_agent(tx, agent(ours, "compute1")); }));
  EXPECT_THAT(*run([&](Transaction& tx) { return list_agents(tx, theirs); }), IsEmpty());
  Agent foreign = agent(theirs, "compute1");
  foreign.revoked = true;
  EXPECT_EQ(error_of([&](Transaction& tx) { return update_agent(tx, foreign); }), Errc::kNotFound);

  Agent changed = agent(ours, "compute1");
  changed.revoked = true;
  changed.version = "1.1";
  changed.secret_hash = "new";
  ASSERT_TRUE(run([&](Transaction& tx) { return update_agent(tx, changed); }));
  const Agent found = *run([](Transaction& tx) { return find_agent(tx, "id-compute1"); });
  EXPECT_TRUE(found.revoked);
  EXPECT_EQ(found.version, "1.1");
  EXPECT_EQ(found.secret_hash, "new");
  EXPECT_EQ(found.machine_id, "machine");
  EXPECT_EQ(found.created, at(7));
  EXPECT_EQ(run([&](Transaction& tx) { return list_agents(tx, ours); })->size(), 1u);
}

TEST_F(AccountsTest, AOneTimeTokenWorksOnceForItsPurposeUntilItExpires) {
  const OneTimeToken token{
      .secret_hash = "h", .purpose = "login", .account = ours, .subject = "id-ann", .expires = at(100)};
  const auto take = [](const char* purpose, Time now) {
    return [=](Transaction& tx) { return take_one_time_token(tx, "h", purpose, now); };
  };
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_one_time_token(tx, token); }));
  EXPECT_EQ(error_of(take("enrol", at(20))), Errc::kNotFound);
  const auto late = run(take("login", at(100)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::kUnauthorized);
  EXPECT_THAT(late.error().message, HasSubstr("expired at"));
  const auto taken = run(take("login", at(99)));
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->account, ours);
  EXPECT_EQ(taken->subject, "id-ann");
  const auto again = run(take("login", at(99)));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::kUnauthorized);
  EXPECT_THAT(again.error().message, HasSubstr("used already"));
  EXPECT_EQ(error_of(take("login", at(100) + 24h * 30)), Errc::kNotFound) << "not remembered for ever";
}

TEST_F(AccountsTest, ASessionIsRotatedAndEnded) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_user(tx, user(ours, "ann")); }));
  ASSERT_TRUE(run([](Transaction& tx) { return insert_session(tx, session("s1", "id-ann")); }));
  Session rotated = session("s1", "id-ann");
  rotated.previous_token_hash = rotated.token_hash;
  rotated.token_hash = "next";
  rotated.rotated = at(20);
  rotated.expires = at(200);
  ASSERT_TRUE(run([&](Transaction& tx) { return update_session(tx, rotated); }));
  const Session found = *run([](Transaction& tx) { return find_session(tx, "s1"); });
  EXPECT_EQ(found.user_id, "id-ann");
  EXPECT_EQ(found.token_hash, "next");
  EXPECT_EQ(found.previous_token_hash, "token-s1");
  EXPECT_EQ(found.rotated, at(20));
  EXPECT_EQ(found.expires, at(200));
  EXPECT_EQ(found.client, "Firefox");
  ASSERT_TRUE(run([](Transaction& tx) { return delete_session(tx, "s1"); }));
  EXPECT_EQ(error_of([](Transaction& tx) { return find_session(tx, "s1"); }), Errc::kNotFound);
  EXPECT_EQ(error_of([](Transaction& tx) { return delete_session(tx, "s1"); }), Errc::kNotFound);
}

TEST_F(AccountsTest, SessionsEndWithTheirUserAndExpiredOnesAreSweptAway) {
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_user(tx, user(ours, "ann")); }));
  ASSERT_TRUE(run([](Transaction& tx) { return insert_session(tx, session("old", "id-ann")); }));
  Session later = session("new", "id-ann");
  later.rotated = at(100);
  later.expires = at(300);
  ASSERT_TRUE(run([&](Transaction& tx) { return insert_session(tx, later); }));
  const auto list = *run([](Transaction& tx) { return list_sessions(tx, "id-ann"); });
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].id, "new");
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_user(tx, ours, "id-ann"); }));
  EXPECT_EQ(error_of([](Transaction& tx) { return find_session(tx, "new"); }), Errc::kNotFound);
}

TEST_F(AccountsTest, ASettingIsReplacedNotDoubled) {
  EXPECT_EQ(*run([](Transaction& tx) { return get_setting(tx, "x"); }), std::nullopt);
  ASSERT_TRUE(run([](Transaction& tx) { return set_setting(tx, "x", "1"); }));
  ASSERT_TRUE(run([](Transaction& tx) { return set_setting(tx, "x", ""); }));
  EXPECT_EQ(*run([](Transaction& tx) { return get_setting(tx, "x"); }), "");
}

class InventoryTest : public CatalogTest {
 protected:
  void SetUp() override {
    change([&](Transaction& tx) {
      ASSERT_TRUE(insert_cloud(tx, {.id = "c1", .account = ours, .name = "east", .location = "Rack 4"}));
      ASSERT_TRUE(insert_cloud(tx, {.id = "c2", .account = theirs, .name = "east", .location = ""}));
      ASSERT_TRUE(touch_node(tx, ours, "compute1", at(3)));
      ASSERT_TRUE(touch_node(tx, theirs, "compute1", at(4)));
    });
  }
  std::vector<Node> nodes(AccountId account) {
    return run([&](Transaction& tx) { return list_nodes(tx, account); }).value();
  }
};

TEST_F(InventoryTest, ANodeIsAddedOnceAndKeepsItsFirstTime) {
  ASSERT_TRUE(run([&](Transaction& tx) { return touch_node(tx, ours, "compute1", at(50)); }));
  ASSERT_EQ(nodes(ours).size(), 1u);
  EXPECT_EQ(nodes(ours)[0].host, "compute1");
  EXPECT_EQ(nodes(ours)[0].first_seen, at(3));
  EXPECT_EQ(nodes(ours)[0].cloud_id, "");
}

TEST_F(InventoryTest, ANodeIsClassifiedIntoACloudOfItsOwnAccountOnly) {
  const auto classify = [](AccountId account, const char* host, const char* cloud) {
    return [=](Transaction& tx) { return classify_node(tx, account, host, cloud); };
  };
  EXPECT_EQ(error_of(classify(ours, "compute1", "c2")), Errc::kNotFound);
  EXPECT_EQ(error_of(classify(ours, "compute9", "c1")), Errc::kNotFound);
  ASSERT_TRUE(run(classify(ours, "compute1", "c1")));
  EXPECT_EQ(nodes(ours)[0].cloud_id, "c1");
  EXPECT_EQ(nodes(theirs)[0].cloud_id, "");
  ASSERT_TRUE(run(classify(ours, "compute1", "")));
  EXPECT_EQ(nodes(ours)[0].cloud_id, "");
}

TEST_F(InventoryTest, ACloudNameIsUniqueInItsAccountAndDeletingItFreesItsNodes) {
  const Cloud again{.id = "c3", .account = ours, .name = "east", .location = ""};
  EXPECT_EQ(error_of([&](Transaction& tx) { return insert_cloud(tx, again); }), Errc::kConflict);
  ASSERT_TRUE(run([&](Transaction& tx) { return classify_node(tx, ours, "compute1", "c1"); }));
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_cloud(tx, theirs, "c1"); }), Errc::kNotFound);
  const auto clouds = *run([&](Transaction& tx) { return list_clouds(tx, ours); });
  ASSERT_EQ(clouds.size(), 1u);
  EXPECT_EQ(clouds[0].id, "c1");
  EXPECT_EQ(clouds[0].location, "Rack 4");
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_cloud(tx, ours, "c1"); }));
  EXPECT_EQ(nodes(ours)[0].cloud_id, "");
}

TEST_F(InventoryTest, DeletingANodeLeavesTheOtherAccountsNodeOfThatName) {
  ASSERT_TRUE(run([&](Transaction& tx) { return delete_node(tx, ours, "compute1"); }));
  EXPECT_THAT(nodes(ours), IsEmpty());
  EXPECT_EQ(nodes(theirs).size(), 1u);
  EXPECT_EQ(error_of([&](Transaction& tx) { return delete_node(tx, ours, "compute1"); }), Errc::kNotFound);
}

}  // namespace
}  // namespace sentinella::catalog
