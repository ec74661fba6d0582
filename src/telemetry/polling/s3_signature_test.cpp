#include "telemetry/polling/s3_signature.h"

#include <gmock/gmock.h>

namespace sentinella::telemetry {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// Key and instant of Amazon's examples: 2013-05-24T00:00:00Z.
const S3Key kExampleKey{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr Time kExampleTime{1'369'353'600'000'000'000};

net::Headers signed_for(const std::string& url) {
  net::Headers headers;
  const auto done = sign_s3_get(url, kExampleKey, kExampleTime, headers);
  EXPECT_TRUE(done) << describe(done.error());
  return headers;
}

TEST(S3Signature, IsThatOfAmazonsExamples) {
  const auto lifecycle = signed_for("http://examplebucket.s3.amazonaws.com/?lifecycle");
  EXPECT_EQ(lifecycle.get("x-amz-date"), "20130524T000000Z");
  EXPECT_EQ(lifecycle.get("Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
            "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_THAT(signed_for("https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2").get("Authorization"),
              EndsWith("=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(S3Signature, IsOfTheWholeAddressAndKeepsTheSecret) {
  const std::string plain(signed_for("http://rgw:8080/admin/usage?uid=p").get("Authorization"));
  for (const char* other : {"http://rgw/admin/usage?uid=p", "http://rgw:8080/admin/bucket?uid=p",
                            "http://rgw:8080/admin/usage?uid=q", "http://[::1]:8080/admin/usage?uid=p"})
    EXPECT_NE(signed_for(other).get("Authorization"), plain) << other;
  EXPECT_EQ(signed_for("http://rgw:8080/admin/usage?uid=p%24p").get("Authorization"),
            signed_for("http://rgw:8080/admin/usage?uid=p$p").get("Authorization"));
  EXPECT_THAT(plain, Not(HasSubstr(kExampleKey.secret)));
  net::Headers headers;
  EXPECT_FALSE(sign_s3_get("rgw/admin", kExampleKey, kExampleTime, headers));
}

}  // namespace
}  // namespace sentinella::telemetry
