#include <algorithm>
#include <ctime>
#include <set>

#include "api/gnocchi/attributes.h"
#include "api/gnocchi/form.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/objects.h"
#include "api/gnocchi/paging.h"
#include "api/gnocchi/resource_id.h"
#include "api/gnocchi/samples.h"
#include "api/gnocchi/things.h"
#include "api/gnocchi/time_text.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

using catalog::Resource;

/// Revisions are told with microseconds, and begin at different ones.
Time revision_time(Time now) {
  return {now.ns / 1000 * 1000};
}

Reply resource_answer(const Call& call, const catalog::LiveResource& resource,
                      const catalog::ResourceType& type) {
  JsonText json = call.json();
  write_resource(json, resource, *resource.now, type);
  Reply reply = json_answer(std::move(json));
  add_validators(reply, *resource.now);
  return reply;
}

/// Whether one of a list of entity tags, or "*", is this one.
bool has_tag(std::string_view header, const std::string& tag) {
  for (auto piece : split(header, ',')) {
    piece = trim(piece);
    if (piece.starts_with("W/")) piece.remove_prefix(2);
    if (piece == "*" || piece == "\"" + tag + "\"" || piece == tag) return true;
  }
  return false;
}

/// Seconds since the epoch of an HTTP date.
std::optional<std::int64_t> http_date(std::string_view text) {
  std::tm parts{};
  const char* const end = strptime(std::string(text).c_str(), "%a, %d %b %Y %H:%M:%S", &parts);
  if (text.empty() || end == nullptr) return std::nullopt;
  return static_cast<std::int64_t>(timegm(&parts));
}

/// RFC 7232 section 6; the reply is a 304.
Outcome<std::optional<Reply>> check_preconditions(const Call& call, const Resource& resource) {
  const auto& headers = call.request.headers;
  const std::string tag = entity_tag(resource);
  const std::int64_t changed = resource.revision_start.ns / 1'000'000'000;
  const bool reading = call.request.method == "GET" || call.request.method == "HEAD";
  const auto not_modified = [&] {
    Reply reply = empty_answer(304);
    add_validators(reply, resource);
    return std::optional(std::move(reply));
  };
  const auto failed = [] { return refuse(412, "the resource has changed"); };
  if (const auto wanted = headers.get("If-Match"); !wanted.empty()) {
    if (!has_tag(wanted, tag)) return failed();
  } else if (const auto since = http_date(headers.get("If-Unmodified-Since")); since && *since < changed) {
    return failed();
  }
  if (const auto known = headers.get("If-None-Match"); !known.empty()) {
    if (has_tag(known, tag)) return reading ? Outcome<std::optional<Reply>>(not_modified()) : failed();
  } else if (const auto since = http_date(headers.get("If-Modified-Since"));
             reading && since && *since >= changed) {
    return not_modified();
  }
  return std::nullopt;
}

Outcome<std::string> read_id(const boost::json::object& body) {
  SENT_TRY_ASSIGN(const auto* value, required(body, "id", {}));
  if (!value->is_string()) return invalid_value("expected str", {"id"});
  std::string id(value->get_string());
  if (id.contains('/')) return invalid_value("'/' is not supported in resource id", {"id"});
  if (text_length(id) > kMaxResourceName)
    return invalid_value(
        fmt::format("transformable resource id >{} max allowed characters", kMaxResourceName), {"id"});
  return id;
}

/// Everything but times of revisions and metrics.
bool same_attributes(const Resource& a, const Resource& b) {
  const auto held = [](const Resource& one) {
    auto values = one.attributes;
    std::erase_if(values, [](const auto& value) { return value.second.index() == 0; });
    return values;
  };
  return a.user_id == b.user_id && a.project_id == b.project_id && a.started_at == b.started_at &&
         a.ended_at == b.ended_at && held(a) == held(b);
}

std::string name_of(const Found& one, bool history) {
  std::string name = to_text(one.revision->id);
  if (history) name += one.revision->revision_end ? fmt::format("@{}", one.revision->revision) : "@-1";
  return name;
}

/// What the last thing of the page before was. 400.
Outcome<Found> find_marked(const Call& call, const catalog::ResourceType& type, bool history,
                           const std::string& marker) {
  const auto id = parse_uuid(std::string_view(marker).substr(0, marker.find('@')));
  const auto resource = id ? call.registry.resource(call.account(), *id) : nullptr;
  const bool is_ours = resource && (type.name == catalog::kGenericType || resource->now->type == type.name) &&
                       call.who.may_see(*resource->now);
  if (!is_ours) return unknown_marker(marker);
  std::optional<Found> marked;
  const auto take = [&](Found one) {
    if (name_of(one, history) == marker) marked = std::move(one);
  };
  if (history) {
    SENT_TRY(visit_history(call, resource, take));
  } else {
    take({resource, resource->now});
  }
  if (!marked) return unknown_marker(marker);
  return *std::move(marked);
}

