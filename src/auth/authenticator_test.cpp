#include "auth/authenticator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/expiring_cache.h"
#include "auth/secrets.h"
#include "base/crypto.h"
#include "catalog/accounts.h"
#include "catalog/catalog_fixture.h"

namespace sentinella::auth {
namespace {

using catalog::Transaction;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPassword = "correct horse battery";

class AuthenticatorTest : public catalog::CatalogTest {
 protected:
  void SetUp() override { start(); }
  void start() { auth = Authenticator::create(*database, clock).value(); }

  Result<Caller> ask(const std::string& authorization, const std::string& peer = "10.0.0.1") {
    net::Request request;
    request.headers.set("Authorization", authorization);
    request.peer = peer;
    return auth->authenticate(request);
  }
  Result<Caller> bearer(const std::string& token) { return ask("Bearer " + token); }
  Result<Caller> basic(const std::string& name, const std::string& password,
                       const std::string& peer = "10.0.0.1") {
    return ask("Basic " + to_base64(name + ":" + password), peer);
  }
  Result<Tokens> login(const std::string& name, const std::string& password,
                       const std::string& peer = "10.0.0.1") {
    return auth->login(name, password, peer, "Firefox");
  }
  User ann() { return auth->create_user(ours, "ann", kPassword, Role::operator_, true).value(); }
  Enrolment enrol_compute1(const std::string& secret, const std::string& agent_id = "") {
    return auth->enrol(secret, agent_id, "compute1", "machine-1", "1.0").value();
  }
  void revoke(const std::string& agent_id) {
    change([&](Transaction& tx) {
      Agent agent = find_agent(tx, agent_id).value();
      agent.revoked = true;
      ASSERT_TRUE(update_agent(tx, agent));
    });
  }
  static Errc code(const auto& result) { return result ? Errc::kInternal : result.error().code; }

