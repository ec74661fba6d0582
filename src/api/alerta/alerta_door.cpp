#include "api/alerta/alerta_door.h"

#include <algorithm>
#include <map>
#include <ranges>

#include "api/alert_actions.h"
#include "api/alerta/alerta_alert.h"
#include "api/alerta/alerta_parts.h"
#include "api/alerta/alerta_query.h"
#include "api/native/catalog_access.h"
#include "api/parameters.h"
#include "api/reply.h"
#include "base/ids.h"
#include "catalog/alerting.h"
#include "catalog/inventory.h"
#include "catalog/policy.h"
#include "notify/policy.h"

namespace sentinella::api::alerta {
namespace {

constexpr std::size_t kTop = 10;
/// A page of so many has their raw data unasked: `alerta raw` does not ask for it.
constexpr std::size_t kFew = 50;

Result<std::vector<std::string>> environments(RequestContext& call) {
  std::vector<std::string> names{"Production", "Development"};
  SENT_TRY_ASSIGN(const auto clouds,
                  native::read_catalog(call.server.database, [&](catalog::Transaction& tx) {
                    return catalog::list_clouds(tx, call.caller.account);
                  }));
  for (const Cloud& cloud : clouds) names.push_back(cloud.name);
  return names;
}

Result<Signal> read_report(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto names, environments(call));
  return read_alert(body, terms_of(call.server), names, call.caller.account, call.server.clock.now());
}

/// What became of a report: a live alert, or one that it has ended.
Result<Alert> alert_of(Context& server, const Signal& signal) {
  if (auto live = server.alerts.find(signal)) return *std::move(live);
  Alert sought;
  sought.account = signal.account;
  sought.resource = signal.resource;
  sought.event = signal.event;
  sought.extras.fingerprint = signal.extras.fingerprint;
  return native::read_catalog(server.database, [&](catalog::Transaction& tx) -> Result<Alert> {
    SENT_TRY_ASSIGN(const auto found, catalog::previous_alerts(tx, sought, 1));
    if (found.empty()) return fail(Errc::kNotFound, "the alert is gone already");
    return catalog::find_alert(tx, signal.account, found.front().id);
  });
}

Result<Reply> answer_of(Context& server, const Signal& signal) {
  SENT_TRY_ASSIGN(const Alert alert, alert_of(server, signal));
  JsonWriter json;
  json.object().field("id", alert.id).key("alert");
  write_alert(json, alert, terms_of(server));
  return ok_reply(json, 201);
}

void write_counts(JsonWriter& json, const std::vector<Alert>& alerts, const AlarmTerms& terms) {
  std::map<std::string_view, std::uint64_t> severities, statuses;
  for (const Alert& alert : alerts) {
    ++severities[terms.severity(alert.severity)];
    ++statuses[terms.status(alert)];
  }
  for (const auto& [name, counts] :
       {std::pair{"severityCounts", &severities}, std::pair{"statusCounts", &statuses}}) {
    json.key(name).object();
    for (const auto& [word, count] : *counts) json.field(word, count);
    json.end();
  }
}

void write_page(JsonWriter& json, const AlertaQuery& query, std::size_t total) {
  const std::size_t pages = (total + query.page_size - 1) / query.page_size;
  json.field("total", static_cast<std::uint64_t>(total))
      .field("page", static_cast<std::uint64_t>(query.page));
  json.field("pageSize", static_cast<std::uint64_t>(query.page_size));
  json.field("pages", static_cast<std::uint64_t>(pages)).field("more", query.page < pages);
  if (total == 0) json.field("message", "not found");
}

template <typename T>
std::pair<std::size_t, std::size_t> bounds(const AlertaQuery& query, const std::vector<T>& all) {
  const std::size_t begin = std::min(all.size(), (query.page - 1) * query.page_size);
  return {begin, std::min(all.size(), begin + query.page_size)};
}

Result<Reply> act(RequestContext& call, alerts::ActionRequest request) {
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  SENT_TRY(perform(call.server, call.caller, alert.id, std::move(request)));
  return plain_ok();
}

Result<Reply> edit_tags(RequestContext& call, bool add) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto edit, tag_edit(body, add));
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  SENT_TRY(call.server.alerts.edit(call.caller.account, alert.id, edit));
  return plain_ok();
}

}  // namespace

