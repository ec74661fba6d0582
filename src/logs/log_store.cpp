#include "logs/log_store.h"

#include "logs/log_groups.h"

namespace sentinella::logs {

Result<void> LogStore::visit(AccountId account, const LogQuery& query,
                             const std::function<bool(const RecordView&)>& visit) const {
  LogQuery page = query;
  page.limit = 1000;
  page.cursor.clear();
  do {
    SENT_TRY_ASSIGN(const LogPage found, search(account, page));
    for (const StoredRecord& record : found.records)
      if (!visit(view_of(record.id, record.record))) return {};
    page.cursor = found.next_cursor;
  } while (!page.cursor.empty());
  return {};
}

Result<std::vector<LogGroup>> LogStore::aggregate(AccountId account, const LogQuery& query,
                                                  const Aggregation& aggregation) const {
  GroupCounter counter(aggregation);
  SENT_TRY(visit(account, query, [&](const RecordView& record) { return counter.add(record); }));
  return counter.take();
}

}  // namespace sentinella::logs
