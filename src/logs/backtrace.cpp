#include "logs/backtrace.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "logs/block/id_text.h"

namespace sentinella::logs {
namespace {

/// A story that branches further is somebody's batch job.
constexpr std::size_t kMaxIds = 64;
constexpr int kHops = 3;  // local -> global -> its other locals, then what the last of them adds
constexpr std::size_t kMaxFrame = 300;

using Names = std::set<std::string>;

/// Gathers records of the story, and the ids by which more of it is found.
class Gatherer {
 public:
  Gatherer(const LogStore& store, AccountId account, TimeRange range, std::size_t limit)
      : store_(store), account_(account), range_(range), limit_(limit) {}

  void want_request(const std::string& id) { want(requests_, new_requests_, id); }
  void want_instance(const std::string& id) { want(instances_, new_instances_, id); }

  Result<void> run() {
    // Instances that the requests name are followed once; what those lead to is another story.
    for (int hop = 0; hop < kHops && !(new_requests_.empty() && new_instances_.empty()); ++hop)
      SENT_TRY(step(hop));
    return {};
  }

  Backtrace take() && {
    Backtrace story;
    story.request_ids.assign(requests_.begin(), requests_.end());
    story.instances.assign(instances_.begin(), instances_.end());
    story.truncated = truncated_;
    for (auto& [position, stored] : found_) {
      if (story.steps.size() == limit_) {
        story.truncated = true;
        break;
      }
      story.steps.push_back({.stored = std::move(stored)});
    }
    return story;
  }

 private:
  static void want(Names& known, Names& fresh, const std::string& id) {
    if (!id.empty() && known.size() < kMaxIds && known.insert(id).second) fresh.insert(id);
  }

  Result<void> step(int hop) {
    Expression expression;
    std::vector<std::uint32_t> any;
    for (const std::string& id : std::exchange(new_requests_, {}))
      any.push_back(
          expression.add({.kind = Condition::Kind::equal, .field = QueryField::request_id, .value = id}));
    for (const std::string& id : std::exchange(new_instances_, {}))
      // Others speak of an instance without being told so in brackets.
      any.push_back(expression.add({.value = to_lower(id)}));
    expression.add(Expression::Node::Kind::any, std::move(any));
    LogQuery query;
    query.range = range_;
    query.newest_first = false;
    query.limit = limit_;
    query.expression = std::make_shared<const Expression>(std::move(expression));
    SENT_TRY_ASSIGN(LogPage page, store_.search(account_, query));
    truncated_ = truncated_ || !page.next_cursor.empty();
    for (StoredRecord& stored : page.records) {
      const LogRecord& record = stored.record;
      want_request(record.request_id);
      want_request(record.global_request_id);
      if (hop == 0 && !record.instance.empty()) want_instance(record.instance);
      found_.try_emplace({record.time, stored.id}, std::move(stored));
    }
    return {};
  }

  const LogStore& store_;
  AccountId account_;
  TimeRange range_;
  std::size_t limit_;
  Names requests_, instances_, new_requests_, new_instances_;
  std::map<std::pair<Time, RecordId>, StoredRecord> found_;
  bool truncated_ = false;
};

}  // namespace

void Backtrace::lay_out() {
  std::map<std::pair<std::string, std::string>, std::size_t> known;
  bool seen_error = false;
  const BacktraceStep* before = nullptr;
  for (BacktraceStep& step : steps) {
    const LogRecord& record = step.stored.record;
    const auto [at, added] = known.try_emplace({record.service, record.host}, lanes.size());
    if (added) lanes.push_back({record.service, record.host, record.time, record.time, 0, record.severity});
    step.lane = at->second;
    Lane& lane = lanes[step.lane];
    lane.last = record.time;
    lane.worst = std::max(lane.worst, record.severity);
    ++lane.steps;
    if (before != nullptr) step.gap = record.time - before->stored.record.time;
    step.first_error = !seen_error && record.severity >= Severity::error;
    seen_error = seen_error || step.first_error;
    step.last_frame = last_frame(record.traceback);
    before = &step;
  }
}

std::string last_frame(std::string_view traceback) {
  std::string frame, exception;
  for (const std::string_view line : split(traceback, '\n')) {
    const std::string_view text = trim(line);
    if (text.starts_with("File \"")) {
      const std::size_t quote = text.find('"', 6);
      const std::string_view path = text.substr(6, quote == text.npos ? text.npos : quote - 6);
      const std::string_view file = path.substr(path.rfind('/') + 1);
      const std::size_t number = text.find(", line "), name = text.find(", in ");
      frame = file;
      if (number != text.npos && number + 7 <= text.size())
        (frame += ':') += text.substr(number + 7, name == text.npos ? text.npos : name - number - 7);
      if (name != text.npos) (frame += " in ") += text.substr(name + 5);
    } else if (!line.empty() && line.front() != ' ' && !text.empty() && !text.starts_with("Traceback (") &&
               !text.starts_with("During handling") && !text.starts_with("The above exception")) {
      exception = text;
    }
  }
  if (!frame.empty() && !exception.empty()) frame += ": ";
  frame += exception;
  if (frame.size() > kMaxFrame) frame.resize(kMaxFrame);
  return frame;
}

Result<Backtrace> backtrace(const LogStore& store, AccountId account, const BacktraceStart& start,
                            TimeRange range, std::size_t limit) {
  if (limit == 0 || limit > kMaxBacktrace)
    return fail_field(Errc::kInvalid, "limit", "is {}, must be 1 to {}", limit, kMaxBacktrace);
  Gatherer gatherer(store, account, range, limit);
  gatherer.want_request(start.request_id);
  for (const std::string& uuid : start.uuids) gatherer.want_instance(uuid);
  if (start.record) {
    SENT_TRY_ASSIGN(const LogRecord record, store.get(account, *start.record));
    gatherer.want_request(record.request_id);
    gatherer.want_request(record.global_request_id);
    gatherer.want_instance(record.instance);
    if (record.request_id.empty() && record.global_request_id.empty() && record.instance.empty())
      return fail_field(Errc::kInvalid, "record", "names neither a request nor an instance");
  } else if (start.request_id.empty() && start.uuids.empty()) {
    return fail_field(Errc::kInvalid, "request_id", "give a request id, a UUID or a record to start from");
  }
  SENT_TRY(gatherer.run());
  Backtrace story = std::move(gatherer).take();
  story.lay_out();
  return story;
}

}  // namespace sentinella::logs
