#include "api/router.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <memory>

#include "api/audit.h"
#include "api/cross_origin.h"
#include "api/http_errors.h"
#include "api/ui/static_files.h"
#include "base/crypto.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace sentinella::api {
namespace {

constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'";

constexpr std::size_t kQuickQueryBytes = 2u << 10;
constexpr std::size_t kQuickBodyBytes = 256u << 10;
constexpr std::size_t kQuickPackedBytes = 16u << 10;

/// Paths that are never a page of the UI.
constexpr std::string_view kProgramDoors[] = {"/api",        "/otlp",   "/influxdb",
                                              "/prometheus", "/alerta", "/alertmanager"};

/// Different for every request of every run; no secret.
std::string new_request_id() {
  static const std::string run = random_bytes(8);
  static std::atomic<std::uint64_t> count = 0;
  const std::uint64_t number = ++count;
  std::string bytes(2 * sizeof number, '\0');
  const std::uint64_t mixed = hash64({reinterpret_cast<const char*>(&number), sizeof number}, hash64(run));
  std::memcpy(bytes.data(), &mixed, sizeof mixed);
  std::memcpy(bytes.data() + sizeof mixed, &number, sizeof number);
  return to_hex(bytes);
}

/// The caller's own id when it is harmless in a log line, so that a trace runs through; else one of ours.
std::string choose_request_id(const net::Request& request) {
  const std::string_view given = request.headers.get("X-Request-ID");
  const auto harmless = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  if (given.size() >= 8 && given.size() <= 64 && std::ranges::all_of(given, harmless))
    return std::string(given);
  return new_request_id();
}

void add_common_headers(Reply& reply, const std::string& request_id, bool secure) {
  auto& headers = reply.headers;
  const bool bare = headers.begin() == headers.end();  // as most answers to senders are
  const auto set = [&](std::string_view name, std::string_view value) {
    bare ? headers.add(name, value) : headers.set(name, value);
  };
  set("X-Request-ID", request_id);
  if (reply.status != 204) {  // what has no content is no page
    set("X-Content-Type-Options", "nosniff");
    set("Content-Security-Policy", kContentSecurityPolicy);
    set("Referrer-Policy", "no-referrer");
    set("Cross-Origin-Opener-Policy", "same-origin");
    set("Cross-Origin-Resource-Policy", "same-origin");
  }
  if (secure) set("Strict-Transport-Security", "max-age=31536000");
  if (!headers.has("Cache-Control")) set("Cache-Control", "no-store");
}

/// Pieces of an absolute path; "/a/" has a last empty one, which no pattern has.
std::vector<std::string_view> segments_of(std::string_view path) {
  return split(path.substr(1), '/');
}

bool is_name(std::string_view segment) {
  return segment.starts_with('{');
}

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string_view>& path) {
  return std::ranges::equal(pattern, path, [](std::string_view want, std::string_view have) {
    return is_name(want) ? !have.empty() : want == have;
  });
}

Role role_of(Access access) {
  switch (access) {
    case Access::responder:
      return Role::responder;
    case Access::sender:
    case Access::operator_:
      return Role::operator_;
    case Access::admin:
    case Access::server_admin:
      return Role::admin;
    case Access::open:
    case Access::viewer:
      return Role::viewer;
  }
  return Role::admin;
}

/// What a request's answer passes through on its way out.
class Finisher : public std::enable_shared_from_this<Finisher> {
 public:
  Finisher(net::Respond respond, const Context& context, std::string request_id, const net::Request& request)
      : respond_(std::move(respond)),
        context_(context),
        request_id_(std::move(request_id)),
        secure_(request.secure),
        origin_(context.ui_origins.empty() ? "" : request.headers.get("Origin")),
        form_(error_form_of(request.path)),
        what_(request.method + " " + request.path) {}

  /// The first call answers; later ones do nothing.
  void operator()(Result<Reply> result) {
    if (answered_.exchange(true)) return;
    if (!result || !result->later) return respond_(complete(std::move(result)));
    Reply promise;
    promise.later = [self = shared_from_this(), later = std::move(result->later)](auto abandoned) {
      return self->complete(later(std::move(abandoned)));
    };
    respond_(std::move(promise));
  }

 private:
  Reply complete(Result<Reply> result) {
    if (!result && http_status(result.error().code) == 500)
      log::error("api", "[{}] {}: {}", request_id_, what_, describe(result.error()));
    Reply reply = result ? std::move(*result) : error_response(result.error(), request_id_, form_);
    add_common_headers(reply, request_id_, secure_);
    allow_origin(reply, origin_, context_.ui_origins);
    (*context_.answers)[static_cast<std::size_t>(std::clamp(reply.status / 100, 1, 5))]++;
    return reply;
  }

  net::Respond respond_;
  const Context& context_;
  std::string request_id_;
  bool secure_;
  std::string origin_;
  ErrorForm form_;
  std::string what_;
  std::atomic<bool> answered_ = false;
};

}  // namespace

std::string_view to_string(Access access) {
  switch (access) {
    case Access::open:
      return "open";
    case Access::sender:
      return "sender";
    case Access::viewer:
      return "viewer";
    case Access::responder:
      return "responder";
    case Access::operator_:
      return "operator";
    case Access::admin:
      return "admin";
    case Access::server_admin:
      return "server_admin";
  }
  return "server_admin";
}

