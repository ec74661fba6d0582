#include "agent/collect/postgres_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/collect/postgres.h"
#include "agent/collect/testing.h"

namespace sentinella::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string big(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

PostgresMessage authentication(const std::string& payload) {
  static std::string kept;
  kept = payload;
  return {'R', kept, kept.size() + 5};
}

TEST(PostgresLogin, SpeaksScramAsTheRfcsExampleDoes) {
  // RFC 7677, section 3.
  PostgresLogin login("user", "pencil", "rOprNGfwEbeRWgbNEkqO", false);
  const auto first =
      login.put(authentication(big(10) + std::string("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34)));
  ASSERT_TRUE(first) << describe(first.error());
  EXPECT_THAT(*first, HasSubstr("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
  const auto proof = login.put(authentication(
      big(11) + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
  ASSERT_TRUE(proof) << describe(proof.error());
  EXPECT_THAT(*proof, HasSubstr("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  EXPECT_TRUE(login.put(authentication(big(12) + "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
  EXPECT_FALSE(login.ready());
  EXPECT_TRUE(login.put(authentication(big(0))));
  EXPECT_TRUE(login.put({'Z', "I", 6}));
  EXPECT_TRUE(login.ready());
}

TEST(PostgresLogin, AServerThatDoesNotKnowThePasswordIsNotTrusted) {
  PostgresLogin login("user", "pencil", "rOprNGfwEbeRWgbNEkqO", false);
  const std::string offer = big(10) + std::string("SCRAM-SHA-256\0\0", 15);
  ASSERT_TRUE(login.put(authentication(offer)));
  for (const char* bad : {"r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096",
                          "r=rOprNGfwEbeRWgbNEkqOx,s=W22Z,i=99999999", "r=rOprNGfwEbeRWgbNEkqOx,i=4096", ""})
    EXPECT_FALSE(login.put(authentication(big(11) + bad))) << bad;
  EXPECT_FALSE(login.put(authentication(big(12) + "v="))) << "without a challenge there is nothing to prove";
  ASSERT_TRUE(
      login.put(authentication(big(11) + "r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")));
  EXPECT_FALSE(login.put(authentication(big(12) + "v=AAAA")));
}

TEST(PostgresLogin, ThePasswordGoesInTheClearOverTlsOnly) {
  PostgresLogin plain("u", "secret", "n", false), over_tls("u", "secret", "n", true);
  EXPECT_THAT(plain.put(authentication(big(3))).error().message, HasSubstr("tls"));
  EXPECT_THAT(*over_tls.put(authentication(big(3))), HasSubstr("secret"));
}

TEST(PostgresLogin, Md5IsAnsweredAndARefusalIsToldInTheServersWords) {
  PostgresLogin login("postgres", "password", "n", false);
  // concat('md5', md5(concat(md5(concat(password, username)), salt)))
  EXPECT_THAT(*login.put(authentication(big(5) + "abcd")), HasSubstr("md5"));
  static constexpr char kRefusal[] = "SFATAL\0C28P01\0Mpassword authentication failed for user \"u\"\0";
  const std::string_view refusal(kRefusal, sizeof kRefusal);
  const auto refused = login.put({'E', refusal, refusal.size() + 5});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("password authentication failed for user \"u\""));
}

TEST(PostgresRows, ComeInColumnsWithNullAsNothing) {
  PostgresRows rows;
  const std::string row = std::string("\0\3", 2) + big(2) + "ab" + big(UINT32_MAX) + big(0);
  ASSERT_FALSE(*rows.put({'D', row, row.size() + 5}));
  ASSERT_TRUE(*rows.put({'Z', "I", 6}));
  EXPECT_THAT(rows.take().rows[0], ElementsAre("ab", "", ""));
  for (std::size_t size = 0; size < row.size(); ++size)
    EXPECT_FALSE(rows.put({'D', std::string_view(row).substr(0, size), size + 5})) << size;
}

TEST(PostgresRows, BeyondTheBoundAreCounted) {
  PostgresRows rows;
  const std::string row = std::string("\0\1", 2) + big(1) + "a";
  for (std::size_t i = 0; i < DatabaseRows::kMost + 3; ++i)
    ASSERT_FALSE(*rows.put({'D', row, row.size() + 5}));
  ASSERT_TRUE(*rows.put({'Z', "I", 6}));
  const DatabaseRows result = rows.take();
  EXPECT_EQ(result.rows.size(), DatabaseRows::kMost);
  EXPECT_EQ(result.left_out, 3u);
  EXPECT_FALSE(result.complete());
}

TEST(PostgresMessages, AreTakenWholeAndWhatCannotBeIsRefused) {
  const std::string data = "Z" + big(5) + "I" + "more";
  EXPECT_EQ((*first_postgres_message(data))->payload, "I");
  EXPECT_EQ((*first_postgres_message(data))->size, 6u);
  EXPECT_FALSE(*first_postgres_message("Z" + big(5)));
  EXPECT_FALSE(first_postgres_message("HTTP/1.1 400 Bad Request"));
  EXPECT_FALSE(first_postgres_message("Z" + big(3)));
}

TEST(Postgres, FiguresAreWrittenByTheirExportersNames) {
  Written written;
  write_postgres({{"activity_count", "keystone", "idle", "7"},
                  {"max_connections", "", "", "100"},
                  {"xact_commit", "keystone", "", "123456"},
                  {"replay_lag", "", "", ""},
                  {"standby_lag", "", "ctl2", "0.25"},
                  {"unheard_of", "", "", "1"},
                  {"short"}},
                 "i", written.out);
  EXPECT_EQ(written["pg_up"], 1);
  EXPECT_EQ(written[R"(pg_stat_activity_count{datname="keystone",state="idle"})"], 7);
  EXPECT_EQ(written["pg_settings_max_connections"], 100);
  EXPECT_EQ(written[R"(pg_stat_database_xact_commit{datname="keystone"})"], 123456);
  EXPECT_EQ(written[R"(pg_stat_replication_replay_lag_seconds{application_name="ctl2"})"], 0.25);
  EXPECT_EQ(written.size(), 5u);
}

}  // namespace
}  // namespace sentinella::agent
