#include <atomic>
#include <thread>

#include <sys/stat.h>

#include "catalog/catalog_fixture.h"
#include "catalog/schema.h"

namespace sentinella::catalog {
namespace {

using DatabaseTest = CatalogTest;

std::string setting(Database& database, const std::string& name) {
  std::string value;
  EXPECT_TRUE(database.read([&](Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto found, get_setting(tx, name));
    value = found.value_or("(none)");
    return {};
  }));
  return value;
}

TEST_F(DatabaseTest, WhatWasCommittedIsThereAfterReopening) {
  change([](Transaction& tx) { ASSERT_TRUE(set_setting(tx, "colour", "blue")); });
  open();
  EXPECT_EQ(setting(*database, "colour"), "blue");
}

TEST_F(DatabaseTest, AnErrorTakesBackEverythingTheTransactionDid) {
  const auto done = database->write([](Transaction& tx) -> Result<void> {
    SENT_TRY(set_setting(tx, "colour", "red"));
    return fail(Errc::kInvalid, "changed my mind");
  });
  EXPECT_EQ(done.error().message, "changed my mind");
  EXPECT_EQ(setting(*database, "colour"), "(none)");
}

TEST_F(DatabaseTest, AnExceptionTakesBackEverythingAndBecomesAnError) {
  const auto done = database->write([](Transaction& tx) -> Result<void> {
    SENT_TRY(set_setting(tx, "colour", "red"));
    throw std::runtime_error("out of paint");
  });
  EXPECT_EQ(done.error().code, Errc::kInternal);
  EXPECT_THAT(done.error().message, testing::HasSubstr("out of paint"));
  EXPECT_EQ(setting(*database, "colour"), "(none)");
  change([](Transaction& tx) { ASSERT_TRUE(set_setting(tx, "colour", "green")); });
}

TEST_F(DatabaseTest, AReaderSeesOneStateForAsLongAsItReads) {
  change([](Transaction& tx) { ASSERT_TRUE(set_setting(tx, "colour", "blue")); });
  const auto done = database->read([&](Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(const auto before, get_setting(tx, "colour"));
    change([](Transaction& writer) { ASSERT_TRUE(set_setting(writer, "colour", "red")); });
    SENT_TRY_ASSIGN(const auto after, get_setting(tx, "colour"));
    EXPECT_EQ(before, after);
    return {};
  });
  EXPECT_TRUE(done);
  EXPECT_EQ(setting(*database, "colour"), "red");
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  EXPECT_FALSE(database->read([](Transaction& tx) { return set_setting(tx, "colour", "red"); }));
  EXPECT_EQ(setting(*database, "colour"), "(none)");
}

TEST_F(DatabaseTest, TheSameStatementMayRunInsideItself) {
  std::vector<std::string> pairs;
  change([&](Transaction& tx) {
    constexpr std::string_view kNames = "SELECT name FROM account ORDER BY name";
    ASSERT_TRUE(tx.query(kNames, {}, [&](const Row& outer) {
      ASSERT_TRUE(
          tx.query(kNames, {}, [&](const Row& inner) { pairs.push_back(outer.text(0) + inner.text(0)); }));
    }));
  });
  EXPECT_THAT(pairs, testing::ElementsAre("oursours", "ourstheirs", "theirsours", "theirstheirs"));
}

TEST_F(DatabaseTest, MoreStatementsThanTheCacheHoldsStillRun) {
  change([](Transaction& tx) {
    for (int i = 0; i < 600; ++i) {
      std::int64_t seen = -1;
      ASSERT_TRUE(tx.query(fmt::format("SELECT {}", i), {}, [&](const Row& row) { seen = row.integer(0); }));
      ASSERT_EQ(seen, i);
    }
  });
}

TEST_F(DatabaseTest, ValuesComeBackBitForBit) {
  using namespace std::string_literals;
  const std::string text = "zero \0 byte, \xff and 'quotes'"s;
  change([&](Transaction& tx) {
    ASSERT_TRUE(
        tx.query("SELECT ?, ?, ?, ?", {std::int64_t{-5}, 0.1, text, std::monostate{}}, [&](const Row& row) {
          EXPECT_EQ(row.integer(0), -5);
          EXPECT_EQ(row.real(1), 0.1);
          EXPECT_EQ(row.text(2), text);
          EXPECT_TRUE(row.is_null(3));
          EXPECT_FALSE(row.is_null(2));
        }));
  });
}

TEST_F(DatabaseTest, AWrongNumberOfParametersIsAnErrorAndNamesNoValue) {
  const auto done = database->write([](Transaction& tx) -> Result<void> {
    SENT_TRY(tx.execute("INSERT INTO setting (name, value) VALUES (?, ?)", {std::string("swordfish")}));
    return {};
  });
  EXPECT_EQ(done.error().code, Errc::kInternal);
  EXPECT_THAT(done.error().message, testing::Not(testing::HasSubstr("swordfish")));
}

TEST_F(DatabaseTest, WritersAndReadersOfManyThreadsAllGetTheirTurn) {
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto wrote = database->write(
            [&](Transaction& tx) { return set_setting(tx, fmt::format("{}/{}", t, i), "set"); });
        const auto read = database->read([&](Transaction& tx) -> Result<void> {
          SENT_TRY_ASSIGN(const auto value, get_setting(tx, fmt::format("{}/{}", t, i)));
          if (value != "set") ++failures;
          return {};
        });
        if (!wrote || !read) ++failures;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(DatabaseTest, AFullDiskIsSaidAndNothingOfTheTransactionStays) {
  const auto limit_pages = [](int pages) {
    return [=](Transaction& tx) {
      ASSERT_TRUE(tx.query(fmt::format("PRAGMA max_page_count = {}", pages), {}, nullptr));
    };
  };
  change(limit_pages(120));
  const auto done = database->write([&](Transaction& tx) -> Result<void> {
    for (int i = 0; i < 1000; ++i) SENT_TRY(set_setting(tx, fmt::format("{}", i), std::string(4000, 'x')));
    return {};
  });
  EXPECT_EQ(done.error().code, Errc::kNoSpace);
  EXPECT_EQ(setting(*database, "0"), "(none)");
  change(limit_pages(100'000));
  change([](Transaction& tx) { ASSERT_TRUE(set_setting(tx, "colour", "green")); });
}

TEST_F(DatabaseTest, NothingIsCommittedAfterTheDatabaseGaveUpByItself) {
  const auto done = database->write([](Transaction& tx) -> Result<void> {
    SENT_TRY(set_setting(tx, "before", "set"));
    // As a failing disk does: the statement fails and takes the transaction with it.
    EXPECT_FALSE(tx.execute("INSERT OR ROLLBACK INTO account (id, name, created) VALUES (9, 'ours', 0)"));
    EXPECT_FALSE(set_setting(tx, "after", "set"));
    return {};
  });
  EXPECT_EQ(done.error().code, Errc::kConflict);
  EXPECT_EQ(setting(*database, "before"), "(none)");
  EXPECT_EQ(setting(*database, "after"), "(none)");
}

TEST_F(DatabaseTest, NobodyElseMayReadTheFile) {
  struct stat status{};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRefused) {
  database.reset();
  const auto other = directory / "notes.txt";
  std::FILE* notes = std::fopen(other.c_str(), "w");
  for (int i = 0; i < 1000; ++i) std::fputs("these are notes, not tables\n", notes);
  std::fclose(notes);
  const auto opened = open_sqlite(other);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::kCorrupt);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("notes.txt"));
}

TEST_F(DatabaseTest, AMissingDirectoryIsNamed) {
  const auto opened = open_sqlite(directory / "absent" / "catalog.db");
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, testing::HasSubstr("absent"));
}

constexpr std::string_view kVersionOf = "SELECT MAX(version) FROM schema_version";

std::int64_t version_of(Database& database) {
  std::int64_t version = -1;
  EXPECT_TRUE(database.read([&](Transaction& tx) {
    return tx.query(kVersionOf, {}, [&](const Row& row) { version = row.integer(0); });
  }));
  return version;
}

TEST_F(DatabaseTest, MigrationsAreNumberedWithoutGaps) {
  std::int64_t expected = 0;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, ++expected);
  EXPECT_EQ(version_of(*database), expected);
}

