#include "auth/jwt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/crypto.h"

namespace sentinella::auth {
namespace {

using testing::HasSubstr;

const std::string kKey(32, 'k');

Time at(std::int64_t seconds) {
  return {seconds * 1'000'000'000};
}

Claims claims() {
  return {.subject = "ann", .audience = "user", .issued = at(1000), .expires = at(2000), .id = "id-1"};
}

/// A token with any header and payload, signed well.
std::string forged(std::string_view header, std::string_view payload, std::string_view key = kKey) {
  const std::string signed_part = to_base64url(header) + "." + to_base64url(payload);
  const Sha256 mac = hmac_sha256(key, signed_part);
  return signed_part + "." + to_base64url({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view kPayload = R"({"sub":"ann","aud":"user","iat":1000,"exp":2000,"jti":"id-1"})";

TEST(Jwt, ATokenSaysWhatWasSigned) {
  const auto read = verify_jwt(sign_jwt(claims(), kKey), kKey, "user", at(1500));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->subject, "ann");
  EXPECT_EQ(read->audience, "user");
  EXPECT_EQ(read->issued, at(1000));
  EXPECT_EQ(read->expires, at(2000));
  EXPECT_EQ(read->id, "id-1");
}

TEST(Jwt, OurTokenIsTheOneTheStandardDescribes) {
  EXPECT_EQ(sign_jwt(claims(), kKey), forged(kHeader, kPayload));
}

TEST(Jwt, AnExpiredTokenIsRefusedFromThatSecondOnAndSaysWhen) {
  const std::string token = sign_jwt(claims(), kKey);
  EXPECT_TRUE(verify_jwt(token, kKey, "user", at(1999)));
  const auto refused = verify_jwt(token, kKey, "user", at(2000));
  EXPECT_EQ(refused.error().code, Errc::kUnauthorized);
  EXPECT_THAT(refused.error().message, HasSubstr("expired at 1970-01-01T00:33:20"));
}

TEST(Jwt, ATokenFromTheFutureIsRefusedBeyondTheLeewayOfClocks) {
  const std::string token = sign_jwt(claims(), kKey);
  EXPECT_TRUE(verify_jwt(token, kKey, "user", at(970)));
  EXPECT_THAT(verify_jwt(token, kKey, "user", at(969)).error().message, HasSubstr("in the future"));
}

TEST(Jwt, ATokenNotYetValidIsRefused) {
  const auto with_nbf = [](int seconds) {
    return forged(
        kHeader,
        fmt::format(R"({{"sub":"a","aud":"user","iat":1000,"exp":2000,"jti":"1","nbf":{}}})", seconds));
  };
  EXPECT_TRUE(verify_jwt(with_nbf(1500), kKey, "user", at(1500)));
  EXPECT_THAT(verify_jwt(with_nbf(1700), kKey, "user", at(1500)).error().message,
              HasSubstr("not valid before"));
}

TEST(Jwt, ATokenForAnotherUseIsRefusedNamingTheAudience) {
  const auto refused = verify_jwt(sign_jwt(claims(), kKey), kKey, "agent", at(1500));
  EXPECT_EQ(refused.error().code, Errc::kUnauthorized);
  EXPECT_EQ(refused.error().field, "aud");
}

TEST(Jwt, AnyOtherHeaderIsRefusedHoweverWellSigned) {
  for (std::string_view header :
       {R"({"alg":"none","typ":"JWT"})", R"({"alg":"none"})", R"({"alg":"RS256","typ":"JWT"})",
        R"({"alg":"HS512","typ":"JWT"})", R"({"alg":"hs256","typ":"JWT"})", R"({"typ":"JWT","alg":"HS256"})",
        R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})", R"({})", ""}) {
    const auto refused = verify_jwt(forged(header, kPayload), kKey, "user", at(1500));
    ASSERT_FALSE(refused) << header;
    EXPECT_EQ(refused.error().code, Errc::kUnauthorized);
  }
}

TEST(Jwt, AnUnsignedOrWronglySignedTokenIsRefused) {
  const std::string good = sign_jwt(claims(), kKey);
  const std::string unsigned_part = good.substr(0, good.rfind('.'));
  for (const std::string& bad :
       {unsigned_part, unsigned_part + ".", unsigned_part + "." + std::string(43, 'A'),
        forged(kHeader, kPayload, "another key"), forged(kHeader, kPayload, "")})
    EXPECT_FALSE(verify_jwt(bad, kKey, "user", at(1500))) << bad;
}

TEST(Jwt, EveryChangedCharacterAndEveryTruncationIsNoticed) {
  const std::string good = sign_jwt(claims(), kKey);
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_jwt(changed, kKey, "user", at(1500))) << i;
    EXPECT_FALSE(verify_jwt(good.substr(0, i), kKey, "user", at(1500))) << i;
  }
  EXPECT_FALSE(verify_jwt(good + "A", kKey, "user", at(1500)));
  EXPECT_FALSE(verify_jwt(good + "=", kKey, "user", at(1500)));
}

TEST(Jwt, AWellSignedTokenWithoutProperClaimsIsRefused) {
  for (std::string_view payload : {
           "",
           "null",
           "[]",
           "{",
           "{}",
           R"({"sub":"ann"})",
           R"({"sub":1,"aud":"user","iat":1000,"exp":2000,"jti":"1"})",
           R"({"sub":"a","aud":["user"],"iat":1000,"exp":2000,"jti":"1"})",
           R"({"sub":"a","aud":"user","iat":"1000","exp":2000,"jti":"1"})",
           R"({"sub":"a","aud":"user","iat":1000,"exp":1e300,"jti":"1"})",
           R"({"sub":"a","aud":"user","iat":1000,"exp":9223372036854775807,"jti":"1"})",
           R"({"sub":"a","aud":"user","iat":-1,"exp":2000,"jti":"1"})",
           R"({"sub":"a","aud":"user","iat":1000,"jti":"1"})",
           R"({"sub":"a","aud":"user","iat":1000,"exp":2000,"jti":"1","nbf":"soon"})",
       }) {
    const auto refused = verify_jwt(forged(kHeader, payload), kKey, "user", at(1500));
    ASSERT_FALSE(refused) << payload;
    EXPECT_EQ(refused.error().code, Errc::kUnauthorized) << payload;
  }
}

TEST(Jwt, GarbageAndHugeInputIsRefused) {
  for (const std::string& bad :
       {std::string(), std::string("."), std::string(".."), std::string("..."), std::string("a.b.c"),
        std::string(10'000'000, '.'), std::string(100'000, 'a'), std::string("\0.\0.\0", 5),
        std::string(50, '\xff')})
    EXPECT_EQ(verify_jwt(bad, kKey, "user", at(1500)).error().code, Errc::kUnauthorized);
}

}  // namespace
}  // namespace sentinella::auth
