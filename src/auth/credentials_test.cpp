#include "auth/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/failure_limiter.h"
#include "auth/password.h"
#include "base/crypto.h"

namespace sentinella::auth {
namespace {

TEST(Credentials, ABearerTokenIsTakenWhateverTheCaseOfTheScheme) {
  for (std::string_view header : {"Bearer abc", "bearer abc", " BEARER   abc ", "Token abc"}) {
    const auto parsed = parse_credentials(header);
    ASSERT_TRUE(parsed) << header;
    EXPECT_EQ(std::get<BearerToken>(*parsed).token, "abc");
  }
}

TEST(Credentials, ABasicPasswordMayContainColons) {
  const auto parsed = parse_credentials("Basic " + to_base64("ann:pass:word"));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<BasicLogin>(*parsed).name, "ann");
  EXPECT_EQ(std::get<BasicLogin>(*parsed).password, "pass:word");
}

TEST(Credentials, AnythingElseIsUnauthorizedAndNeverRepeated) {
  for (const std::string& header :
       {std::string(), std::string("   "), std::string("Bearer"), std::string("Bearer "),
        std::string("Basic"), std::string("Basic !secret!"), "Basic " + to_base64("no-colon-secret"),
        std::string("Digest secret"), std::string("secret"), "Bearer " + std::string(9000, 'x')}) {
    const auto parsed = parse_credentials(header);
    ASSERT_FALSE(parsed) << header;
    EXPECT_EQ(parsed.error().code, Errc::kUnauthorized);
    EXPECT_THAT(parsed.error().message, testing::Not(testing::HasSubstr("secret")));
  }
}

TEST(Password, OnlyTheRightPasswordIsRight) {
  const std::string hash = hash_password("correct horse battery");
  EXPECT_TRUE(verify_password("correct horse battery", hash));
  EXPECT_FALSE(verify_password("correct horse batterY", hash));
  EXPECT_FALSE(verify_password("", hash));
}

TEST(Password, TheHashTellsItsParametersAndHasASaltOfItsOwn) {
  const std::string first = hash_password("correct horse battery");
  EXPECT_TRUE(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << first;
  EXPECT_NE(first, hash_password("correct horse battery"));
  EXPECT_EQ(first.find('\0'), std::string::npos);
}

TEST(Password, NothingIsRightAgainstWhatIsNoHash) {
  for (const char* hash : {"", "plain", "$argon2id$", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA"})
    EXPECT_FALSE(verify_password("plain", hash)) << hash;
}

class FailureLimiterTest : public testing::Test {
 protected:
  void fail_times(int count, const std::string& name, const std::string& peer) {
    for (int i = 0; i < count; ++i) limiter.failed(name, peer, now);
  }
  bool blocked(const std::string& name, const std::string& peer) { return !limiter.check(name, peer, now); }

  FailureLimiter limiter;
  Time now{1'000'000'000'000};
};

TEST_F(FailureLimiterTest, FiveFailuresBlockTheNameFromEverywhereForAMinute) {
  fail_times(4, "ann", "1.1.1.1");
  EXPECT_FALSE(blocked("ann", "1.1.1.1"));
  fail_times(1, "ann", "2.2.2.2");
  EXPECT_TRUE(blocked("ann", "3.3.3.3"));
  EXPECT_FALSE(blocked("bob", "3.3.3.3"));
  now = now + 59s;
  EXPECT_THAT(limiter.check("ann", "3.3.3.3", now).error().message, testing::HasSubstr("in 1 s"));
  now = now + 1s;
  EXPECT_FALSE(blocked("ann", "3.3.3.3"));
}

TEST_F(FailureLimiterTest, FiveFailuresBlockTheAddressForEveryName) {
  for (const char* name : {"a", "b", "c", "d", "e"}) fail_times(1, name, "1.1.1.1");
  EXPECT_TRUE(blocked("ann", "1.1.1.1"));
  EXPECT_FALSE(blocked("ann", "2.2.2.2"));
}

TEST_F(FailureLimiterTest, TheWindowSlidesSoThatOnlyTheOldestFailureIsForgiven) {
  fail_times(1, "ann", "");
  now = now + 30s;
  fail_times(4, "ann", "");
  now = now + 30s;
  EXPECT_FALSE(blocked("ann", ""));
  fail_times(1, "ann", "");
  EXPECT_TRUE(blocked("ann", ""));
}

TEST_F(FailureLimiterTest, AnUnknownAddressIsNotBlockedAsOne) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) fail_times(1, name, "");
  EXPECT_FALSE(blocked("ann", ""));
}

TEST_F(FailureLimiterTest, AClockSetBackBlocksNobodyForLongerThanAMinute) {
  fail_times(5, "ann", "");
  now = now - 24h;
  EXPECT_THAT(limiter.check("ann", "", now).error().message, testing::HasSubstr("in 60 s"));
}

}  // namespace
}  // namespace sentinella::auth
