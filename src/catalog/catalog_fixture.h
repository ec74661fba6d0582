// A catalogue in a temporary directory with two accounts, for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ids.h"
#include "base/temporary_directory.h"
#include "catalog/accounts.h"

namespace sentinella::catalog {

class CatalogTest : public testing::Test {
 protected:
  CatalogTest() {
    open();
    change([&](Transaction& tx) {
      ours = create_account(tx, "ours", at(1)).value().id;
      theirs = create_account(tx, "theirs", at(1)).value().id;
    });
  }
  static Time at(std::int64_t seconds) { return {seconds * 1'000'000'000}; }
  std::filesystem::path file() const { return directory / "catalog.db"; }
  void open() {
    database.reset();
    auto opened = open_sqlite(file());
    ASSERT_TRUE(opened) << opened.error().message;
    database = std::move(*opened);
  }

  /// Commits what `work` did.
  void change(const std::function<void(Transaction&)>& work) {
    const auto done = database->write([&](Transaction& tx) -> Result<void> {
      work(tx);
      return {};
    });
    ASSERT_TRUE(done) << done.error().message;
  }
  /// What one call in a transaction of its own gives.
  template <typename Call>
  auto run(Call call) {
    std::optional<decltype(call(std::declval<Transaction&>()))> answer;
    const auto done = database->write([&](Transaction& tx) -> Result<void> {
      answer = call(tx);
      SENT_TRY(*answer);
      return {};
    });
    if (!done && *answer) ADD_FAILURE() << "commit failed: " << done.error().message;
    return *std::move(answer);
  }
  template <typename Call>
  Errc error_of(Call call) {
    auto answer = run(call);
    if (answer) ADD_FAILURE() << "it succeeded";
    return answer ? Errc::kInternal : answer.error().code;
  }

  const TemporaryDirectory directory;
  std::unique_ptr<Database> database;
  AccountId ours{}, theirs{};
};

}  // namespace sentinella::catalog
