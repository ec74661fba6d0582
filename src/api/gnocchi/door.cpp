#include "api/gnocchi/door.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <variant>

#include "api/gnocchi/built_in.h"
#include "api/gnocchi/handlers.h"
#include "api/gnocchi/identity.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

using SyncHandler = Outcome<Reply> (*)(Call&);
using AsyncHandler = void (*)(Call&, Finish);

/// What a route's callers must bring along.
enum class Needs : std::uint8_t {
  nothing,     ///< not even a name
  reading,     ///< and an answer in JSON
  query,       ///< the same, with a body in JSON
  writing,     ///< may change things, with a body in JSON
  patching,    ///< the same, with a JSON Patch
  removing,    ///< may change things; a body is nobody's business
  raw_writing  ///< may change things, with a body of whatever kind
};

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "{}" is one piece of any text
  Needs needs;
  std::variant<SyncHandler, AsyncHandler> handler;
};

std::span<const Route> routes() {
  using enum Needs;
  static const std::vector<Route> all{
      {"GET", "/", reading, &list_versions},
      {"GET", "/v1", reading, &list_links},
      {"GET", "/healthcheck", nothing, &healthcheck},
      {"GET", "/v1/capabilities", reading, &capabilities},
      {"GET", "/v1/status", reading, &status},
      {"GET", "/v1/archive_policy", reading, &list_policies},
      {"POST", "/v1/archive_policy", writing, &post_policy},
      {"GET", "/v1/archive_policy/{}", reading, &get_policy},
      {"PATCH", "/v1/archive_policy/{}", writing, &patch_policy},
      {"DELETE", "/v1/archive_policy/{}", removing, &delete_policy},
      {"GET", "/v1/archive_policy_rule", reading, &list_rules},
      {"POST", "/v1/archive_policy_rule", writing, &post_rule},
      {"GET", "/v1/archive_policy_rule/{}", reading, &get_rule},
      {"PATCH", "/v1/archive_policy_rule/{}", writing, &patch_rule},
      {"DELETE", "/v1/archive_policy_rule/{}", removing, &delete_rule},
      {"GET", "/v1/metric", reading, &list_metrics},
      {"POST", "/v1/metric", writing, &post_metric},
      {"GET", "/v1/metric/{}", reading, &get_metric},
      {"DELETE", "/v1/metric/{}", removing, &delete_metric},
      {"GET", "/v1/metric/{}/measures", reading, &get_measures},
      {"POST", "/v1/metric/{}/measures", writing, &post_measures},
      {"DELETE", "/v1/metric/{}/measures", removing, &delete_measures},
      {"POST", "/v1/batch/metrics/measures", writing, &post_metric_batch},
      {"POST", "/v1/batch/resources/metrics/measures", writing, &post_resource_batch},
      {"GET", "/v1/resource_type", reading, &list_types},
      {"POST", "/v1/resource_type", writing, &post_type},
      {"GET", "/v1/resource_type/{}", reading, &get_type},
      {"PATCH", "/v1/resource_type/{}", patching, &patch_type},
      {"DELETE", "/v1/resource_type/{}", removing, &delete_type},
      {"GET", "/v1/resource", reading, &list_resources_by_type},
      {"GET", "/v1/resource/{}", reading, &list_resources},
      {"POST", "/v1/resource/{}", writing, &post_resource},
      {"DELETE", "/v1/resource/{}", writing, &delete_resources},
      {"GET", "/v1/resource/{}/{}", reading, &get_resource},
      {"PATCH", "/v1/resource/{}/{}", writing, &patch_resource},
      {"DELETE", "/v1/resource/{}/{}", removing, &delete_resource},
      {"GET", "/v1/resource/{}/{}/history", reading, &resource_history},
      {"GET", "/v1/resource/{}/{}/metric", reading, &list_resource_metrics},
      {"POST", "/v1/resource/{}/{}/metric", writing, &post_resource_metrics},
      {"GET", "/v1/resource/{}/{}/metric/{}", reading, &get_resource_metric},
      {"DELETE", "/v1/resource/{}/{}/metric/{}", removing, &delete_resource_metric},
      {"GET", "/v1/resource/{}/{}/metric/{}/measures", reading, &get_resource_measures},
      {"POST", "/v1/resource/{}/{}/metric/{}/measures", writing, &post_resource_measures},
      {"POST", "/v1/search/resource/{}", query, &search_resources},
      {"POST", "/v1/search/metric", query, &search_metrics},
      {"POST", "/v1/aggregates", query, &post_aggregates},
      {"GET", "/v1/aggregation/metric", reading, &aggregate_metrics},
      {"POST", "/v1/aggregation/metric", query, &aggregate_metrics},
      {"POST", "/v1/aggregation/resource/{}/metric/{}", query, &aggregate_resources},
      {"", "/v1/aggregation/resource/{}/metric", reading, &aggregate_resources},
      {"POST", "/v1/import", writing, &import_things},
      {"GET", "/v1/influxdb/ping", nothing, &influxdb_ping},
      {"POST", "/v1/influxdb/query", raw_writing, &influxdb_query},
      {"POST", "/v1/influxdb/write", raw_writing, &influxdb_write},
      {"POST", "/v1/prometheus/write", raw_writing, &prometheus_write},
  };
  return all;
}