TEST_F(DatabaseTest, ACurrentFileIsOpenedAsItIs) {
  const std::int64_t version = version_of(*database);
  open();
  EXPECT_EQ(version_of(*database), version);
  EXPECT_EQ(run([](Transaction& tx) { return list_accounts(tx); }).value().size(), 2u);
}

TEST_F(DatabaseTest, AFileOfANewerProgramIsRefusedWithASentenceAndLeftAlone) {
  change(
      [](Transaction& tx) { ASSERT_TRUE(tx.execute("INSERT INTO schema_version (version) VALUES (99)")); });
  database.reset();
  const auto opened = open_sqlite(file());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::kUnsupported);
  EXPECT_THAT(opened.error().message,
              testing::AllOf(testing::HasSubstr("catalog.db"), testing::HasSubstr("99")));
}

TEST_F(DatabaseTest, ACopyHasWhatWasCommittedAndIsNobodyElses) {
  const auto copy = file().parent_path() / "copy.db";
  ASSERT_TRUE(database->copy_to(copy));
  change([](Transaction& tx) { EXPECT_TRUE(create_account(tx, "later", at(2))); });
  EXPECT_EQ(std::filesystem::status(copy).permissions(), std::filesystem::perms(0600));
  EXPECT_FALSE(database->copy_to(copy)) << "an existing file was overwritten";
  const auto opened = open_sqlite(copy);
  ASSERT_TRUE(opened) << opened.error().message;
  std::vector<Account> accounts;
  ASSERT_TRUE((*opened)->read([&](Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(accounts, list_accounts(tx));
    return {};
  }));
  EXPECT_EQ(accounts.size(), 2u);
}

TEST_F(DatabaseTest, AnOlderFileGetsOnlyTheMigrationsItLacksAndEachOnce) {
  const std::int64_t current = version_of(*database);
  static constexpr std::array<std::string_view, 1> kNext{"CREATE TABLE extra (id BIGINT)"};
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  steps.push_back({current + 1, kNext});
  for (int round = 0; round < 2; ++round) change([&](Transaction& tx) { ASSERT_TRUE(migrate(tx, steps)); });
  EXPECT_EQ(version_of(*database), current + 1);
  change([](Transaction& tx) { EXPECT_TRUE(tx.execute("INSERT INTO extra (id) VALUES (1)")); });
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesTheOldVersion) {
  const std::int64_t current = version_of(*database);
  static constexpr std::array<std::string_view, 2> kBroken{"CREATE TABLE extra (id BIGINT)",
                                                           "CREATE NONSENSE"};
  const std::vector<Migration> steps{{current + 1, kBroken}};
  EXPECT_FALSE(database->write([&](Transaction& tx) { return migrate(tx, steps); }));
  EXPECT_EQ(version_of(*database), current);
  EXPECT_FALSE(database->write([](Transaction& tx) -> Result<void> {
    SENT_TRY(tx.execute("INSERT INTO extra (id) VALUES (1)"));
    return {};
  }));
}

}  // namespace
}  // namespace sentinella::catalog
