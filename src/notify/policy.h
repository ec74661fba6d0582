// What operators lay down about who is told what and when: silences, maintenance, inhibition, rotas,
// escalation, and an account's settings. Read from the JSON documents of catalog/policy.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/policy.h"
#include "notify/matcher.h"

namespace sentinella::notify {

/// What hides alerts ends at last: a silence that was forgotten is an outage that nobody hears of.
inline constexpr Duration kLongestMute = std::chrono::hours(24 * 30);
inline constexpr Duration kLongestRecurringMute = std::chrono::hours(24 * 400);

/// Weekly windows of a silence or maintenance, in minutes of the day at a fixed offset from UTC.
struct Recurrence {
  std::vector<int> weekdays;  ///< 0 = Monday
  Duration start{};           ///< after midnight
  Duration length{};          ///< at most a week
  Duration utc_offset{};

  /// The window that contains `now`, if one does.
  std::optional<TimeRange> window(Time now) const;
};

/// A silence, a maintenance or a blackout: alerts are recorded, nobody is told. In a maintenance the time
/// does not count against the uptime, in a blackout it does.
///   {"matchers":[...],"reason":"...","recurrence":{"weekdays":["sat","sun"],"start":"22:00","length":"6h",
///    "utc_offset":"1h"}}
struct Mute {
  std::string kind, id;
  Matchers matchers;
  Time starts, ends;
  std::string reason, owner;
  std::optional<Recurrence> recurrence;
  bool reminded = false;

  /// The window that contains `now`, if one does.
  std::optional<TimeRange> window(Time now) const;
};

/// While an alert matches `source`, those that match `target` and agree in the `equal` labels are not told.
struct Inhibition {
  std::string id;
  Matchers source, target;
  std::vector<std::string> equal;
};

/// Who is on call when: members take turns, each for one shift; overrides come first.
///   {"name":"cloud","members":[{"person":"kim","channel":"UUID"}],"shift":"7d",
///    "overrides":[{"person":"lee","from":"...","until":"..."}]}
struct Rota {
  struct Member {
    std::string person;
    std::string channel;  ///< id of the channel that reaches the person; "" = none of their own
  };
  struct Override {
    std::string person;
    TimeRange range;
  };
  std::string id, name;
  std::vector<Member> members;
  Time starts;
  Duration shift{};
  std::vector<Override> overrides;

  /// nullptr before it starts.
  const Member* on_call(Time now) const;
  Time next_handover(Time now) const;
};

/// Pages that match go to the steps' channels, one step after the other until somebody acknowledges.
///   {"name":"...","matchers":[...],"steps":[{"after":"0s","channels":["UUID"],"rota":"UUID"}]}
struct Escalation {
  struct Step {
    Duration after{};
    std::vector<std::string> channels;
    std::string rota;
  };
  std::string id, name;
  Matchers matchers;
  std::vector<Step> steps;  ///< `after` grows
};

/// Who is told of what they own: alerts whose label `team` or `owner` is the name, and those that match. The
/// channels still choose by tier; of pages, whoever is on call hears, too.
///   {"name":"storage","matchers":[{"name":"service","value":"cinder-.*","isRegex":true}],
///    "channels":["UUID"],"rota":"UUID"}
struct Team {
  std::string id, name;
  Matchers matchers;  ///< empty = by its name only
  std::vector<std::string> channels;
  std::string rota;
};

/// A rule of people's that is new and pages: its pages are recorded, and nobody is told, until somebody on
/// call has approved it and its time is over. Stored under the rule's id; it starts when the rule did and
/// ends (zero = never) with its time, once it is approved.
///   {"by":"kim","approved_by":"lee"}
struct Trial {
  std::string rule_id, by;
  std::string approved_by;  ///< "" = nobody has
  Time starts, ends;

  bool holds(Time now) const { return approved_by.empty() || now < ends; }
};

/// Alerts that match are told as tickets where they would page: a cloud for tests wakes nobody.
struct NoPage {
  std::string text;  ///< as it was given: environment=~"staging|dev.*"
  Matchers matchers;
};

struct AlertingSettings {
  std::vector<std::string> group_by{"environment", "event"};  ///< "..." = every alert by itself
  Duration group_wait = std::chrono::seconds(1);              ///< not for critical ones
  Duration group_interval = std::chrono::minutes(1);
  std::vector<Duration> repeat{std::chrono::hours(1), std::chrono::hours(4), std::chrono::hours(24)};
  std::uint64_t storm_messages = 20;  ///< 0 = no storm guard
  Duration storm_window = std::chrono::minutes(5);
  bool flapping = true;
  bool fold_symptoms = true;
  Duration symptom_window = std::chrono::minutes(30);  ///< after it began, in which a cause holds others back
  Duration symptom_grace = std::chrono::minutes(2);    ///< after the end of the cause
  Duration trial = std::chrono::hours(24 * 7);         ///< of new rules that page; zero = there is none
  Duration ack_expiry = std::chrono::hours(24);        ///< of acknowledgements without an end; zero = never
  Duration shelve_expiry = std::chrono::hours(2);      ///< likewise of what is put aside
  std::vector<NoPage> no_page;
  std::optional<Recurrence> report;  ///< begins when the week's report is sent, and lasts a week
};

/// Of one account.
struct Policy {
  std::vector<Mute> mutes;  ///< maintenance first, then blackouts, then silences
  std::vector<Inhibition> inhibitions;
  std::vector<Rota> rotas;
  std::vector<Escalation> escalations;
  std::vector<Team> teams;
  std::vector<Trial> trials;
  AlertingSettings settings;

  const Rota* rota(const std::string& id) const;
  const Trial* trial(const std::string& rule_id) const;    ///< nullptr = none
  const Escalation* escalation(const Alert& alert) const;  ///< of pages only; nullptr = none
  /// That its labels name; else the first that matches; nullptr = nobody owns it.
  const Team* team(const Alert& alert) const;
  /// The alert's own, but for pages where nothing pages.
  Tier tier_of(const Alert& alert) const;
  /// Whether the person may acknowledge a page: with rotas, whoever is on call in one.
  bool may_acknowledge(const std::string& person, Time now) const;
};

/// Checks one document; kInvalid names the field. `item.body`, `starts`, `ends` as they will be stored.
Result<void> check_policy(const catalog::PolicyItem& item);
/// What cannot be read any more is left out and logged.
Policy read_policy(const std::vector<catalog::PolicyItem>& items);
Result<Mute> read_mute(const catalog::PolicyItem& item);
Result<Rota> read_rota(const catalog::PolicyItem& item);
Result<Trial> read_trial(const catalog::PolicyItem& item);
inline constexpr std::string_view kTrialKind = "trial";
/// As the API shows and takes them.
std::string to_json(const AlertingSettings& settings);

}  // namespace sentinella::notify
