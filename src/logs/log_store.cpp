#include "logs/log_store.h"

#include "codec/log_columns.h"

namespace sentinella::logs {

Result<void> LogStore::append(AccountId account, std::span<const LogRecord> batch,
                              std::uint64_t journal_offset) {
  std::vector<RecordView> views;
  views.reserve(batch.size());
  for (std::uint32_t i = 0; i < batch.size(); ++i) views.push_back(view_of({journal_offset, i}, batch[i]));
  return append(account, std::span<const RecordView>(views), journal_offset);
}

Result<void> LogStore::append(AccountId account, const codec::LogColumns& columns,
                              std::uint64_t journal_offset) {
  std::vector<RecordView> views;
  views.reserve(columns.size());
  for (std::uint32_t i = 0; i < columns.size(); ++i)
    views.push_back(view_of({journal_offset, i}, columns, i));
  return append(account, std::span<const RecordView>(views), journal_offset);
}

}  // namespace sentinella::logs