void post_alert(RequestContext& call, Answer answer) {
  if (auto beat = heartbeat_in_alert(call)) return answer(*std::move(beat));
  auto signal = read_report(call);
  if (!signal) return answer(std::unexpected(std::move(signal).error()));
  Batch batch;
  batch.account = signal->account;
  batch.received = call.server.clock.now();
  batch.signals.push_back(*signal);
  call.server.intake.submit(std::move(batch), ingest::Until::applied,
                            [&server = call.server, signal = *std::move(signal),
                             answer = std::move(answer)](const Result<bus::Offset>& kept) mutable {
                              answer(kept ? answer_of(server, signal) : std::unexpected(kept.error()));
                            });
}

Result<Reply> get_alert(RequestContext& call) {
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  JsonWriter json;
  json.object().field("total", 1).key("alert");
  write_alert(json, alert, terms_of(call.server));
  return ok_reply(json);
}

Result<Reply> delete_alert(RequestContext& call) {
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  SENT_TRY(call.server.alerts.remove(call.caller.account, alert.id));
  return plain_ok();
}

Result<Reply> put_status(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(auto request, read_status(body, terms_of(call.server)));
  return act(call, std::move(request));
}

Result<Reply> put_action(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(auto request, read_action(body));
  return act(call, std::move(request));
}

Result<Reply> put_tag(RequestContext& call) {
  return edit_tags(call, true);
}

Result<Reply> put_untag(RequestContext& call) {
  return edit_tags(call, false);
}

Result<Reply> put_attributes(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto edit, attribute_edit(body));
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  SENT_TRY(call.server.alerts.edit(call.caller.account, alert.id, edit));
  return plain_ok();
}

Result<Reply> list_alerts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, AlertaQuery::read(call.request, terms_of(call.server)));
  SENT_TRY_ASSIGN(const auto all, select(call, query));
  const auto [begin, end] = bounds(query, all);
  Time last = call.server.clock.now();
  if (!all.empty()) last = std::ranges::max(all, {}, &Alert::last_receive_time).last_receive_time;
  JsonWriter json;
  json.object();
  write_page(json, query, all.size());
  json.key("alerts").array();
  for (std::size_t i = begin; i < end; ++i)
    write_alert(json, all[i], query.terms,
                {.history = query.show_history, .raw_data = query.show_raw_data || query.page_size <= kFew});
  json.end();
  write_counts(json, all, query.terms);
  json.field("lastTime", alerta_time(last)).field("autoRefresh", true);
  return ok_reply(json);
}

Result<Reply> list_history(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, AlertaQuery::read(call.request, terms_of(call.server)));
  SENT_TRY_ASSIGN(const auto all, select(call, query));
  std::vector<std::pair<const Alert*, const AlertHistory*>> entries;
  for (const Alert& alert : all)
    for (const AlertHistory& entry : alert.history | std::views::reverse)
      entries.emplace_back(&alert, &entry);
  std::ranges::stable_sort(entries,
                           [](const auto& a, const auto& b) { return a.second->time > b.second->time; });
  const auto [begin, end] = bounds(query, entries);
  JsonWriter json;
  json.object();
  write_page(json, query, entries.size());
  json.key("history").array();
  for (std::size_t i = begin; i < end; ++i)
    write_history(json, *entries[i].first, *entries[i].second, query.terms, true);
  json.end();
  return ok_reply(json);
}

Result<Reply> count_alerts(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, AlertaQuery::read(call.request, terms_of(call.server)));
  SENT_TRY_ASSIGN(const auto all, select(call, query));
  JsonWriter json;
  json.object().field("total", static_cast<std::uint64_t>(all.size()));
  write_counts(json, all, query.terms);
  return ok_reply(json);
}

