#include "api/native/alert_story.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "api/native/service_map.h"
#include "codec/log_uuid.h"
#include "logs/surroundings.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kBeforeFailure = std::chrono::minutes(5);
constexpr Duration kAfterAlert = std::chrono::minutes(2);
/// A line that lists more ids than these is about none of them.
constexpr std::size_t kMostIds = 8;
constexpr std::string_view kKernel = "kernel";

std::string request_of(const Alert& alert) {
  for (const auto& line : alert.evidence)
    if (!line.request_id.empty()) return line.request_id;
  return {};
}

std::vector<std::string> uuids_of(const Alert& alert) {
  std::vector<Uuid> found;
  for (const auto& line : alert.evidence) codec::scan_uuids(line.text, found);
  codec::scan_uuids(alert.resource, found);
  codec::scan_uuids(alert.text, found);
  std::vector<std::string> ids;
  for (const Uuid& uuid : found)
    if (const auto id = to_text(uuid); ids.size() < kMostIds && std::ranges::find(ids, id) == ids.end())
      ids.push_back(id);
  return ids;
}

/// The first of the alert's lines that is not merely the last thing said long before.
Time first_failure(const Alert& alert) {
  Time first = alert.create_time;
  for (const auto& line : alert.evidence)
    if (line.time >= alert.create_time - kBeforeFailure) first = std::min(first, line.time);
  return first;
}

logs::Surroundings surroundings_of(const Alert& alert, TimeRange range) {
  logs::Surroundings around;
  around.centre = first_failure(alert);
  around.range = {std::max(range.from, around.centre - kBeforeFailure),
                  std::min(range.until, std::max(alert.create_time, around.centre) + kAfterAlert)};
  if (alert.service.empty()) {
    around.places.push_back({.host = alert.host, .least = Severity::warning, .why = "runs on it"});
    return around;
  }
  around.places.push_back(
      {.service = alert.service, .host = alert.host, .least = Severity::info, .why = "its service"});
  for (const Need& need : needs_of(alert.service))
    around.places.push_back({.service = std::string(need.service) + "*",
                             .host = need.same_host ? alert.host : "",
                             .least = Severity::warning,
                             .why = std::string(need.why)});
  if (!alert.host.empty())
    around.places.push_back({.service = std::string(kKernel),
                             .host = alert.host,
                             .least = Severity::warning,
                             .why = "the kernel of its host"});
  return around;
}

/// Whether there is more to read than the lines that the alert shows itself.
bool tells_more(const logs::Backtrace& story, const Alert& alert) {
  std::set<RecordId> shown;
  for (const auto& line : alert.evidence) shown.insert(line.id);
  return std::ranges::any_of(story.steps, [&](const auto& step) { return !shown.contains(step.stored.id); });
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<AlertStory> story_around(const logs::LogStore& store, const Alert& alert, TimeRange range,
                                std::size_t limit) {
  const auto around = surroundings_of(alert, range);
  SENT_TRY_ASSIGN(auto story, logs::surroundings(store, alert.account, around, limit));
  const auto& [subject, service_needs] = alert.service.empty()
                                             ? std::pair("all services", "")
                                             : std::pair(alert.service.c_str(), " and what it needs");
  return AlertStory{
      std::move(story),
      {.by = "around",
       .why = fmt::format("no id in the alert tells more: what {}{}{}{} said around the first failure",
                          subject, alert.host.empty() ? "" : " on ", alert.host, service_needs),
       .failed = around.centre}};
}

}  // namespace

Result<AlertStory> story_of_alert(const logs::LogStore& store, const Alert& alert, TimeRange range,
                                  std::size_t limit) {
  std::vector<std::pair<logs::BacktraceStart, StoryStart>> starts;
  if (const auto request = request_of(alert); !request.empty())
    starts.push_back(
        {{.request_id = request},
         {.by = "request", .why = fmt::format("the alert's lines name {}", request), .failed = {}}});
  if (const auto ids = uuids_of(alert); !ids.empty())
    starts.push_back(
        {{.uuids = ids},
         {.by = "id",
          .why = fmt::format("the alert names no request that tells more, but speaks of {}", joined(ids)),
          .failed = {}}});
  const bool somewhere = !alert.host.empty() || !alert.service.empty();
  if (starts.empty() && !somewhere)
    return fail_field(Errc::kInvalid, "id", "this alert names no request, no id, no host and no service");
  std::optional<AlertStory> told;
  for (auto& [from, start] : starts) {
    SENT_TRY_ASSIGN(auto story, logs::backtrace(store, alert.account, from, range, limit));
    told = {std::move(story), std::move(start)};
    if (tells_more(told->story, alert)) return *std::move(told);
  }
  if (somewhere) return story_around(store, alert, range, limit);
  return *std::move(told);
}

}  // namespace sentinella::api::native
