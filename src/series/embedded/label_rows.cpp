#include "series/embedded/label_rows.h"

#include <algorithm>

namespace sentinella::series {
namespace {

using Visitor = std::function<Result<void>(std::string_view key, const std::vector<SeriesDefinition>&)>;

Result<void> scan_rows(const kv::Database& db, AccountId account, const Visitor& visit) {
  const std::string prefix = row_key(account, 'l').take();
  Result<void> outcome;
  SENT_TRY(db.scan(prefix, kv::after_prefix(prefix), [&](std::string_view key, std::string_view row) {
    const auto definitions = decode_labels_row(row);
    outcome = definitions ? visit(key, *definitions) : std::unexpected(definitions.error());
    return outcome.has_value();
  }));
  return outcome;
}

void put_rows(kv::WriteBatch& batch, AccountId account, std::vector<SeriesDefinition>& definitions) {
  std::ranges::sort(definitions, {}, &SeriesDefinition::id);
  for (std::size_t from = 0; from < definitions.size(); from += kDefinitionsPerRow) {
    const auto first = definitions.begin() + static_cast<std::ptrdiff_t>(from);
    const auto count = std::min(kDefinitionsPerRow, definitions.size() - from);
    const std::vector<SeriesDefinition> row(first, first + static_cast<std::ptrdiff_t>(count));
    batch.put(labels_key(account, row.front().id), encode_labels_row(row));
  }
}

}  // namespace

Result<void> load_definitions(
    const kv::Database& db,
    const std::function<Result<void>(AccountId, const std::vector<SeriesDefinition>&)>& take) {
  SENT_TRY_ASSIGN(const auto accounts, db.leading_numbers());
  for (const std::uint32_t number : accounts) {
    const AccountId account{number};
    SENT_TRY(scan_rows(db, account, [&](std::string_view, const std::vector<SeriesDefinition>& definitions) {
      return take(account, definitions);
    }));
  }
  return {};
}

Result<void> save_definitions(kv::Database& db, Definitions definitions) {
  kv::WriteBatch batch;
  for (auto& [account, of_account] : definitions) put_rows(batch, account, of_account);
  return db.write(std::move(batch), kv::Sync::no);
}

Result<void> erase_definitions(kv::Database& db, AccountId account,
                               const std::unordered_set<SeriesId>& gone) {
  kv::WriteBatch batch;
  SENT_TRY(
      scan_rows(db, account,
                [&](std::string_view key, const std::vector<SeriesDefinition>& definitions) -> Result<void> {
                  std::vector<SeriesDefinition> left = definitions;
                  std::erase_if(left, [&](const SeriesDefinition& one) { return gone.contains(one.id); });
                  if (left.size() == definitions.size()) return {};
                  batch.erase(key);
                  put_rows(batch, account, left);
                  return {};
                }));
  return db.write(std::move(batch), kv::Sync::no);
}

}  // namespace sentinella::series