std::vector<std::string_view> pieces_of(std::string_view path) {
  std::vector<std::string_view> pieces;
  for (const auto piece : split(path, '/'))
    if (!piece.empty()) pieces.push_back(piece);
  return pieces;
}

bool fits(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
  return std::ranges::equal(pattern, path, [](auto want, auto have) { return want == "{}" || want == have; });
}

Outcome<void> check_media_types(const net::Request& request, Needs needs) {
  using enum Needs;
  if (needs == nothing || needs == raw_writing) return {};
  if (!accepts(request.headers.get("Accept"), "application/json")) return Failure(Problem(406, nullptr));
  if (needs != query && needs != writing && needs != patching) return {};
  std::string_view type = request.headers.get("Content-Type");
  if (type.empty() && request.body.empty()) return {};
  type = trim(type.substr(0, type.find(';')));
  if (iequals(type, needs == patching ? "application/json-patch+json" : "application/json")) return {};
  return Failure(Problem(415, nullptr));
}

Outcome<void> check_rights(const Identity& who, Needs needs) {
  using enum Needs;
  const bool writes = needs != reading && needs != query;
  if (writes ? !who.writes : !who.reads) return denied();
  return {};
}

/// The value of one parameter of the first element of RFC 7239's Forwarded.
std::string forwarded(std::string_view header, std::string_view name) {
  for (const auto pair : split(header.substr(0, header.find(',')), ';')) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !iequals(trim(pair.substr(0, equals)), name)) continue;
    auto value = trim(pair.substr(equals + 1));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

/// What clients put before a path to reach it.
std::string base_url(const net::Request& request, std::string_view prefix, bool behind_proxy) {
  std::string scheme = request.secure ? "https" : "http";
  std::string host(request.headers.get("Host"));
  std::string before;
  if (behind_proxy) {
    const auto take = [&](std::string& to, std::string value) {
      if (!value.empty()) to = std::move(value);
    };
    const auto header = request.headers.get("Forwarded");
    const auto first = [&](std::string_view name) {
      const auto values = request.headers.get(name);
      return std::string(trim(values.substr(0, values.find(','))));
    };
    take(scheme, header.empty() ? first("X-Forwarded-Proto") : forwarded(header, "proto"));
    take(host, header.empty() ? first("X-Forwarded-Host") : forwarded(header, "host"));
    before = first("X-Forwarded-Prefix");
    while (before.ends_with('/')) before.pop_back();
  }
  return scheme + "://" + host + before + std::string(prefix);
}

constexpr std::string_view kCorsHeaders =
    "Authorization, Content-Type, X-Auth-Token, X-Subject-Token, X-User-Id, X-Domain-Id, X-Project-Id, "
    "X-Roles";

}  // namespace

struct Door::Impl {
  Impl(Context& context, catalog::ResourceRegistry& resources, Options given)
      : server(context), registry(resources), options(std::move(given)), identifier(server, options) {
    for (const Route& route : routes()) patterns.push_back(pieces_of(route.pattern));
  }

  bool allows(std::string_view origin) const {
    const auto& allowed = options.allowed_origins;
    return !origin.empty() &&
           std::ranges::any_of(allowed, [&](const auto& one) { return one == origin || one == "*"; });
  }
  Reply preflight(const net::Request& request, std::string_view origin) const;
  Outcome<const Route*> find(const net::Request& request, std::vector<std::string>& names) const;
  void run(net::Request& request, std::string_view prefix, Finish finish);
  void ensure_built_in(const Call& call);

  Context& server;
  catalog::ResourceRegistry& registry;
  const Options options;
  Identifier identifier;
  std::vector<std::vector<std::string_view>> patterns;  ///< of routes()[i]
  Mutex mutex;
  std::set<AccountId> prepared SENT_GUARDED_BY(mutex);  ///< accounts that have had their built-in policies
};

