#include "logs/log_groups.h"

#include <algorithm>

namespace sentinella::logs {

std::string group_value(QueryField field, const RecordView& record) {
  switch (field) {
    case QueryField::host:
      return std::string(record.host);
    case QueryField::service:
      return std::string(record.service);
    case QueryField::source:
      return std::string(record.source);
    case QueryField::component:
      return std::string(record.component);
    case QueryField::severity:
      return std::string(sentinella::to_string(record.severity));
    case QueryField::pid:
      return number_text(record.pid);
    case QueryField::request_id:
      return std::string(record.request_id);
    case QueryField::user:
      return std::string(record.user_id);
    case QueryField::project:
      return std::string(record.project_id);
    case QueryField::instance:
      return std::string(record.instance);
    case QueryField::template_id:
      return to_text(record.template_id);
    case QueryField::message:
      return std::string(record.message);
    case QueryField::domain:
      return std::string(record.domain_id);
    case QueryField::client:
      return std::string(record.http.client);
    case QueryField::method:
      return std::string(record.http.method);
    case QueryField::path:
      return std::string(record.http.path);
    case QueryField::status:
      return number_text(record.http.status);
  }
  return {};
}

Time GroupCounter::bucket_of(Time time) const {
  const std::int64_t step = aggregation_.step.count();
  if (step <= 0) return Time{0};
  const std::int64_t past = time.ns % step;
  return Time{time.ns - (past < 0 ? past + step : past)};
}

bool GroupCounter::add(const RecordView& record) {
  const std::string value = aggregation_.by ? group_value(*aggregation_.by, record) : std::string();
  return add(value, record.time, record.time, 1, record.id);
}

bool GroupCounter::add(std::string_view value, Time first, Time last, std::uint64_t count, RecordId example) {
  const Time bucket = bucket_of(first);
  const std::pair key(std::string(value), bucket.ns);
  auto at = groups_.find(key);
  if (at == groups_.end()) {
    if (groups_.size() >= kMaxGroups) return !(full_ = true);
    at = groups_.try_emplace(key).first;
    at->second = {std::string(value), bucket, 0, first, last, example};
  }
  LogGroup& group = at->second;
  group.count += count;
  if (std::pair(first, example) < std::pair(group.first, group.example)) group.example = example;
  group.first = std::min(group.first, first);
  group.last = std::max(group.last, last);
  return true;
}

Result<std::vector<LogGroup>> GroupCounter::take() {
  if (full_)
    return fail(Errc::kTooLarge,
                "the answer would have more than {} groups: ask for fewer records or a wider step",
                kMaxGroups);
  std::vector<LogGroup> groups;
  for (auto& [key, group] : groups_) groups.push_back(std::move(group));
  return groups;
}

}  // namespace sentinella::logs
