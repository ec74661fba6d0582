// Method and path -> handler. Checks who calls and whether they may before a handler sees the request, and
// renders errors, so that no handler can forget either.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "api/context.h"
#include "api/warm_callers.h"
#include "net/http.h"

namespace sentinella::api {

class StaticFiles;

/// Who may call a route. Agents pass `sender` only; each role may what the ones before it may.
enum class Access : std::uint8_t {
  open,    ///< anybody
  sender,  ///< agents; users and keys from operator on
  viewer,
  responder,
  operator_,
  admin,
  server_admin,
};
std::string_view to_string(Access access);

/// Runs on a worker thread; returns the answer.
using SyncHandler = Result<Reply> (*)(RequestContext&);
/// Answers later, from any thread. The RequestContext is gone when it returns.
using AsyncHandler = void (*)(RequestContext&, Answer);

struct Route {
  std::string_view method;
  std::string_view pattern;  ///< "/api/v1/alerts/{id}": a {name} matches one non-empty segment
  Access access = Access::viewer;
  std::variant<SyncHandler, AsyncHandler> handler;
  /// The handler does not wait, for a disk or for long, when the body is small.
  bool quick = false;
};

/// Thread-safe. HEAD is answered as GET; the server leaves the body out.
class Router {
 public:
  /// `files` answers GET of every path that belongs to no other door; may be null. All must outlive the
  /// router.
  Router(Context& context, std::vector<Route> routes, const StaticFiles* files);

  /// Gives all paths under `prefix` to a door that answers for itself, errors included. Before the first
  /// request.
  void mount(std::string prefix, net::Handler door) {
    mounts_.emplace_back(std::move(prefix), std::move(door));
  }

  /// A net::Handler. `respond` is called exactly once, also when a handler throws.
  void handle(net::Request request, net::Respond respond);
  /// For net::ListenOptions::quick: handle() will not wait. True of small requests to quick routes whose
  /// credentials were good a moment ago.
  bool quick(const net::Request& request) const;

 private:
  struct Match {
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> values;
    std::string allow;  ///< methods of the path when only the method differs
  };
  Match find(const net::Request& request) const;
  const net::Handler* mounted(const net::Request& request) const;
  const Route* find_literal(const net::Request& request) const;
  Result<void> identify(RequestContext& call, bool quick);
  Result<void> authorize(RequestContext& call, const Route& route);
  void run(const Route& route, RequestContext& call, Answer answer);
  Reply without_route(const net::Request& request, const std::string& allow,
                      const std::string& request_id) const;

  Context& context_;
  std::vector<Route> routes_;
  std::vector<std::vector<std::string_view>> segments_;              ///< of routes_[i].pattern
  std::unordered_multimap<std::string_view, const Route*> literal_;  ///< routes without {names}, by pattern
  WarmCallers warm_;
  std::vector<std::pair<std::string, net::Handler>> mounts_;
  const StaticFiles* files_;
};

}  // namespace sentinella::api
