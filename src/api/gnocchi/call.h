// One request on its way through a handler of this door.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/context.h"
#include "api/gnocchi/identity.h"
#include "api/gnocchi/json_text.h"
#include "api/gnocchi/options.h"
#include "api/gnocchi/problem.h"
#include "catalog/resource_registry.h"

namespace sentinella::api::gnocchi {

/// What stands behind '?'.
class Parameters {
 public:
  explicit Parameters(std::string_view query) : pairs_(net::parse_query(query)) {}
  std::optional<std::string> first(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  /// true, yes, on, t, y, 1 and their opposites. 400.
  Outcome<bool> flag(std::string_view name, bool fallback) const;
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct Call {
  Context& server;
  catalog::ResourceRegistry& registry;
  const Options& options;
  net::Request& request;
  Identity who;
  Parameters query;
  std::string base;                ///< "http://host:port/gnocchi": what Locations and links begin with
  std::vector<std::string> names;  ///< what the pattern's {} stand for
  Time now;

  AccountId account() const { return who.account; }
  catalog::RulesPtr rules() const { return registry.rules(who.account); }
  JsonText json() const { return JsonText(options.strict_json); }
  /// The body as JSON. 400.
  Outcome<boost::json::value> body() const;
  /// The same; an empty body is nothing.
  Outcome<std::optional<boost::json::value>> optional_body() const;
};

using Finish = std::move_only_function<void(Outcome<Reply>)>;

Reply json_answer(JsonText json, int status = 200);
/// 201 with Location: base + `path`, whose pieces must be encoded.
Reply created(const Call& call, const std::string& path, JsonText json);
Reply empty_answer(int status);

/// An edit of the caller's account (catalog/resource_registry.h), which a problem takes back.
Outcome<void> edit(const Call& call, const std::function<Outcome<void>(catalog::ResourceEdit&)>& work);

}  // namespace sentinella::api::gnocchi
