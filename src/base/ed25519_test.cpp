#include "base/ed25519.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace sentinella {
namespace {

TEST(Ed25519, VerifiesWhatRfc8032Signed) {
  // Section 7.1, test 2.
  const std::string key = *from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const std::string signature = *from_hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(ed25519_verifies(key, "\x72", signature));
  EXPECT_FALSE(ed25519_verifies(key, "\x73", signature));
  EXPECT_FALSE(ed25519_verifies(key, "\x72", signature.substr(1)));
  EXPECT_FALSE(ed25519_verifies(key.substr(1), "\x72", signature));
  EXPECT_FALSE(ed25519_verifies("", "", ""));
}

TEST(Ed25519, WhatOneKeySignsItsPublicHalfVerifies) {
  // Section 7.1, test 2, its secret key in PKCS #8 (RFC 8410).
  const std::string der = *from_hex("302e020100300506032b657004220420") +
                          *from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  const std::string pem = "-----BEGIN PRIVATE KEY-----\n" + to_base64(der) + "\n-----END PRIVATE KEY-----\n";
  const auto key = ed25519_public_key(pem);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(to_hex(*key), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto signature = ed25519_sign(pem, "\x72");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(ed25519_verifies(*key, "\x72", *signature));
  EXPECT_FALSE(ed25519_sign("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "x"));
  EXPECT_FALSE(ed25519_sign("", "x"));
}

}  // namespace
}  // namespace sentinella