namespace {

/// The ten events with the greatest sum of `weight`.
template <typename Weight>
Result<Reply> top(RequestContext& call, Weight weight) {
  SENT_TRY_ASSIGN(const auto query, AlertaQuery::read(call.request, terms_of(call.server)));
  SENT_TRY_ASSIGN(const auto all, select(call, query));
  struct Group {
    std::string event;
    double weight = 0;
    std::uint64_t count = 0, duplicates = 0;
    std::vector<const Alert*> alerts;
  };
  std::map<std::string, Group> groups;
  for (const Alert& alert : all) {
    Group& group = groups[alert.event];
    group.event = alert.event;
    group.weight += weight(alert);
    ++group.count;
    group.duplicates += alert.duplicate_count;
    group.alerts.push_back(&alert);
  }
  std::vector<Group> sorted;
  for (auto& [event, group] : groups)
    if (group.weight > 0) sorted.push_back(std::move(group));
  std::ranges::stable_sort(sorted, std::ranges::greater(), &Group::weight);
  JsonWriter json;
  json.object().key("top10").array();
  for (std::size_t i = 0; i < std::min(kTop, sorted.size()); ++i) {
    const Group& group = sorted[i];
    json.object()
        .field("event", group.event)
        .field("count", group.count)
        .field("duplicateCount", group.duplicates);
    json.key("environments").array().value(group.alerts.front()->environment).end().key("services").array();
    for (const std::string& service : services_of(*group.alerts.front())) json.value(service);
    json.end().key("resources").array();
    for (const Alert* alert : group.alerts)
      json.object()
          .field("id", alert->id)
          .field("resource", alert->resource)
          .field("href", "/alerta/alert/" + alert->id)
          .end();
    json.end().end();
  }
  json.end().field("total", static_cast<std::uint64_t>(std::min(kTop, sorted.size())));
  return ok_reply(json);
}

/// {name} of every alert, with counts.
Result<Reply> list_names(RequestContext& call, std::string_view list, std::string_view field,
                         std::vector<std::string> (*names)(const Alert&)) {
  SENT_TRY_ASSIGN(const auto query, AlertaQuery::read(call.request, terms_of(call.server)));
  SENT_TRY_ASSIGN(const auto all, select(call, query));
  std::map<std::pair<std::string, std::string>, std::vector<Alert>> groups;
  for (const Alert& alert : all)
    for (const std::string& name : names(alert)) groups[{alert.environment, name}].push_back(alert);
  JsonWriter json;
  json.object().key(list).array();
  for (const auto& [key, alerts] : groups) {
    json.object().field("environment", key.first).field("count", static_cast<std::uint64_t>(alerts.size()));
    if (field != "environment") json.field(field, key.second);
    write_counts(json, alerts, query.terms);
    json.end();
  }
  json.end().field("total", static_cast<std::uint64_t>(groups.size()));
  return ok_reply(json);
}

}  // namespace

Result<Reply> top_count(RequestContext& call) {
  return top(call, [](const Alert&) { return 1.0; });
}

Result<Reply> top_flapping(RequestContext& call) {
  return top(call, [](const Alert& alert) {
    return static_cast<double>(std::ranges::count(alert.history, "severity", &AlertHistory::type));
  });
}

Result<Reply> top_standing(RequestContext& call) {
  return top(call, [](const Alert& alert) {
    return static_cast<double>((alert.last_receive_time - alert.create_time).count());
  });
}

Result<Reply> list_environments(RequestContext& call) {
  return list_names(call, "environments", "environment",
                    [](const Alert& alert) { return std::vector{alert.environment}; });
}

Result<Reply> list_groups_of_alerts(RequestContext& call) {
  return list_names(call, "groups", "group", [](const Alert& alert) { return std::vector{group_of(alert)}; });
}

Result<Reply> list_tags(RequestContext& call) {
  return list_names(call, "tags", "tag", [](const Alert& alert) { return alert.extras.tags; });
}

Result<Reply> list_services(RequestContext& call) {
  return list_names(call, "services", "service", &services_of);
}

}  // namespace sentinella::api::alerta
