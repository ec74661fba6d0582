// Reading one thing from the catalogue, as a Result.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "catalog/accounts.h"
#include "catalog/database.h"

namespace sentinella::api::native {

/// `work` takes a Transaction& and returns Result<T>; runs in a read-only view.
template <typename Work>
std::invoke_result_t<Work, catalog::Transaction&> read_catalog(const catalog::Database& database,
                                                               Work&& work) {
  using Answer = std::invoke_result_t<Work, catalog::Transaction&>;
  std::optional<Answer> answer;
  const auto done = database.read([&](catalog::Transaction& tx) -> Result<void> {
    answer = work(tx);
    if (!*answer) return std::unexpected(answer->error());
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return *std::move(answer);
}

/// kNotFound when the account is gone.
inline Result<std::string> account_name(const catalog::Database& database, AccountId id) {
  SENT_TRY_ASSIGN(const auto accounts, read_catalog(database, catalog::list_accounts));
  for (const auto& account : accounts)
    if (account.id == id) return account.name;
  return fail(Errc::kNotFound, "the account is gone");
}

}  // namespace sentinella::api::native
