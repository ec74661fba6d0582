#include "agent/plugin/plugin_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/plugin/index_source.h"
#include "agent/testing.h"
#include "base/crypto.h"
#include "base/ed25519.h"
#include "base/file.h"

namespace sentinella::agent {
namespace {

using ::testing::HasSubstr;

/// The secret key of RFC 8032, section 7.1, test 2, in PKCS #8.
std::string test_key() {
  return "-----BEGIN PRIVATE KEY-----\n" +
         to_base64(*from_hex("302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba62"
                             "4da8cf6ed4fb8a6fb")) +
         "\n-----END PRIVATE KEY-----\n";
}

std::string index_text(std::uint64_t serial, std::string_view path = "plugin.json") {
  return fmt::format(
      R"({{"format":1,"serial":{},"expires":"2027-01-01T00:00:00Z","plugins":[)"
      R"({{"name":"tea","version":"1.2","files":[{{"path":"{}","bytes":3,"sha256":"{}"}}]}}]}})",
      serial, path, std::string(64, 'a'));
}

Result<PluginIndex> open_signed(const std::string& text, std::uint64_t seen = 0, Time now = kSomeTime) {
  return open_plugin_index(text, to_base64(*ed25519_sign(test_key(), text)),
                           to_base64(*ed25519_public_key(test_key())), seen, now);
}

TEST(PluginIndex, OnlyWhatTheOwnerOfTheKeySignedIsRead) {
  const std::string text = index_text(3);
  ASSERT_TRUE(open_signed(text)) << describe(open_signed(text).error());
  const std::string signature = to_base64(*ed25519_sign(test_key(), text));
  const std::string key = to_base64(*ed25519_public_key(test_key()));
  EXPECT_EQ(open_plugin_index(text + " ", signature, key, 0, kSomeTime).error().code, Errc::kForbidden);
  EXPECT_EQ(open_plugin_index(text, "", key, 0, kSomeTime).error().code, Errc::kForbidden);
  EXPECT_EQ(open_plugin_index(text, signature, to_base64(std::string(32, 'x')), 0, kSomeTime).error().code,
            Errc::kForbidden);
  EXPECT_EQ(open_plugin_index(text, signature, "not a key", 0, kSomeTime).error().field, "plugin_index.key");
}

TEST(PluginIndex, AnOldOneIsRefusedThoughItIsSigned) {
  EXPECT_THAT(open_signed(index_text(3), 4).error().message, HasSubstr("old"));
  EXPECT_TRUE(open_signed(index_text(3), 3));
  EXPECT_THAT(open_signed(index_text(3), 0, kSomeTime + std::chrono::hours(24 * 400)).error().message,
              HasSubstr("run out"));
}

TEST(PluginIndex, PathsStayInThePlugIn) {
  for (const char* path : {"/etc/passwd", "../x", "a/../x", "a//b", ".x", "a/", "", "a b"})
    EXPECT_FALSE(parse_plugin_index(index_text(1, path))) << path;
  EXPECT_TRUE(parse_plugin_index(index_text(1, "bin/pot.sh")));
}

TEST(PluginIndex, VersionsAreComparedByTheirNumbers) {
  EXPECT_LT(compare_versions("1.9", "1.10"), 0);
  EXPECT_EQ(compare_versions("1.09", "1.9"), 0);
  EXPECT_GT(compare_versions("2", "1.99.99"), 0);
  EXPECT_LT(compare_versions("1.0", "1.0.1"), 0);
  EXPECT_LT(compare_versions("1.0a", "1.0b"), 0);
}

/// A directory of plug-ins with its signed index, as `sentinella index` leaves it.
class IndexDirectory : public ::testing::Test {
 protected:
  void SetUp() override {
    add("1.9");
    add("1.10");
    sign(1);
  }
  void add(const std::string& version) {
    const auto place = index / "tea" / version;
    std::filesystem::create_directories(place);
    append_to(
        place / "plugin.json",
        fmt::format(R"({{"name":"tea","version":"{}","functions":{{"pot":{{"command":["./pot.sh"]}}}}}})",
                    version));
    append_to(place / "pot.sh", "#!/bin/sh\n");
    std::filesystem::permissions(place / "pot.sh", std::filesystem::perms(0755));
  }
  void sign(std::uint64_t serial) {
    auto made = index_directory(index);
    ASSERT_TRUE(made) << describe(made.error());
    made->serial = serial;
    made->expires = kSomeTime + std::chrono::hours(1);
    const std::string text = to_json(*made);
    ASSERT_TRUE(write_file_atomic(index / "index.json", text));
    ASSERT_TRUE(write_file_atomic(index / "index.json.sig", to_base64(*ed25519_sign(test_key(), text))));
  }
  IndexSource source() {
    return IndexSource({index.string(), to_base64(*ed25519_public_key(test_key())), ""},
                       directory / "plugins");
  }
  TemporaryDirectory directory;
  std::filesystem::path index = directory / "index";
};

TEST_F(IndexDirectory, GivesTheFilesThatWereSigned) {
  auto from = source();
  const auto opened = from.open(kSomeTime);
  ASSERT_TRUE(opened) << describe(opened.error());
  const IndexedPlugin* newest = opened->find("tea");
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->version, "1.10");
  EXPECT_EQ(opened->find("tea", "1.9")->version, "1.9");
  EXPECT_FALSE(opened->find("coffee"));
  ASSERT_TRUE(from.download(*newest, directory / "fetched"));
  EXPECT_EQ(content_of(directory / "fetched/pot.sh"), "#!/bin/sh\n");
  EXPECT_NE(std::filesystem::status(directory / "fetched/pot.sh").permissions() &
                std::filesystem::perms::owner_exec,
            std::filesystem::perms::none);
}

TEST_F(IndexDirectory, AFileThatWasChangedAfterwardsLeavesNothingBehind) {
  append_to(index / "tea/1.10/pot.sh", "rm -rf /\n");
  auto from = source();
  const auto opened = from.open(kSomeTime);
  ASSERT_TRUE(opened);
  EXPECT_EQ(from.download(*opened->find("tea"), directory / "fetched").error().code, Errc::kForbidden);
  EXPECT_FALSE(std::filesystem::exists(directory / "fetched"));
}

TEST_F(IndexDirectory, AnIndexThatWasSeenIsNotFollowedByAnOlderOne) {
  sign(7);
  ASSERT_TRUE(source().open(kSomeTime));
  sign(6);
  EXPECT_EQ(source().open(kSomeTime).error().code, Errc::kForbidden);
}

TEST_F(IndexDirectory, WhatLiesInTheWrongPlaceIsNotIndexed) {
  std::filesystem::rename(index / "tea/1.9", index / "tea/1.8");
  EXPECT_THAT(index_directory(index).error().message, HasSubstr("tea/1.9"));
}

}  // namespace
}  // namespace sentinella::agent
