// Does it get better? Week by week: how many alerts each of the people who answer them had, how long until
// somebody took one and until it was over, and how many were worth something.
#include <algorithm>
#include <unordered_map>

#include "api/native/catalog_access.h"
#include "api/native/handlers.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "catalog/accounts.h"
#include "catalog/rule_history.h"

namespace sentinella::api::native {
namespace {

constexpr Duration kWeek = std::chrono::hours(24 * 7);
constexpr std::size_t kMaxWeeks = 52;

struct Week {
  std::size_t episodes = 0, pages = 0, acted = 0;
  std::vector<Duration> until_taken, until_over;
};

/// From an opening to the end or, when that is still to come, to now. Belongs to the week it began in.
struct Episode {
  Time began;
  Week* week = nullptr;
  bool acted = false;
};

void take_entry(Episode& episode, const catalog::RuleHistoryEntry& entry) {
  if (!entry.user.empty() && !episode.acted) {
    episode.acted = true;
    ++episode.week->acted;
    episode.week->until_taken.push_back(entry.time - episode.began);
  }
  if (entry.type != "close" && entry.type != "expired") return;
  episode.week->until_over.push_back(entry.time - episode.began);
  episode.week = nullptr;
}

std::vector<Week> weeks_of(const std::vector<catalog::RuleHistoryEntry>& history, Time from,
                           std::size_t count) {
  std::vector<Week> weeks(count);
  std::unordered_map<std::string, Episode> running;
  for (const catalog::RuleHistoryEntry& entry : history) {
    Episode& episode = running[entry.alert_id];
    if (episode.week != nullptr) {
      take_entry(episode, entry);
    } else if (entry.type == "new" || entry.type == "open") {
      const auto number = std::min(static_cast<std::size_t>((entry.time - from) / kWeek), count - 1);
      episode = {entry.time, &weeks[number], false};
      ++episode.week->episodes;
      episode.week->pages += entry.tier == Tier::page;
    }
  }
  return weeks;
}

void write_median(JsonWriter& json, std::string_view name, std::vector<Duration> lengths) {
  json.key(name);
  if (lengths.empty()) {
    json.null();
    return;
  }
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>((lengths.size() - 1) / 2);
  std::ranges::nth_element(lengths, middle);
  json.value(std::chrono::duration<double>(*middle).count());
}

/// Those who may do something about an alert.
std::size_t responders(const std::vector<User>& users) {
  return static_cast<std::size_t>(
      std::ranges::count_if(users, [](const User& one) { return one.role >= Role::responder; }));
}

}  // namespace

Result<Reply> husbandry_trend(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, Query::read(call.request, {"weeks"}));
  SENT_TRY_ASSIGN(const std::size_t count, query.number("weeks", 8, 1, kMaxWeeks));
  const Time from = call.server.clock.now() - kWeek * static_cast<std::int64_t>(count);
  std::vector<catalog::RuleHistoryEntry> history;
  std::vector<User> users;
  SENT_TRY(call.server.database.read([&](catalog::Transaction& tx) -> Result<void> {
    SENT_TRY_ASSIGN(history, catalog::rule_history(tx, call.caller.account, from));
    SENT_TRY_ASSIGN(users, catalog::list_users(tx, call.caller.account));
    return {};
  }));
  const std::size_t people = responders(users);
  JsonWriter json;
  json.object().field("people", static_cast<std::uint64_t>(people)).key("items").array();
  const auto weeks = weeks_of(history, from, count);
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    const Week& week = weeks[i];
    json.object()
        .field("from", from + kWeek * static_cast<std::int64_t>(i))
        .field("episodes", static_cast<std::uint64_t>(week.episodes))
        .field("pages", static_cast<std::uint64_t>(week.pages))
        .field("per_person",
               static_cast<double>(week.episodes) / static_cast<double>(std::max<std::size_t>(people, 1)))
        .field("acted_share", week.episodes == 0
                                  ? 0.0
                                  : static_cast<double>(week.acted) / static_cast<double>(week.episodes));
    write_median(json, "median_seconds_until_taken", week.until_taken);
    write_median(json, "median_seconds_until_over", week.until_over);
    json.end();
  }
  return json_reply(json.end().end().take());
}

}  // namespace sentinella::api::native
