#include "logs/embedded/log_page.h"

#include <algorithm>
#include <iterator>

namespace sentinella::logs {
namespace {

std::size_t size_of(const LogRecord& record) {
  return record.raw.size() + record.message.size() + record.traceback.size() + 256;
}

}  // namespace

bool PageBuilder::wants(const Position& position) const {
  return (!after_ || before(*after_, position)) && (!dropped_ || before(position, *dropped_));
}

void PageBuilder::add(const RecordView& view) {
  const auto [at, added] = kept_.try_emplace({view.time, view.id}, to_record(view));
  if (!added) return;
  bytes_ += size_of(at->second);
  while (kept_.size() > limit_ || (bytes_ > kMaxPageBytes && kept_.size() > 1)) drop_last();
}

void PageBuilder::drop_last() {
  const auto at = last();
  bytes_ -= size_of(at->second);
  dropped_ = at->first;
  kept_.erase(at);
}

TimeRange PageBuilder::within(TimeRange range) const {
  if (dropped_ && newest_first_) range.from = std::max(range.from, dropped_->time);
  if (dropped_ && !newest_first_ && dropped_->time < range.until) range.until = dropped_->time + Duration(1);
  return range;
}

bool PageBuilder::is_beyond(Time instant) const {
  if (!dropped_) return false;
  return newest_first_ ? instant < dropped_->time : instant > dropped_->time;
}

LogPage PageBuilder::take() {
  LogPage page;
  if (dropped_) page.next_cursor = to_cursor(last()->first);
  for (auto& [position, record] : kept_) page.records.push_back({position.id, std::move(record)});
  if (newest_first_) std::ranges::reverse(page.records);
  return page;
}

}  // namespace sentinella::logs
