#include "base/hmac.h"

#include <gtest/gtest.h>

namespace sentinella {
namespace {

/// RFC 4231, test case 2.
TEST(HmacSha256, PiecesGiveWhatTheWholeGives) {
  constexpr std::string_view kText = "what do ya want for nothing?";
  for (std::size_t cut = 0; cut <= kText.size(); ++cut) {
    HmacSha256 hmac("Jefe");
    hmac.add(kText.substr(0, cut));
    hmac.add(kText.substr(cut));
    EXPECT_EQ(to_hex(hmac.finish()), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  }
}

TEST(HmacSha256, AKeyMayBeEmpty) {
  HmacSha256 hmac({});
  hmac.add("text");
  EXPECT_EQ(hmac.finish(), hmac_sha256("", "text"));
}

}  // namespace
}  // namespace sentinella