  ManualClock clock{at(1'800'000'000)};
  std::unique_ptr<Authenticator> auth;
};

TEST_F(AuthenticatorTest, ALoginOpensTheDoorAsThatUser) {
  const User user = ann();
  const auto tokens = login("ann", kPassword);
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_EQ(tokens->access_life, 10min);
  EXPECT_EQ(tokens->refresh_life, 24h * 14);
  const auto caller = bearer(tokens->access_token);
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->kind, Caller::Kind::user);
  EXPECT_EQ(caller->account, ours);
  EXPECT_EQ(caller->id, user.id);
  EXPECT_EQ(caller->name, "ann");
  EXPECT_EQ(caller->role, Role::operator_);
  EXPECT_TRUE(caller->server_admin);
  EXPECT_EQ(tokens->caller.id, user.id);
}

TEST_F(AuthenticatorTest, ALoginWithoutRefreshLastsAsLongAsItsSessionAndEndsWithIt) {
  ann();
  const auto tokens = auth->login_without_refresh("ann", kPassword, "192.0.2.1", "test");
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_EQ(tokens->access_life, 24h * 14);
  clock.advance(24h * 13);
  EXPECT_TRUE(bearer(tokens->access_token));
  clock.advance(24h * 2);
  EXPECT_EQ(code(bearer(tokens->access_token)), Errc::kUnauthorized);

  const auto second = auth->login_without_refresh("ann", kPassword, "192.0.2.1", "test");
  ASSERT_TRUE(auth->logout(second->refresh_token));
  clock.advance(6s);
  EXPECT_EQ(code(bearer(second->access_token)), Errc::kUnauthorized) << "its session is over";
  EXPECT_EQ(code(auth->login_without_refresh("ann", "wrong", "192.0.2.1", "test")), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, AWrongPasswordAndAnUnknownNameGetTheSameAnswer) {
  ann();
  const auto wrong = login("ann", "wrong horse battery");
  const auto unknown = login("nobody", kPassword, "10.0.0.2");
  const auto huge = login("ann", std::string(100'000, 'x'), "10.0.0.3");
  EXPECT_EQ(code(wrong), Errc::kUnauthorized);
  EXPECT_EQ(wrong.error().message, unknown.error().message);
  EXPECT_EQ(wrong.error().message, huge.error().message);
}

TEST_F(AuthenticatorTest, AfterFiveFailuresEvenTheRightPasswordHasToWait) {
  ann();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code(login("ann", "wrong password")), Errc::kUnauthorized);
  const auto limited = login("ann", kPassword, "10.9.9.9");
  EXPECT_EQ(code(limited), Errc::kRateLimited);
  EXPECT_THAT(limited.error().message, HasSubstr("60 s"));
  EXPECT_EQ(code(basic("ann", kPassword, "10.9.9.9")), Errc::kRateLimited);
  clock.advance(1min);
  EXPECT_TRUE(login("ann", kPassword));
}

TEST_F(AuthenticatorTest, FailuresOfBasicCountLikeThoseOfTheLoginForm) {
  ann();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(code(basic("ann", "wrong password")), Errc::kUnauthorized);
  EXPECT_EQ(code(login("ann", kPassword)), Errc::kRateLimited);
}

TEST_F(AuthenticatorTest, AnAccessTokenEndsAfterItsLifeAndSaysSo) {
  ann();
  const Tokens tokens = *login("ann", kPassword);
  clock.advance(10min);
  EXPECT_THAT(bearer(tokens.access_token).error().message, HasSubstr("expired at"));
}

TEST_F(AuthenticatorTest, TokensOfAnEarlierRunStillHoldAndThoseOfAnotherServerDoNot) {
  ann();
  const Tokens tokens = *login("ann", kPassword);
  auth.reset();
  open();
  start();
  EXPECT_TRUE(bearer(tokens.access_token));
  change([](Transaction& tx) {
    ASSERT_TRUE(catalog::set_setting(tx, "jwt_signing_key", to_hex(random_bytes(32))));
  });
  start();
  EXPECT_EQ(code(bearer(tokens.access_token)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, ADamagedSigningKeyIsReportedNotReplaced) {
  change([](Transaction& tx) { ASSERT_TRUE(catalog::set_setting(tx, "jwt_signing_key", "short")); });
  EXPECT_EQ(code(Authenticator::create(*database, clock)), Errc::kCorrupt);
}

TEST_F(AuthenticatorTest, ADeletedUserIsOutWithinFiveSeconds) {
  const User user = ann();
  const Tokens tokens = *login("ann", kPassword);
  ASSERT_TRUE(bearer(tokens.access_token));
  ASSERT_TRUE(basic("ann", kPassword));
  change([&](Transaction& tx) { ASSERT_TRUE(catalog::delete_user(tx, ours, user.id)); });
  clock.advance(5s);
  EXPECT_EQ(code(bearer(tokens.access_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(basic("ann", kPassword)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->refresh(tokens.refresh_token)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, AChangedRoleCountsWithinFiveSeconds) {
  User user = ann();
  const Tokens tokens = *login("ann", kPassword);
  ASSERT_EQ(bearer(tokens.access_token)->role, Role::operator_);
  user.role = Role::viewer;
  change([&](Transaction& tx) { ASSERT_TRUE(catalog::update_user(tx, user)); });
  clock.advance(5s);
  EXPECT_EQ(bearer(tokens.access_token)->role, Role::viewer);
}

TEST_F(AuthenticatorTest, BasicIsVerifiedAgainOnlyAfterAMinute) {
  ann();
  ASSERT_TRUE(basic("ann", kPassword));
  // While the name is blocked only a remembered verification can let it in.
  for (int i = 0; i < 5; ++i) (void)login("ann", "wrong password", "10.0.0.9");
  clock.advance(59s);
  EXPECT_TRUE(basic("ann", kPassword));
  EXPECT_EQ(code(basic("ann", "correct horse batterY")), Errc::kRateLimited);
  clock.advance(1s);
  for (int i = 0; i < 5; ++i) (void)login("ann", "wrong password", "10.0.0.7");
  EXPECT_EQ(code(basic("ann", kPassword)), Errc::kRateLimited);
}

TEST_F(AuthenticatorTest, ChangingThePasswordEndsSessionsAndTheOldPassword) {
  const User user = ann();
  const Tokens tokens = *login("ann", kPassword);
  ASSERT_TRUE(basic("ann", kPassword));
  ASSERT_TRUE(bearer(tokens.access_token));
  EXPECT_EQ(code(auth->change_password(user.id, "short")), Errc::kInvalid);
  ASSERT_TRUE(auth->change_password(user.id, "another good password"));
  EXPECT_EQ(code(bearer(tokens.access_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->refresh(tokens.refresh_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(basic("ann", kPassword)), Errc::kUnauthorized);
  EXPECT_TRUE(login("ann", "another good password"));
  EXPECT_EQ(code(auth->change_password("nobody", "another good password")), Errc::kNotFound);
}

TEST_F(AuthenticatorTest, RefreshingGivesANewPairAndKeepsTheSession) {
  ann();
  const Tokens first = *login("ann", kPassword);
  clock.advance(10min);
  const auto second = auth->refresh(first.refresh_token);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(second->refresh_token, first.refresh_token);
  EXPECT_EQ(second->caller.name, "ann");
  EXPECT_TRUE(bearer(second->access_token));
  clock.advance(24h * 13);
  EXPECT_TRUE(auth->refresh(second->refresh_token)) << "each use begins a new fortnight";
}

TEST_F(AuthenticatorTest, TwoTabsThatRefreshAtOnceGetTheSameToken) {
  ann();
  const Tokens first = *login("ann", kPassword);
  clock.advance(5min);
  const Tokens tab1 = *auth->refresh(first.refresh_token);
  clock.advance(10s);
  const auto tab2 = auth->refresh(first.refresh_token);
  ASSERT_TRUE(tab2) << tab2.error().message;
  EXPECT_EQ(tab2->refresh_token, tab1.refresh_token);
  EXPECT_TRUE(auth->refresh(tab2->refresh_token));
}

TEST_F(AuthenticatorTest, UsingAReplacedTokenLaterEndsTheSessionForThiefAndOwner) {
  ann();
  const Tokens first = *login("ann", kPassword);
  const Tokens owner = *auth->refresh(first.refresh_token);
  ASSERT_TRUE(bearer(owner.access_token));
  clock.advance(11s);
  EXPECT_EQ(code(auth->refresh(first.refresh_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->refresh(owner.refresh_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(bearer(owner.access_token)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, ATokenReplacedManyTimesAgoIsTheftAtOnce) {
  ann();
  const Tokens first = *login("ann", kPassword);
  const Tokens second = *auth->refresh(first.refresh_token);
  const Tokens third = *auth->refresh(second.refresh_token);
  EXPECT_EQ(code(auth->refresh(first.refresh_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->refresh(third.refresh_token)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, TheftInOneSessionLeavesTheOtherSessionsAlone) {
  ann();
  const Tokens laptop = *login("ann", kPassword);
  const Tokens phone = *login("ann", kPassword);
  (void)auth->refresh(laptop.refresh_token);
  clock.advance(11s);
  EXPECT_FALSE(auth->refresh(laptop.refresh_token));
  EXPECT_TRUE(auth->refresh(phone.refresh_token));
}

TEST_F(AuthenticatorTest, ARefreshTokenEndsAfterAFortnightUnused) {
  ann();
  const Tokens tokens = *login("ann", kPassword);
  clock.advance(24h * 14);
  EXPECT_EQ(code(auth->refresh(tokens.refresh_token)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, LoggingOutEndsBothTokensAtOnce) {
  ann();
  const Tokens tokens = *login("ann", kPassword);
  ASSERT_TRUE(bearer(tokens.access_token));
  ASSERT_TRUE(auth->logout(tokens.refresh_token));
  EXPECT_EQ(code(bearer(tokens.access_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->refresh(tokens.refresh_token)), Errc::kUnauthorized);
  EXPECT_TRUE(auth->logout(tokens.refresh_token)) << "twice is as good as once";
  EXPECT_EQ(code(auth->logout("garbage")), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, ATokenServesOnlyTheUseItWasMadeFor) {
  ann();
  const Tokens tokens = *login("ann", kPassword);
  EXPECT_EQ(code(bearer(tokens.refresh_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->refresh(tokens.access_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->logout(tokens.access_token)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, ALoginLinkWorksOnceAndInTime) {
  const User user = ann();
  const std::string link = *auth->make_login_token(user, 1h);
  EXPECT_EQ(code(auth->login_with_link(link + "x", "Firefox")), Errc::kUnauthorized);
  const auto tokens = auth->login_with_link(link, "Firefox");
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_EQ(bearer(tokens->access_token)->id, user.id);
  EXPECT_EQ(code(auth->login_with_link(link, "Firefox")), Errc::kUnauthorized);
  const std::string late = *auth->make_login_token(user, 1h);
  clock.advance(1h);
  EXPECT_EQ(code(auth->login_with_link(late, "Firefox")), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, AnEnrolmentTokenIsNoLoginLink) {
  const std::string token = *auth->make_enrolment_token(ours, 1h);
  EXPECT_EQ(code(auth->login_with_link(token, "Firefox")), Errc::kUnauthorized);
  EXPECT_TRUE(auth->enrol(token, "", "compute1", "m", "1"));
}

TEST_F(AuthenticatorTest, AnApiKeyOpensTheDoorWithItsRoleUntilItExpiresOrIsDeleted) {
  const std::string secret = *auth->create_api_key(ours, "ci", Role::responder, clock.now() + 1h);
  EXPECT_THAT(secret, StartsWith("snt_"));
  EXPECT_EQ(secret.size(), 47u);
  const auto caller = bearer(secret);
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->kind, Caller::Kind::api_key);
  EXPECT_EQ(caller->account, ours);
  EXPECT_EQ(caller->name, "ci");
  EXPECT_EQ(caller->role, Role::responder);
  EXPECT_FALSE(caller->server_admin);
  clock.advance(1h);
  EXPECT_THAT(bearer(secret).error().message, HasSubstr("expired at"));

  const std::string other = *auth->create_api_key(ours, "other", Role::viewer, std::nullopt);
  const std::string id = bearer(other)->id;
  change([&](Transaction& tx) { ASSERT_TRUE(catalog::delete_key(tx, ours, id)); });
  clock.advance(5s);
  EXPECT_EQ(code(bearer(other)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, TheCatalogueHoldsTheHashOfAKeyAndNotTheKey) {
  const std::string secret = *auth->create_api_key(ours, "ci", Role::viewer, std::nullopt);
  const auto keys = *run([&](Transaction& tx) { return catalog::list_keys(tx, ours); });
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].secret_hash, to_hex(sha256(secret)));
}

TEST_F(AuthenticatorTest, TheLastUseOfAKeyIsNotedAtMostOnceAMinute) {
  const std::string secret = *auth->create_api_key(ours, "ci", Role::viewer, std::nullopt);
  const auto last_used = [&] {
    return run([&](Transaction& tx) { return catalog::list_keys(tx, ours); })->at(0).last_used;
  };
  EXPECT_EQ(last_used(), std::nullopt);
  const Time first = clock.now();
  ASSERT_TRUE(bearer(secret));
  clock.advance(59s);
  ASSERT_TRUE(bearer(secret));
  EXPECT_EQ(last_used(), first);
  clock.advance(1s);
  ASSERT_TRUE(bearer(secret));
  EXPECT_EQ(last_used(), first + 1min);
}

TEST_F(AuthenticatorTest, WhatIsNoCredentialIsRefused) {
  const std::string account_key = *auth->rotate_account_key(ours);
  for (const std::string& header :
       {std::string(), std::string("Bearer snt_"), "Bearer snt_" + std::string(43, 'A'),
        std::string("Bearer a.b.c"), "Bearer " + account_key, "Basic " + to_base64(":"),
        std::string("Basic x")})
    EXPECT_EQ(code(ask(header)), Errc::kUnauthorized) << header;
}

TEST_F(AuthenticatorTest, AnAgentEnrolsWithTheAccountKeyAndBuysATokenWithItsOwn) {
  const Enrolment enrolment = enrol_compute1(*auth->rotate_account_key(ours));
  EXPECT_THAT(enrolment.agent_key, StartsWith("sna_"));
  const auto tokens = auth->agent_token(enrolment.agent_id, enrolment.agent_key);
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_EQ(tokens->access_life, 15min);
  EXPECT_EQ(tokens->refresh_token, "");
  const auto caller = bearer(tokens->access_token);
  ASSERT_TRUE(caller) << caller.error().message;
  EXPECT_EQ(caller->kind, Caller::Kind::agent);
  EXPECT_EQ(caller->account, ours);
  EXPECT_EQ(caller->id, enrolment.agent_id);
  EXPECT_EQ(caller->name, "compute1");
  EXPECT_EQ(code(require_role(*caller, Role::viewer)), Errc::kForbidden);
}

TEST_F(AuthenticatorTest, OnlyTheRightKeyBuysAToken) {
  const std::string secret = *auth->rotate_account_key(ours);
  const Enrolment enrolment = enrol_compute1(secret);
  const auto wrong = auth->agent_token(enrolment.agent_id, enrolment.agent_key + "x");
  const auto unknown = auth->agent_token("nobody", enrolment.agent_key);
  EXPECT_EQ(code(wrong), Errc::kUnauthorized);
  EXPECT_EQ(code(unknown), Errc::kUnauthorized);
  EXPECT_EQ(wrong.error().message, unknown.error().message);
  EXPECT_EQ(code(auth->agent_token(enrolment.agent_id, secret)), Errc::kUnauthorized);
}

TEST_F(AuthenticatorTest, AnAgentThatComesBackOnItsMachineKeepsItsIdAndGetsANewKey) {
  const std::string secret = *auth->rotate_account_key(ours);
  const Enrolment first = enrol_compute1(secret);
  const Enrolment again = enrol_compute1(secret, first.agent_id);
  EXPECT_EQ(again.agent_id, first.agent_id);
  EXPECT_NE(again.agent_key, first.agent_key);
  EXPECT_FALSE(auth->agent_token(first.agent_id, first.agent_key));
  EXPECT_TRUE(auth->agent_token(again.agent_id, again.agent_key));
}

TEST_F(AuthenticatorTest, ACopiedAgentIdGetsANewOneAndTheFirstKeepsWorking) {
  const std::string secret = *auth->rotate_account_key(ours);
  const Enrolment first = enrol_compute1(secret);
  const auto copy = auth->enrol(secret, first.agent_id, "compute2", "machine-2", "1.0");
  ASSERT_TRUE(copy);
  EXPECT_NE(copy->agent_id, first.agent_id);
  EXPECT_TRUE(auth->agent_token(first.agent_id, first.agent_key));
}

TEST_F(AuthenticatorTest, AnotherAccountCannotTakeOverAnAgent) {
  const Enrolment mine = enrol_compute1(*auth->rotate_account_key(ours));
  const Enrolment foreign = enrol_compute1(*auth->rotate_account_key(theirs), mine.agent_id);
  EXPECT_NE(foreign.agent_id, mine.agent_id);
  EXPECT_EQ(auth->agent_token(mine.agent_id, mine.agent_key)->caller.account, ours);
  EXPECT_EQ(auth->agent_token(foreign.agent_id, foreign.agent_key)->caller.account, theirs);
}

TEST_F(AuthenticatorTest, AnEnrolmentTokenEnrolsOneAgentInTime) {
  const std::string token = *auth->make_enrolment_token(ours, 1h);
  EXPECT_THAT(token, StartsWith("sne_"));
  ASSERT_TRUE(auth->enrol(token, "", "compute1", "m", "1"));
  const auto again = auth->enrol(token, "", "compute2", "m", "1");
  EXPECT_EQ(code(again), Errc::kUnauthorized);
  EXPECT_THAT(again.error().message, HasSubstr("used already"));
  const std::string late = *auth->make_enrolment_token(ours, 1h);
  clock.advance(1h);
  const auto refused = auth->enrol(late, "", "compute2", "m", "1");
  EXPECT_EQ(code(refused), Errc::kUnauthorized);
  EXPECT_THAT(refused.error().message, HasSubstr("expired"));
}

TEST_F(AuthenticatorTest, ARefusedEnrolmentDoesNotUseUpTheToken) {
  const std::string token = *auth->make_enrolment_token(ours, 1h);
  for (const auto& [host, machine] : std::vector<std::pair<std::string, std::string>>{
           {"", "m"}, {"host", ""}, {std::string(300, 'h'), "m"}, {"ho\nst", "m"}, {"\xff", "m"}})
    EXPECT_EQ(code(auth->enrol(token, "", host, machine, "1")), Errc::kInvalid) << host;
  EXPECT_TRUE(auth->enrol(token, "", "host", "m", "1"));
}

TEST_F(AuthenticatorTest, ARotatedAccountKeyEnrolsNobodyAndLeavesEnrolledAgentsAlone) {
  const std::string old_key = *auth->rotate_account_key(ours);
  const Enrolment enrolment = enrol_compute1(old_key);
  const std::string new_key = *auth->rotate_account_key(ours);
  EXPECT_THAT(new_key, StartsWith("snk_"));
  EXPECT_EQ(code(auth->enrol(old_key, "", "compute2", "m", "1")), Errc::kUnauthorized);
  EXPECT_TRUE(auth->enrol(new_key, "", "compute2", "m", "1"));
  EXPECT_TRUE(auth->agent_token(enrolment.agent_id, enrolment.agent_key));
}

TEST_F(AuthenticatorTest, ARevokedAgentIsOutWithinFiveSecondsAndOnlyAOneTimeTokenBringsItBack) {
  const std::string secret = *auth->rotate_account_key(ours);
  const Enrolment enrolment = enrol_compute1(secret);
  const Tokens tokens = *auth->agent_token(enrolment.agent_id, enrolment.agent_key);
  ASSERT_TRUE(bearer(tokens.access_token));
  revoke(enrolment.agent_id);
  clock.advance(5s);
  EXPECT_EQ(code(bearer(tokens.access_token)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->agent_token(enrolment.agent_id, enrolment.agent_key)), Errc::kUnauthorized);
  EXPECT_EQ(code(auth->enrol(secret, enrolment.agent_id, "compute1", "machine-1", "1")), Errc::kForbidden);
  const Enrolment back = enrol_compute1(*auth->make_enrolment_token(ours, 1h), enrolment.agent_id);
  EXPECT_EQ(back.agent_id, enrolment.agent_id);
  EXPECT_TRUE(auth->agent_token(back.agent_id, back.agent_key));
}

TEST_F(AuthenticatorTest, NamesAndPasswordsAgainstTheRulesAreRefusedNamingTheField) {
  const auto field_of = [&](const std::string& name, const std::string& password) {
    const auto refused = auth->create_user(ours, name, password, Role::viewer, false);
    return code(refused) == Errc::kInvalid ? refused.error().field : "accepted";
  };
  EXPECT_EQ(field_of("", kPassword), "name");
  EXPECT_EQ(field_of("a b", kPassword), "name");
  EXPECT_EQ(field_of("a:b", kPassword), "name");
  EXPECT_EQ(field_of("a\nb", kPassword), "name");
  EXPECT_EQ(field_of("\xff", kPassword), "name");
  EXPECT_EQ(field_of(std::string(129, 'a'), kPassword), "name");
  EXPECT_EQ(field_of("ann", "elevenchars"), "password");
  EXPECT_EQ(field_of("ann", "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4"), "password");
  EXPECT_EQ(field_of("ann", std::string(1025, 'x')), "password");
  EXPECT_EQ(field_of("ann@example.org", "twelve chars"), "accepted");
}

TEST_F(AuthenticatorTest, ATakenNameAnImpossibleKeyAndAnUnknownAccountAreRefused) {
  ann();
  EXPECT_EQ(code(auth->create_user(theirs, "ann", kPassword, Role::viewer, false)), Errc::kConflict);
  EXPECT_EQ(code(auth->create_api_key(ours, "", Role::viewer, std::nullopt)), Errc::kInvalid);
  EXPECT_EQ(code(auth->create_api_key(ours, "ci", Role::viewer, clock.now())), Errc::kInvalid);
  EXPECT_EQ(code(auth->rotate_account_key(AccountId{77})), Errc::kNotFound);
}

TEST(RequireRole, EachRoleMayWhatTheOnesBelowItMay) {
  Caller caller{.kind = Caller::Kind::user, .account = {}, .id = "", .name = "ann", .role = Role::responder};
  EXPECT_TRUE(require_role(caller, Role::viewer));
  EXPECT_TRUE(require_role(caller, Role::responder));
  const auto refused = require_role(caller, Role::operator_);
  EXPECT_EQ(refused.error().code, Errc::kForbidden);
  EXPECT_THAT(refused.error().message, HasSubstr("operator"));
}

TEST(ExpiringCache, AnAnswerIsGoodForItsLifeOnlyAndTheTableIsBounded) {
  ExpiringCache<int> cache(5s, 3);
  const Time now{100'000'000'000};
  cache.put("a", 1, now);
  EXPECT_EQ(cache.get("a", now + 4s), 1);
  EXPECT_EQ(cache.get("a", now + 5s), std::nullopt);
  EXPECT_EQ(cache.get("a", now - 1s), std::nullopt) << "the clock was set back";
  for (const char* key : {"b", "c", "d"}) cache.put(key, 2, now + 1s);
  EXPECT_EQ(cache.get("d", now + 1s), 2);
  EXPECT_EQ(cache.get("a", now + 1s), std::nullopt);
}

}  // namespace
}  // namespace sentinella::auth
