#include "agent/watch/stop_announcements.h"

#include <algorithm>

#include "agent/watch/exit_status.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr Duration kRecent = 15s;
constexpr std::size_t kKept = 64;

/// "2026-03-02 10:11:12.345 2712 INFO ...": oslo.log's third word; 0 when the line is of another kind.
std::uint32_t pid_of(std::string_view line) {
  const auto words = split(line.substr(0, 64), ' ');
  if (words.size() < 4 || words[0].size() != 10 || words[0][4] != '-') return 0;
  return static_cast<std::uint32_t>(parse_uint(words[2]).value_or(0));
}

}  // namespace

void StopAnnouncements::record(std::string_view service, std::string_view text, Time now) {
  const std::string_view found = stop_announcement(text);
  if (found.empty()) return;
  if (recent_.size() == kKept) recent_.pop_front();
  recent_.push_back({std::string(service), pid_of(text), std::string(found), now});
}

std::string StopAnnouncements::take(std::string_view service, std::uint32_t pid, Time began, Time now) {
  std::string text;
  for (const Announcement& one : recent_)
    if (one.service == service && (one.pid == pid || one.pid == 0) && one.at >= began &&
        now - one.at <= kRecent)
      text = one.text;
  // Whoever wrote them without a pid has ended now: they must not excuse its successor.
  std::erase_if(recent_, [&](const Announcement& one) { return one.service == service && one.pid == 0; });
  return text;
}

}  // namespace sentinella::agent