/// A page of what `visit` finds, as it is listed.
Outcome<Reply> found_page(const Call& call, const catalog::ResourceType& type, bool history,
                          const std::function<Outcome<void>(const TakeFound&)>& visit) {
  static const std::vector<std::string> kUsualOrder{"revision_start:asc", "started_at:asc"};
  SENT_TRY_ASSIGN(const bool details, call.query.flag("details", false));
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const PageRequest page, read_page(call, kUsualOrder, [&](const std::string& name) {
                    return attribute_kind(type, name).has_value();
                  }));
  const auto value_of = [](const Found& one, const std::string& key) -> catalog::AttributeValue {
    if (key == "revision") return static_cast<double>(one.revision->revision);
    return attribute_of(*one.revision, key).value_or(catalog::AttributeValue{});
  };
  std::optional<Found> behind;
  if (page.marker) {
    SENT_TRY_ASSIGN(behind, find_marked(call, type, history, *page.marker));
  }
  PageOf<Found, decltype(value_of)> listed(page, {"id", "revision"}, value_of, std::move(behind));
  SENT_TRY(visit([&](Found one) { listed.take(std::move(one)); }));
  const auto chosen = std::move(listed).things();
  const auto attributes = call.query.all("attrs");
  std::set<std::string> only(attributes.begin(), attributes.end());
  JsonText json = call.json();
  json.array();
  for (const auto& [resource, revision] : chosen) {
    const auto* own = details ? rules->type(revision->type) : nullptr;
    write_resource(json, *resource, *revision, own ? *own : type, only);
  }
  Reply reply = json_answer(std::move(json.end()));
  if (chosen.size() >= page.limit) add_next_link(reply, call, page, name_of(chosen.back(), history));
  return reply;
}

Failure no_resource(const std::string& name) {
  return refuse(404, "Resource {} does not exist", name);
}

/// PATCH, on the resource as it is when its turn comes.
Outcome<void> patch(const Call& call, catalog::ResourceEdit& edit, const Uuid& id,
                    const catalog::ResourceType& type, const boost::json::object& body) {
  const auto before = edit.resource(id);
  if (!before) return no_resource(call.names[1]);
  Resource next = *before->now;
  SENT_TRY(read_attributes(body, type, false, call.now, next));
  if (!same_attributes(next, *before->now)) {
    next.revision_start =
        std::max(revision_time(call.server.clock.now()), before->now->revision_start + Duration(1000));
    SENT_TRY(edit.revise_resource(next));
  }
  const auto* metrics = body.if_contains("metrics");
  if (metrics == nullptr) return {};
  SENT_TRY_ASSIGN(const auto wanted, read_wanted_metrics(*metrics, {"metrics"}));
  for (const auto& [name, metric] : before->metrics) {
    catalog::Metric detached = metric->metric;
    detached.resource.reset();
    SENT_TRY(edit.put_metric(detached));
  }
  return put_metrics(call, edit, id, wanted);
}

}  // namespace

Outcome<Reply> list_resources_by_type(Call& call) {
  JsonText json = call.json();
  json.object();
  for (const auto& [name, type] : call.rules()->types)
    json.field(name, call.base + "/v1/resource/" + net::percent_encode(name));
  return json_answer(std::move(json.end()));
}

Outcome<Reply> list_resources(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  SENT_TRY_ASSIGN(const bool history, call.query.flag("history", false));
  Filter filter;
  if (const auto text = call.query.first("filter")) {
    SENT_TRY_ASSIGN(filter, parse_filter(*text, {*type, call.who.creator, call.now}));
  }
  return found_page(call, *type, history, [&](const TakeFound& take) {
    return visit_resources(call, type->name, filter, history, take);
  });
}

Outcome<Reply> search_resources(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  SENT_TRY_ASSIGN(const bool history, call.query.flag("history", false));
  SENT_TRY_ASSIGN(const auto filter, requested_filter(call, *type));
  return found_page(call, *type, history, [&](const TakeFound& take) {
    return visit_resources(call, type->name, filter, history, take);
  });
}

Outcome<Reply> resource_history(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto resource, find_resource(call, call.names[0], call.names[1]));
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  return found_page(call, *type, true,
                    [&](const TakeFound& take) { return visit_history(call, resource, take); });
}

