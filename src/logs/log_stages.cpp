#include "logs/log_stages.h"

#include <algorithm>

namespace sentinella::logs {
namespace {

StageRow row_of(LogGroup group) {
  StageRow row;
  row.value = std::move(group.value);
  row.bucket = group.bucket;
  row.count = group.count;
  row.first = group.first;
  row.last = group.last;
  row.example = group.example;
  return row;
}

}  // namespace

Result<StageAnswer> run_stage(const LogStore& store, AccountId account, const LogQuery& query,
                              const Stage& stage) {
  SENT_TRY_ASSIGN(auto counts, store.aggregate(account, query, {.by = stage.by, .step = stage.step}));
  StageAnswer answer;
  answer.unreadable = counts.unreadable;
  auto& rows = answer.rows;
  for (LogGroup& group : counts.groups) rows.push_back(row_of(std::move(group)));
  if (stage.kind == Stage::Kind::rate) {
    for (StageRow& row : rows)
      row.per_second = static_cast<double>(row.count) / std::chrono::duration<double>(stage.step).count();
    return answer;
  }
  std::ranges::stable_sort(rows, std::greater(), &StageRow::count);
  if (stage.limit > 0 && rows.size() > stage.limit) rows.resize(stage.limit);
  return answer;
}

Result<std::vector<StoredRecord>> surrounding(const LogStore& store, AccountId account, RecordId id,
                                              std::size_t before, std::size_t after) {
  SENT_TRY_ASSIGN(LogRecord centre, store.get(account, id));
  LogQuery query;
  query.host = centre.host;
  query.source = centre.source;
  // Records of the same instant lie on both sides: by their ids they are told apart.
  const auto side = [&](bool newest_first, TimeRange range,
                        std::size_t wanted) -> Result<std::vector<StoredRecord>> {
    std::vector<StoredRecord> found;
    query.range = range;
    query.newest_first = newest_first;
    query.limit = std::clamp<std::size_t>(wanted + 1, 1, 1000);
    query.cursor.clear();
    while (found.size() < wanted) {
      SENT_TRY_ASSIGN(LogPage page, store.search(account, query));
      for (StoredRecord& record : page.records) {
        const auto here = std::pair(record.record.time, record.id), centre_at = std::pair(centre.time, id);
        if (found.size() < wanted && (newest_first ? here < centre_at : here > centre_at))
          found.push_back(std::move(record));
      }
      if (page.next_cursor.empty()) break;
      query.cursor = page.next_cursor;
    }
    return found;
  };
  SENT_TRY_ASSIGN(auto around, side(true, {{INT64_MIN}, centre.time + Duration(1)}, before));
  std::ranges::reverse(around);
  around.push_back({id, centre});
  SENT_TRY_ASSIGN(auto later, side(false, {centre.time, {INT64_MAX}}, after));
  std::ranges::move(later, std::back_inserter(around));
  return around;
}

}  // namespace sentinella::logs