Reply Door::Impl::preflight(const net::Request& request, std::string_view origin) const {
  Reply reply = empty_answer(200);
  const auto method = request.headers.get("Access-Control-Request-Method");
  constexpr std::array<std::string_view, 5> kMethods{"GET", "PUT", "POST", "DELETE", "PATCH"};
  if (!allows(origin) || std::ranges::find(kMethods, method) == kMethods.end()) return reply;
  reply.headers.set("Access-Control-Allow-Origin", origin);
  reply.headers.set("Access-Control-Allow-Methods", method);
  reply.headers.set("Access-Control-Allow-Headers", kCorsHeaders);
  reply.headers.set("Access-Control-Max-Age", "3600");
  reply.headers.set("Vary", "Origin");
  return reply;
}

Outcome<const Route*> Door::Impl::find(const net::Request& request, std::vector<std::string>& names) const {
  const auto path = pieces_of(request.path);
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  bool other_method = false;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    if (!fits(patterns[i], path)) continue;
    const Route& route = routes()[i];
    if (route.method != method) {
      other_method = true;
      continue;
    }
    for (std::size_t k = 0; k < path.size(); ++k)
      if (patterns[i][k] == "{}") names.emplace_back(path[k]);
    return &route;
  }
  // Searches are no things: there is nothing to GET.
  const bool searching = path.size() > 1 && path[1] == "search";
  return Failure(Problem(other_method && !searching ? 405 : 404, nullptr));
}

void Door::Impl::run(net::Request& request, std::string_view prefix, Finish finish) {
  request.path.erase(0, prefix.size());
  std::vector<std::string> names;
  const auto route = find(request, names);
  if (!route) return finish(Failure(route.error()));
  Identity who;
  if ((*route)->needs != Needs::nothing) {
    auto identity = identifier.identify(request);
    if (!identity) return finish(Failure(std::move(identity).error()));
    who = *std::move(identity);
    if (const auto allowed = check_rights(who, (*route)->needs); !allowed)
      return finish(Failure(allowed.error()));
  }
  if (const auto fit = check_media_types(request, (*route)->needs); !fit) return finish(Failure(fit.error()));
  Call call{server,
            registry,
            options,
            request,
            std::move(who),
            Parameters(request.query),
            base_url(request, prefix, options.proxy_headers),
            std::move(names),
            server.clock.now()};
  if ((*route)->needs != Needs::nothing) ensure_built_in(call);
  if (const auto* async = std::get_if<AsyncHandler>(&(*route)->handler))
    return (*async)(call, std::move(finish));
  finish(std::get<SyncHandler>((*route)->handler)(call));
}

void Door::Impl::ensure_built_in(const Call& call) {
  if (!options.built_in_policies) return;
  Lock lock(mutex);
  if (!prepared.insert(call.account()).second) return;
  if (const auto put = put_built_in_policies(server.database, registry, call.account(), options); !put)
    log::error("api.gnocchi", "the built-in policies could not be made: {}", describe(put.error()));
}

Door::Door(Context& server, catalog::ResourceRegistry& registry, Options options)
    : impl_(std::make_unique<Impl>(server, registry, std::move(options))) {}
Door::~Door() = default;

void Door::handle(net::Request request, std::string_view prefix, net::Respond respond) {
  const std::string origin(request.headers.get("Origin"));
  if (request.method == "OPTIONS") return respond(impl_->preflight(request, origin));
  // Shared, because a handler may have taken it along before it throws.
  struct Exchange {
    net::Respond respond;
    std::string accept, origin;
    std::atomic<bool> answered = false;
  };
  auto exchange = std::make_shared<Exchange>();
  exchange->respond = std::move(respond);
  exchange->accept = request.headers.get("Accept");
  exchange->origin = impl_->allows(origin) ? origin : std::string();
  const auto finish = [exchange](Outcome<Reply> outcome) {
    if (exchange->answered.exchange(true)) return;
    Reply reply = outcome ? *std::move(outcome) : render(outcome.error(), exchange->accept);
    if (!exchange->origin.empty()) {
      reply.headers.set("Access-Control-Allow-Origin", exchange->origin);
      reply.headers.set("Access-Control-Expose-Headers", "Link, Location, ETag");
      reply.headers.set("Vary", "Origin");
    }
    exchange->respond(std::move(reply));
  };
  try {
    impl_->run(request, prefix, finish);
  } catch (const std::exception& error) {
    log::error("api.gnocchi", "{} {}: exception: {}", request.method, request.path, error.what());
    finish(Failure(Problem(500, "the server failed to do this; its log says why")));
  }
}

}  // namespace sentinella::api::gnocchi