Outcome<Reply> post_resource(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}));
  std::vector<WantedMetric> wanted;
  if (const auto* metrics = body->if_contains("metrics")) {
    SENT_TRY_ASSIGN(wanted, read_wanted_metrics(*metrics, {"metrics"}));
  }
  Resource resource;
  SENT_TRY_ASSIGN(resource.original_id, read_id(*body));
  resource.id = resource_uuid(resource.original_id, call.who.creator);
  resource.type = type->name;
  resource.creator = call.who.creator;
  resource.started_at = resource.revision_start = revision_time(call.server.clock.now());
  SENT_TRY(read_attributes(*body, *type, true, call.now, resource));
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    if (edit.rules().type(type->name) == nullptr)
      return refuse(404, "Resource type {} does not exist", type->name);
    const auto added = edit.add_resource(resource);
    if (!added && added.error().code == Errc::kConflict)
      return refuse(409, "Resource {} already exists", to_text(resource.id));
    SENT_TRY(added);
    return put_metrics(call, edit, resource.id, wanted);
  });
  SENT_TRY(edited);
  const auto made = call.registry.resource(call.account(), resource.id);
  if (!made) return no_resource(resource.original_id);
  Reply reply = resource_answer(call, *made, *type);
  reply.status = 201;
  reply.headers.set(
      "Location", call.base + "/v1/resource/" + net::percent_encode(type->name) + "/" + to_text(resource.id));
  return reply;
}

Outcome<Reply> get_resource(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto resource, find_resource(call, call.names[0], call.names[1]));
  SENT_TRY_ASSIGN(auto early, check_preconditions(call, *resource->now));
  if (early) return *std::move(early);
  return resource_answer(call, *resource, *rules->type(call.names[0]));
}

Outcome<Reply> patch_resource(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto resource, find_resource(call, call.names[0], call.names[1]));
  if (!call.who.may_change(resource->now->creator)) return denied();
  SENT_TRY(check_preconditions(call, *resource->now));
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  SENT_TRY_ASSIGN(const auto json, call.body());
  SENT_TRY_ASSIGN(const auto* body, as_object(json, {}));
  if (body->contains("id")) return invalid_input("extra keys not allowed", {"id"});
  const Uuid id = resource->now->id;
  if (!body->empty())
    SENT_TRY(edit(call, [&](catalog::ResourceEdit& edit) { return patch(call, edit, id, *type, *body); }));
  const auto now = call.registry.resource(call.account(), id);
  if (!now) return no_resource(call.names[1]);
  return resource_answer(call, *now, *type);
}

Outcome<Reply> delete_resource(Call& call) {
  SENT_TRY_ASSIGN(const auto resource, find_resource(call, call.names[0], call.names[1]));
  if (!call.who.may_change(resource->now->creator)) return denied();
  SENT_TRY(check_preconditions(call, *resource->now));
  std::vector<catalog::MetricPtr> gone;
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    const auto removed = edit.remove_resource(resource->now->id, gone);
    if (!removed && removed.error().code == Errc::kNotFound) return no_resource(call.names[1]);
    SENT_TRY(removed);
    return {};
  });
  SENT_TRY(edited);
  erase_samples(call.server, call.account(), gone);
  return empty_answer(204);
}

Outcome<Reply> delete_resources(Call& call) {
  const auto rules = call.rules();
  SENT_TRY_ASSIGN(const auto* type, find_type(*rules, call.names[0]));
  if (!call.query.first("filter")) {
    SENT_TRY_ASSIGN(const auto json, call.body());
    SENT_TRY_ASSIGN(const auto* body, as_object(json, {}));
    if (body->empty()) return refuse(400, "a deletion of all resources is not taken: ask for some");
  }
  SENT_TRY_ASSIGN(const auto filter, requested_filter(call, *type));
  std::vector<catalog::MetricPtr> gone;
  std::uint64_t deleted = 0;
  const auto edited = edit(call, [&](catalog::ResourceEdit& edit) -> Outcome<void> {
    SENT_TRY_ASSIGN(const auto found, find_resources(call, type->name, filter, false));
    for (const auto& [resource, revision] : found) {
      if (!call.who.may_change(revision->creator)) return denied();
      SENT_TRY(edit.remove_resource(revision->id, gone));
      ++deleted;
    }
    return {};
  });
  SENT_TRY(edited);
  erase_samples(call.server, call.account(), gone);
  JsonText json = call.json();
  json.object().field("deleted", deleted);
  return json_answer(std::move(json.end()));
}

}  // namespace sentinella::api::gnocchi
