#include "notify/policy.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"

namespace sentinella::notify {
namespace {

constexpr Duration kDay = std::chrono::hours(24);
constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Result<Duration> read_duration(const boost::json::object& object, std::string_view name, Duration fallback) {
  SENT_TRY_ASSIGN(const auto text, optional_string(object, name));
  if (!text) return fallback;
  auto parsed = parse_duration(*text);
  if (!parsed) return fail_field(Errc::kInvalid, name, "{}", parsed.error().message);
  return *parsed;
}

Result<boost::json::array> read_list(const boost::json::object& object, std::string_view name,
                                     std::size_t most) {
  const boost::json::value* value = object.if_contains(name);
  if (!value) return boost::json::array{};
  if (!value->is_array()) return fail_field(Errc::kInvalid, name, "a list expected");
  if (value->get_array().size() > most)
    return fail_field(Errc::kTooLarge, name, "{} items, at most {}", value->get_array().size(), most);
  for (const boost::json::value& item : value->get_array())
    if (!item.is_object()) return fail_field(Errc::kInvalid, name, "a list of objects expected");
  return value->get_array();
}

Result<Matchers> read_matchers(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (!value) return fail_field(Errc::kInvalid, name, "is missing");
  return Matchers::from_json(*value, name);
}

/// "22:30".
Result<Duration> read_time_of_day(const std::string& text, std::string_view name) {
  const auto parts = split(text, ':');
  const auto hour = parts.size() == 2 ? parse_uint(parts[0]) : std::nullopt;
  const auto minute = parts.size() == 2 ? parse_uint(parts[1]) : std::nullopt;
  if (!hour || !minute || *hour > 23 || *minute > 59)
    return fail_field(Errc::kInvalid, name, "a time of day as 22:30 expected");
  return Duration(std::chrono::hours(*hour) + std::chrono::minutes(*minute));
}

/// "1h" or "-3h30m" east of Greenwich.
Result<Duration> read_utc_offset(const boost::json::object& object) {
  SENT_TRY_ASSIGN(const auto offset, optional_string(object, "utc_offset"));
  std::string_view text = offset ? std::string_view(*offset) : "";
  const bool west = text.starts_with('-');
  if (west || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return Duration{};
  SENT_TRY_ASSIGN(const Duration out, parse_duration(text));
  if (out > kDay) return fail_field(Errc::kInvalid, "utc_offset", "at most a day");
  return west ? -out : out;
}

Result<int> read_weekday(const std::string& text, std::string_view field) {
  const auto found = std::ranges::find(kWeekdays, std::string_view(text));
  if (found == kWeekdays.end())
    return fail_field(Errc::kInvalid, field, "mon, tue, wed, thu, fri, sat or sun expected");
  return static_cast<int>(found - kWeekdays.begin());
}

Result<Recurrence> read_recurrence(const boost::json::object& object) {
  SENT_TRY(only_fields(object, {"weekdays", "start", "length", "utc_offset"}));
  Recurrence out;
  SENT_TRY_ASSIGN(const auto days, optional_strings(object, "weekdays"));
  for (const std::string& text : days) {
    SENT_TRY_ASSIGN(const int day, read_weekday(text, "weekdays"));
    out.weekdays.push_back(day);
  }
  if (out.weekdays.empty()) out.weekdays = {0, 1, 2, 3, 4, 5, 6};
  SENT_TRY_ASSIGN(const std::string start, required_string(object, "start"));
  SENT_TRY_ASSIGN(out.start, read_time_of_day(start, "start"));
  SENT_TRY_ASSIGN(out.length, read_duration(object, "length", Duration{}));
  if (out.length <= Duration{} || out.length > 7 * kDay)
    return fail_field(Errc::kInvalid, "length", "more than nothing and at most a week expected");
  SENT_TRY_ASSIGN(out.utc_offset, read_utc_offset(object));
  return out;
}

/// {"weekday":"mon","at":"08:00","utc_offset":"1h"}; nullopt: absent or null.
Result<std::optional<Recurrence>> read_report_time(const boost::json::object& settings) {
  const boost::json::value* const value = settings.if_contains("report");
  if (!value || value->is_null()) return std::optional<Recurrence>();
  if (!value->is_object()) return fail_field(Errc::kInvalid, "report", "an object or null expected");
  const boost::json::object& object = value->get_object();
  SENT_TRY(only_fields(object, {"weekday", "at", "utc_offset"}));
  Recurrence out;
  SENT_TRY_ASSIGN(const std::string day, required_string(object, "weekday"));
  SENT_TRY_ASSIGN(const int weekday, read_weekday(day, "weekday"));
  out.weekdays = {weekday};
  SENT_TRY_ASSIGN(const std::string at, required_string(object, "at"));
  SENT_TRY_ASSIGN(out.start, read_time_of_day(at, "at"));
  SENT_TRY_ASSIGN(out.utc_offset, read_utc_offset(object));
  out.length = 7 * kDay;
  return std::optional(std::move(out));
}

Result<Inhibition> read_inhibition(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(only_fields(object, {"comment", "source", "target", "equal"}));
  Inhibition out{.id = item.id, .source = {}, .target = {}, .equal = {}};
  SENT_TRY_ASSIGN(out.source, read_matchers(object, "source"));
  SENT_TRY_ASSIGN(out.target, read_matchers(object, "target"));
  SENT_TRY_ASSIGN(out.equal, optional_strings(object, "equal"));
  if (out.source.empty() || out.target.empty())
    return fail_field(Errc::kInvalid, out.source.empty() ? "source" : "target",
                      "at least one matcher expected");
  return out;
}

Result<Rota::Override> read_override(const boost::json::object& object) {
  SENT_TRY(only_fields(object, {"person", "from", "until"}));
  Rota::Override out;
  SENT_TRY_ASSIGN(out.person, required_string(object, "person"));
  SENT_TRY_ASSIGN(const std::string from, required_string(object, "from"));
  SENT_TRY_ASSIGN(const std::string until, required_string(object, "until"));
  SENT_TRY_ASSIGN(out.range.from, parse_rfc3339(from));
  SENT_TRY_ASSIGN(out.range.until, parse_rfc3339(until));
  if (out.range.until <= out.range.from)
    return fail_field(Errc::kInvalid, "until", "an override ends after it begins");
  return out;
}

Result<Escalation> read_escalation(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(only_fields(object, {"name", "matchers", "steps"}));
  Escalation out{.id = item.id, .name = {}, .matchers = {}, .steps = {}};
  SENT_TRY_ASSIGN(out.name, required_string(object, "name"));
  if (object.contains("matchers")) {
    SENT_TRY_ASSIGN(out.matchers, read_matchers(object, "matchers"));
  }
  SENT_TRY_ASSIGN(const auto steps, read_list(object, "steps", 20));
  for (const boost::json::value& value : steps) {
    const boost::json::object& one = value.get_object();
    SENT_TRY(only_fields(one, {"after", "channels", "rota"}));
    Escalation::Step step;
    SENT_TRY_ASSIGN(step.after, read_duration(one, "after", Duration{}));
    SENT_TRY_ASSIGN(step.channels, optional_strings(one, "channels"));
    SENT_TRY_ASSIGN(const auto rota, optional_string(one, "rota"));
    step.rota = rota.value_or("");
    if (step.channels.empty() && step.rota.empty())
      return fail_field(Errc::kInvalid, "steps", "a step needs channels or a rota");
    if (!out.steps.empty() && step.after <= out.steps.back().after)
      return fail_field(Errc::kInvalid, "after", "each step comes after the one before");
    out.steps.push_back(std::move(step));
  }
  if (out.steps.empty() || out.steps.front().after != Duration{})
    return fail_field(Errc::kInvalid, "steps", "the first step is at once: after \"0s\"");
  return out;
}

Result<Team> read_team(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(only_fields(object, {"name", "matchers", "channels", "rota"}));
  Team out{.id = item.id, .name = {}, .matchers = {}, .channels = {}, .rota = {}};
  SENT_TRY_ASSIGN(out.name, required_string(object, "name"));
  if (trim(out.name).empty()) return fail_field(Errc::kInvalid, "name", "a team needs a name");
  if (object.contains("matchers")) {
    SENT_TRY_ASSIGN(out.matchers, read_matchers(object, "matchers"));
  }
  if (!out.matchers.empty() && out.matchers.matches_nothing_in_particular())
    return fail_field(Errc::kInvalid, "matchers",
                      "at least one must ask for something: the team would own every alert");
  SENT_TRY_ASSIGN(out.channels, optional_strings(object, "channels"));
  SENT_TRY_ASSIGN(const auto rota, optional_string(object, "rota"));
  out.rota = rota.value_or("");
  if (out.channels.empty() && out.rota.empty())
    return fail_field(Errc::kInvalid, "channels", "a team needs channels or a rota");
  return out;
}

Result<std::vector<NoPage>> read_no_page(const boost::json::object& object) {
  constexpr std::size_t kMostNoPage = 100;
  SENT_TRY_ASSIGN(const auto texts, optional_strings(object, "no_page"));
  if (texts.size() > kMostNoPage)
    return fail_field(Errc::kTooLarge, "no_page", "{} items, at most {}", texts.size(), kMostNoPage);
  std::vector<NoPage> out;
  for (const std::string& text : texts) {
    SENT_TRY_ASSIGN(Matchers matchers, Matchers::from_text({text}, "no_page"));
    if (matchers.matches_nothing_in_particular())
      return fail_field(Errc::kInvalid, "no_page", "{}: nothing at all would page", text);
    out.push_back({text, std::move(matchers)});
  }
  return out;
}

Result<AlertingSettings> read_settings(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(
      only_fields(object, {"group_by", "group_wait", "group_interval", "repeat", "storm_messages",
                           "storm_window", "flapping", "fold_symptoms", "symptom_window", "symptom_grace",
                           "trial", "ack_expiry", "shelve_expiry", "no_page", "report"}));
  AlertingSettings out;
  if (object.contains("group_by")) {
    SENT_TRY_ASSIGN(out.group_by, optional_strings(object, "group_by"));
  }
  SENT_TRY_ASSIGN(out.group_wait, read_duration(object, "group_wait", out.group_wait));
  SENT_TRY_ASSIGN(out.group_interval, read_duration(object, "group_interval", out.group_interval));
  SENT_TRY_ASSIGN(out.storm_window, read_duration(object, "storm_window", out.storm_window));
  SENT_TRY_ASSIGN(out.symptom_window, read_duration(object, "symptom_window", out.symptom_window));
  SENT_TRY_ASSIGN(out.symptom_grace, read_duration(object, "symptom_grace", out.symptom_grace));
  SENT_TRY_ASSIGN(out.trial, read_duration(object, "trial", out.trial));
  SENT_TRY_ASSIGN(out.ack_expiry, read_duration(object, "ack_expiry", out.ack_expiry));
  SENT_TRY_ASSIGN(out.shelve_expiry, read_duration(object, "shelve_expiry", out.shelve_expiry));
  SENT_TRY_ASSIGN(out.no_page, read_no_page(object));
  SENT_TRY_ASSIGN(out.report, read_report_time(object));
  if (object.contains("repeat")) {
    SENT_TRY_ASSIGN(const auto texts, optional_strings(object, "repeat"));
    out.repeat.clear();
    for (const std::string& text : texts) {
      SENT_TRY_ASSIGN(const Duration one, parse_duration(text));
      if (one < std::chrono::minutes(1)) return fail_field(Errc::kInvalid, "repeat", "{}: at least 1m", text);
      out.repeat.push_back(one);
    }
  }
  SENT_TRY_ASSIGN(const auto storm, optional_number(object, "storm_messages"));
  if (storm && !(*storm >= 0 && *storm <= 10000))
    return fail_field(Errc::kInvalid, "storm_messages", "0 (off) to 10000 expected");
  if (storm) out.storm_messages = static_cast<std::uint64_t>(*storm);
  SENT_TRY_ASSIGN(const auto flapping, optional_bool(object, "flapping"));
  SENT_TRY_ASSIGN(const auto fold, optional_bool(object, "fold_symptoms"));
  out.flapping = flapping.value_or(out.flapping);
  out.fold_symptoms = fold.value_or(out.fold_symptoms);
  return out;
}

/// Keeps the document or says why not.
template <typename T>
void keep(std::vector<T>& list, Result<T> read, const catalog::PolicyItem& item) {
  if (read) {
    list.push_back(*std::move(read));
  } else {
    log::error("notify.policy", "{} {} is left out: {}", item.kind, item.id, describe(read.error()));
  }
}

int order_of(const std::string& kind) {
  return kind == "maintenance" ? 0 : kind == "blackout" ? 1 : 2;
}

}  // namespace

std::optional<TimeRange> Recurrence::window(Time now) const {
  const std::int64_t day_ns = kDay.count();
  const Time local = now + utc_offset;
  const std::int64_t today = (local.ns >= 0 ? local.ns : local.ns - day_ns + 1) / day_ns;
  for (std::int64_t day = today; day >= today - 7; --day) {
    // Day 0 of the epoch was a Thursday.
    const int weekday = static_cast<int>(((day + 3) % 7 + 7) % 7);
    if (std::ranges::find(weekdays, weekday) == weekdays.end()) continue;
    const Time begin = Time{day * day_ns} + start - utc_offset;
    if (const TimeRange range{begin, begin + length}; range.contains(now)) return range;
  }
  return std::nullopt;
}

std::optional<TimeRange> Mute::window(Time now) const {
  if (now < starts || (ends != Time{} && now >= ends)) return std::nullopt;
  if (!recurrence) return TimeRange{starts, ends};
  auto range = recurrence->window(now);
  if (range && ends != Time{} && ends < range->until) range->until = ends;
  return range;
}

const Rota::Member* Rota::on_call(Time now) const {
  for (const Override& one : overrides) {
    if (!one.range.contains(now)) continue;
    const auto found = std::ranges::find(members, one.person, &Member::person);
    if (found != members.end()) return &*found;
  }
  if (now < starts || members.empty() || shift <= Duration{}) return nullptr;
  const auto turn = static_cast<std::size_t>((now - starts) / shift);
  return &members[turn % members.size()];
}

Time Rota::next_handover(Time now) const {
  if (now < starts) return starts;
  return starts + shift * ((now - starts) / shift + 1);
}

const Rota* Policy::rota(const std::string& id) const {
  const auto found = std::ranges::find(rotas, id, &Rota::id);
  return found == rotas.end() ? nullptr : &*found;
}

const Trial* Policy::trial(const std::string& rule_id) const {
  const auto found = std::ranges::find(trials, rule_id, &Trial::rule_id);
  return found == trials.end() ? nullptr : &*found;
}

const Team* Policy::team(const Alert& alert) const {
  for (const std::string_view label : {"team", "owner"})
    if (const std::string_view name = alert.extras.labels.get(label); !name.empty())
      if (const auto found = std::ranges::find(teams, name, &Team::name); found != teams.end())
        return &*found;
  const auto found = std::ranges::find_if(
      teams, [&](const Team& one) { return !one.matchers.empty() && one.matchers.match(alert); });
  return found == teams.end() ? nullptr : &*found;
}

Tier Policy::tier_of(const Alert& alert) const {
  const bool spared =
      std::ranges::any_of(settings.no_page, [&](const NoPage& one) { return one.matchers.match(alert); });
  return spared && alert.tier == Tier::page ? Tier::ticket : alert.tier;
}

const Escalation* Policy::escalation(const Alert& alert) const {
  if (alert.tier != Tier::page) return nullptr;
  const auto found =
      std::ranges::find_if(escalations, [&](const Escalation& e) { return e.matchers.match(alert); });
  return found == escalations.end() ? nullptr : &*found;
}

bool Policy::may_acknowledge(const std::string& person, Time now) const {
  bool anybody = false;
  for (const Rota& one : rotas) {
    const Rota::Member* member = one.on_call(now);
    if (!member) continue;
    anybody = true;
    if (member->person == person) return true;
  }
  return !anybody;
}

Result<Mute> read_mute(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(only_fields(object, {"matchers", "reason", "recurrence"}));
  Mute out{.kind = item.kind,
           .id = item.id,
           .matchers = {},
           .starts = item.starts,
           .ends = item.ends,
           .reason = {},
           .owner = item.created_by,
           .recurrence = {},
           .reminded = item.reminded};
  SENT_TRY_ASSIGN(out.matchers, read_matchers(object, "matchers"));
  if (out.matchers.empty() || out.matchers.matches_nothing_in_particular())
    return fail_field(Errc::kInvalid, "matchers",
                      "at least one must ask for something: this would hide every alert");
  SENT_TRY_ASSIGN(out.reason, required_string(object, "reason"));
  if (trim(out.reason).empty()) return fail_field(Errc::kInvalid, "reason", "say why");
  if (const boost::json::value* value = object.if_contains("recurrence"); value && !value->is_null()) {
    if (!value->is_object()) return fail_field(Errc::kInvalid, "recurrence", "an object expected");
    SENT_TRY_ASSIGN(out.recurrence, read_recurrence(value->get_object()));
  }
  if (item.ends <= item.starts) return fail_field(Errc::kInvalid, "ends", "it ends after it starts");
  return out;
}

Result<Rota> read_rota(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(only_fields(object, {"name", "members", "shift", "overrides"}));
  Rota out;
  out.id = item.id;
  out.starts = item.starts;
  SENT_TRY_ASSIGN(out.name, required_string(object, "name"));
  SENT_TRY_ASSIGN(out.shift, read_duration(object, "shift", 7 * kDay));
  if (out.shift < std::chrono::minutes(1)) return fail_field(Errc::kInvalid, "shift", "at least 1m");
  SENT_TRY_ASSIGN(const auto members, read_list(object, "members", 100));
  for (const boost::json::value& value : members) {
    const boost::json::object& one = value.get_object();
    SENT_TRY(only_fields(one, {"person", "channel"}));
    Rota::Member member;
    SENT_TRY_ASSIGN(member.person, required_string(one, "person"));
    SENT_TRY_ASSIGN(const auto channel, optional_string(one, "channel"));
    member.channel = channel.value_or("");
    out.members.push_back(std::move(member));
  }
  if (out.members.empty()) return fail_field(Errc::kInvalid, "members", "a rota needs people");
  SENT_TRY_ASSIGN(const auto overrides, read_list(object, "overrides", 1000));
  for (const boost::json::value& value : overrides) {
    SENT_TRY_ASSIGN(Rota::Override one, read_override(value.get_object()));
    if (std::ranges::find(out.members, one.person, &Rota::Member::person) == out.members.end())
      return fail_field(Errc::kInvalid, "overrides", "{} is no member of the rota", one.person);
    out.overrides.push_back(std::move(one));
  }
  return out;
}

Result<Trial> read_trial(const catalog::PolicyItem& item) {
  SENT_TRY_ASSIGN(const auto object, parse_json_object(item.body));
  SENT_TRY(only_fields(object, {"by", "approved_by"}));
  Trial out{.rule_id = item.id, .by = {}, .approved_by = {}, .starts = item.starts, .ends = item.ends};
  SENT_TRY_ASSIGN(out.by, required_string(object, "by"));
  SENT_TRY_ASSIGN(const auto approved_by, optional_string(object, "approved_by"));
  out.approved_by = approved_by.value_or("");
  return out;
}

Result<void> check_policy(const catalog::PolicyItem& item) {
  if (item.kind == "inhibition") {
    SENT_TRY(read_inhibition(item));
  } else if (item.kind == "rota") {
    SENT_TRY(read_rota(item));
  } else if (item.kind == "escalation") {
    SENT_TRY(read_escalation(item));
  } else if (item.kind == "team") {
    SENT_TRY(read_team(item));
  } else if (item.kind == "settings") {
    SENT_TRY(read_settings(item));
  } else {
    SENT_TRY_ASSIGN(const Mute mute, read_mute(item));
    const Duration most = mute.recurrence ? kLongestRecurringMute : kLongestMute;
    if (item.ends - item.starts > most)
      return fail_field(Errc::kInvalid, "ends", "at most {} after its start", to_text(most));
  }
  return {};
}

Policy read_policy(const std::vector<catalog::PolicyItem>& items) {
  Policy out;
  for (const catalog::PolicyItem& item : items) {
    if (item.kind == "inhibition") {
      keep(out.inhibitions, read_inhibition(item), item);
    } else if (item.kind == "rota") {
      keep(out.rotas, read_rota(item), item);
    } else if (item.kind == "escalation") {
      keep(out.escalations, read_escalation(item), item);
    } else if (item.kind == "team") {
      keep(out.teams, read_team(item), item);
    } else if (item.kind == "settings") {
      if (auto settings = read_settings(item)) out.settings = *std::move(settings);
    } else if (item.kind == kTrialKind) {
      keep(out.trials, read_trial(item), item);
    } else if (item.kind == "silence" || item.kind == "maintenance" || item.kind == "blackout") {
      keep(out.mutes, read_mute(item), item);
    }
  }
  std::ranges::stable_sort(out.mutes, {}, [](const Mute& mute) { return order_of(mute.kind); });
  return out;
}

std::string to_json(const AlertingSettings& settings) {
  JsonWriter json;
  json.object().key("group_by").array();
  for (const std::string& name : settings.group_by) json.value(name);
  json.end().field("group_wait", to_text(settings.group_wait));
  json.field("group_interval", to_text(settings.group_interval)).key("repeat").array();
  for (const Duration one : settings.repeat) json.value(to_text(one));
  json.end().field("storm_messages", settings.storm_messages);
  json.field("storm_window", to_text(settings.storm_window)).field("flapping", settings.flapping);
  json.field("fold_symptoms", settings.fold_symptoms);
  json.field("symptom_window", to_text(settings.symptom_window));
  json.field("symptom_grace", to_text(settings.symptom_grace));
  json.field("trial", to_text(settings.trial)).field("ack_expiry", to_text(settings.ack_expiry));
  json.field("shelve_expiry", to_text(settings.shelve_expiry)).key("no_page").array();
  for (const NoPage& one : settings.no_page) json.value(one.text);
  json.end().key("report");
  if (!settings.report) return json.null().end().take();
  const Recurrence& report = *settings.report;
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(report.start).count();
  json.object().field("weekday", kWeekdays[static_cast<std::size_t>(report.weekdays.front())]);
  json.field("at", fmt::format("{:02}:{:02}", minutes / 60, minutes % 60));
  const std::string west = report.utc_offset < Duration{} ? "-" : "";
  json.field("utc_offset", west + to_text(west.empty() ? report.utc_offset : -report.utc_offset));
  return json.end().end().take();
}

}  // namespace sentinella::notify