const std::string& RequestContext::path_value(std::string_view name) const {
  static const std::string none;
  const auto found =
      std::ranges::find(path_values, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == path_values.end() ? none : found->second;
}

Router::Router(Context& context, std::vector<Route> routes, const StaticFiles* files)
    : context_(context), routes_(std::move(routes)), files_(files) {
  for (const auto& route : routes_) {
    segments_.push_back(segments_of(route.pattern));
    if (!route.pattern.contains('{')) literal_.emplace(route.pattern, &route);
  }
}

const Route* Router::find_literal(const net::Request& request) const {
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  const auto [first, last] = literal_.equal_range(request.path);
  const auto found = std::find_if(first, last, [&](const auto& at) { return at.second->method == method; });
  return found == last ? nullptr : found->second;
}

bool Router::quick(const net::Request& request) const {
  const Route* const route = find_literal(request);
  if (route == nullptr || !route->quick) return false;
  // What is packed may be a thousand times as much.
  const auto coding = request.headers.get("Content-Encoding");
  const bool plain = coding.empty() || iequals(coding, "identity") || iequals(coding, "snappy");
  return request.query.size() <= kQuickQueryBytes &&
         request.body.size() <= (plain ? kQuickBodyBytes : kQuickPackedBytes) &&
         warm_.find(request.headers.get("Authorization"), context_.clock.now()) != nullptr;
}

Router::Match Router::find(const net::Request& request) const {
  Match match;
  match.route = find_literal(request);
  if (match.route != nullptr || !request.path.starts_with('/')) return match;
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  const auto path = segments_of(request.path);
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    if (!matches(segments_[i], path)) continue;
    if (routes_[i].method != method) {
      match.allow += (match.allow.empty() ? "" : ", ") + std::string(routes_[i].method);
      continue;
    }
    match.route = &routes_[i];
    for (std::size_t k = 0; k < path.size(); ++k)
      if (const auto name = segments_[i][k]; is_name(name))
        match.values.emplace_back(name.substr(1, name.size() - 2), path[k]);
    return match;
  }
  return match;
}

const net::Handler* Router::mounted(const net::Request& request) const {
  for (const auto& [prefix, door] : mounts_)
    if (request.path.starts_with(prefix) &&
        (request.path.size() == prefix.size() || request.path[prefix.size()] == '/'))
      return &door;
  return nullptr;
}

/// Only quick routes take a caller of a moment ago: all others ask who that is now.
Result<void> Router::identify(RequestContext& call, bool quick) {
  const auto authorization = call.request.headers.get("Authorization");
  const Time now = context_.clock.now();
  if (const auto warm = quick ? warm_.find(authorization, now) : nullptr) {
    call.caller = *warm;
    return {};
  }
  SENT_TRY_ASSIGN(call.caller, context_.authenticator.authenticate(call.request));
  if (quick) warm_.remember(authorization, call.caller, now);
  return {};
}

Result<void> Router::authorize(RequestContext& call, const Route& route) {
  const Access access = route.access;
  if (access == Access::open) return {};
  SENT_TRY(identify(call, route.quick));
  if (call.caller.kind == Caller::Kind::agent) {
    if (access == Access::sender) return {};
    return fail(Errc::kForbidden, "an agent's credentials only send data; this needs a user or an API key");
  }
  SENT_TRY(auth::require_role(call.caller, role_of(access)));
  if (access == Access::server_admin && !call.caller.server_admin)
    return fail(Errc::kForbidden, "only an administrator of the server may do this");
  return {};
}

void Router::run(const Route& route, RequestContext& call, Answer answer) {
  if (const auto* async = std::get_if<AsyncHandler>(&route.handler))
    (*async)(call, std::move(answer));
  else
    answer(std::get<SyncHandler>(route.handler)(call));
}

Reply Router::without_route(const net::Request& request, const std::string& allow,
                            const std::string& request_id) const {
  const ErrorForm form = error_form_of(request.path);
  if (!allow.empty()) return method_not_allowed(request.method, allow, request_id, form);
  const auto within = [&](std::string_view door) {
    return request.path.starts_with(door) &&
           (request.path.size() == door.size() || request.path[door.size()] == '/');
  };
  const bool for_programs = std::ranges::any_of(kProgramDoors, within);
  if (for_programs || files_ == nullptr) return no_such_path(request.path, request_id);
  if (request.method != "GET" && request.method != "HEAD")
    return method_not_allowed(request.method, "GET", request_id, form);
  if (auto file = files_->answer(request)) return *std::move(file);
  return no_such_path(request.path, request_id);
}

void Router::handle(net::Request request, net::Respond respond) {
  const auto request_id = choose_request_id(request);
  // Shared, because an asynchronous handler may have taken it along before it throws.
  const auto finish = std::make_shared<Finisher>(std::move(respond), context_, request_id, request);
  try {
    if (const auto* door = mounted(request))
      return (*door)(std::move(request),
                     [finish](net::Response response) { (*finish)(std::move(response)); });
    if (auto reply = preflight(request, context_.ui_origins)) return (*finish)(*std::move(reply));
    auto match = find(request);
    if (match.route == nullptr) return (*finish)(without_route(request, match.allow, request_id));
    RequestContext call{context_, std::move(request), {}, std::move(match.values), request_id};
    if (auto allowed = authorize(call, *match.route); !allowed)
      return (*finish)(std::unexpected(std::move(allowed).error()));
    Answer answer = [finish](Result<Reply> result) { (*finish)(std::move(result)); };
    if (auto act = act_of(*match.route, call)) answer = audited(context_, *std::move(act), std::move(answer));
    run(*match.route, call, std::move(answer));
  } catch (const std::exception& error) {
    (*finish)(fail(Errc::kInternal, "exception: {}", error.what()));
  }
}

}  // namespace sentinella::api
