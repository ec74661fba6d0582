#include "server/cli/gnocchi_import.h"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <vector>

#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "net/http_client.h"

namespace sentinella::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostAnswer = 256u << 20;
constexpr std::size_t kMeasuresAtOnce = 50'000;
constexpr std::int64_t kLongestText = 255;  // of a string attribute; newer Gnocchis say 256
constexpr std::string_view kFirstPage = "sort=id:asc&limit=200";

std::string member_text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<json::array> parse_gnocchi_list(std::string_view text, std::string_view what) {
  SENT_TRY_ASSIGN(auto value, parse_json(text));
  if (!value.is_array()) return fail(Errc::kInvalid, "Gnocchi's {} are no list", what);
  return std::move(value.get_array());
}

/// The query part of <...>; rel="next".
std::string next_query(std::string_view link) {
  if (link.find("rel=\"next\"") == std::string_view::npos && link.find("rel=next") == std::string_view::npos)
    return {};
  const std::size_t query = link.find('?'), end = link.find('>');
  if (query == std::string_view::npos || end == std::string_view::npos || end < query) return {};
  return std::string(link.substr(query + 1, end - query - 1));
}

std::string complaint_of(const net::Response& response) {
  std::string text(response.body.substr(0, 300));
  std::ranges::replace(text, '\n', ' ');
  return to_valid_utf8(text);
}

/// Bare NaN and Infinity, which Gnocchi writes and JSON does not know, as null. Rows hold no other texts than
/// timestamps.
std::string with_nulls(std::string_view rows) {
  std::string out(rows);
  for (const std::string_view word : {"-Infinity", "Infinity", "NaN"})
    for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word, at))
      out.replace(at, word.size(), "null");
  return out;
}

/// One run of the import.
class Import {
 public:
  explicit Import(const GnocchiImport& given) : given_(given) {}

  Result<std::string> run() {
    SENT_TRY(read_state());
    if (phase_ == "rules") {
      SENT_TRY(take_rules());
      SENT_TRY(enter("resources"));
    }
    if (phase_ == "resources") {
      SENT_TRY(pages("/v1/resource/generic", "resources",
                     [&](const json::array& page) { return take_resources(page); }));
      SENT_TRY(enter("metrics"));
    }
    SENT_TRY(pages("/v1/metric", "metrics", [&](const json::array& page) { return take_metrics(page); }));
    std::error_code error;
    std::filesystem::remove(given_.state_file, error);
    std::string text = fmt::format("{} policies, rules and types, {} resources, {} metrics, {} measures\n",
                                   rules_, resources_, metrics_, measures_);
    if (skipped_ > 0)
      text += fmt::format("{} metrics came without measures: their policies keep only rates\n", skipped_);
    return text;
  }

 private:
  Result<void> read_state() {
    if (!std::filesystem::exists(given_.state_file)) return {};
    SENT_TRY_ASSIGN(const std::string text, read_file(given_.state_file, 1 << 20));
    SENT_TRY_ASSIGN(const auto state, parse_json_object(text));
    if (member_text(state, "source") != given_.source_name)
      return fail(Errc::kConflict, "{} is of an import from {}; remove it, or name another with --state",
                  given_.state_file.string(), member_text(state, "source"));
    phase_ = member_text(state, "phase");
    query_ = member_text(state, "query");
    return {};
  }

  Result<void> save(const std::string& phase, const std::string& query) {
    phase_ = phase;
    query_ = query;
    JsonWriter state;
    state.object().field("source", given_.source_name).field("phase", phase).field("query", query).end();
    return write_file_atomic(given_.state_file, state.str(), 0600);
  }
  Result<void> enter(const std::string& phase) { return save(phase, std::string(kFirstPage)); }

  /// Every page from where the state says, each given to `take`, which is done with it when it returns.
  template <typename Take>
  Result<void> pages(const std::string& path, std::string_view what, Take take) {
    while (!query_.empty()) {
      SENT_TRY_ASSIGN(const auto answer, given_.source("GET", path + "?" + query_, ""));
      SENT_TRY_ASSIGN(const json::array page, parse_gnocchi_list(answer.body, what));
      SENT_TRY(take(page));
      SENT_TRY(save(phase_, page.empty() ? std::string() : answer.next));
      given_.tell(fmt::format("{} resources, {} metrics, {} measures", resources_, metrics_, measures_));
    }
    return {};
  }

  Result<void> take_rules() {
    SENT_TRY(copy_list("/v1/archive_policy", [](const json::object& policy) {
      json::object out;
      for (const std::string_view name : {"name", "back_window", "aggregation_methods"})
        if (const auto* value = policy.if_contains(name)) out[name] = *value;
      json::array definition;
      if (const auto* items = policy.if_contains("definition"); items != nullptr && items->is_array())
        for (const json::value& item : items->get_array()) {
          if (!item.is_object()) continue;
          json::object one;
          // The timespan follows from the two.
          for (const std::string_view name : {"granularity", "points"})
            if (const auto* value = item.get_object().if_contains(name);
                value != nullptr && !value->is_null())
              one[name] = *value;
          definition.push_back(std::move(one));
        }
      out["definition"] = std::move(definition);
      return out;
    }));
    SENT_TRY(copy_list("/v1/resource_type", [](const json::object& type) {
      json::object out{{"name", member_text(type, "name")}};
      json::object attributes;
      if (const auto* all = type.if_contains("attributes"); all != nullptr && all->is_object())
        for (const auto& [name, value] : all->get_object()) {
          if (!value.is_object()) continue;
          json::object attribute = value.get_object();
          auto* longest = attribute.if_contains("max_length");
          if (longest != nullptr && longest->is_int64())
            *longest = std::min(longest->get_int64(), kLongestText);
          attributes[name] = std::move(attribute);
        }
      out["attributes"] = std::move(attributes);
      return out;
    }));
    return copy_list("/v1/archive_policy_rule", [](const json::object& rule) { return rule; });
  }

  /// Things that are there already are left as they are.
  template <typename Change>
  Result<void> copy_list(const std::string& path, Change change) {
    SENT_TRY_ASSIGN(const auto answer, given_.source("GET", path, ""));
    SENT_TRY_ASSIGN(const json::array all, parse_gnocchi_list(answer.body, path));
    for (const json::value& one : all) {
      if (!one.is_object()) return fail(Errc::kInvalid, "Gnocchi lists what is no object under {}", path);
      const auto made = given_.target("POST", path, json::serialize(change(one.get_object())));
      if (!made && made.error().code != Errc::kConflict)
        return fail(made.error().code, "cannot bring over \"{}\" of {}: {}",
                    member_text(one.get_object(), "name"), path, made.error().message);
      ++rules_;
    }
    return {};
  }

  Result<void> take_resources(const json::array& page) {
    json::array all;
    for (const json::value& resource : page) {
      if (!resource.is_object()) return fail(Errc::kInvalid, "Gnocchi lists a resource that is no object");
      const auto& object = resource.get_object();
      const std::string path = "/v1/resource/" + net::percent_encode(member_text(object, "type")) + "/" +
                               net::percent_encode(member_text(object, "id")) + "/history";
      json::array revisions;
      for (std::string query = "sort=revision_start:asc"; !query.empty();) {
        SENT_TRY_ASSIGN(auto answer, given_.source("GET", path + "?" + query, ""));
        SENT_TRY_ASSIGN(const json::array some, parse_gnocchi_list(answer.body, "revisions"));
        revisions.insert(revisions.end(), some.begin(), some.end());
        query = some.empty() ? std::string() : std::move(answer.next);
      }
      all.push_back(std::move(revisions));
    }
    const std::size_t count = all.size();
    SENT_TRY(
        given_.target("POST", "/v1/import", json::serialize(json::object{{"resources", std::move(all)}})));
    resources_ += count;
    return {};
  }

  Result<void> take_metrics(const json::array& page) {
    SENT_TRY(given_.target("POST", "/v1/import", json::serialize(json::object{{"metrics", page}})));
    std::string body;
    std::size_t in_body = 0;
    const auto send = [&]() -> Result<void> {
      if (body.empty()) return {};
      SENT_TRY(given_.target("POST", "/v1/batch/metrics/measures", "{" + body + "}"));
      body.clear();
      in_body = 0;
      return {};
    };
    for (const json::value& metric : page) {
      if (!metric.is_object()) return fail(Errc::kInvalid, "Gnocchi lists a metric that is no object");
      const auto& object = metric.get_object();
      ++metrics_;
      const std::string method = method_of(object), id = member_text(object, "id");
      if (method.empty()) {
        ++skipped_;
        continue;
      }
      // What metricd has not come to yet is computed now.
      SENT_TRY_ASSIGN(const auto answer, given_.source("GET",
                                                       "/v1/metric/" + net::percent_encode(id) +
                                                           "/measures?refresh=true&aggregation=" + method,
                                                       ""));
      std::size_t count = 0;
      SENT_TRY_ASSIGN(const std::string measures, measures_of_rows(answer.body, count));
      if (count == 0) continue;
      if (!body.empty()) body += ',';
      body += json::serialize(json::value(id)) + ':' + measures;
      in_body += count;
      measures_ += count;
      if (in_body >= kMeasuresAtOnce) SENT_TRY(send());
    }
    return send();
  }

  /// The aggregation that comes nearest to what was measured; "" = the policy keeps none such.
  static std::string method_of(const json::object& metric) {
    const auto* policy = metric.if_contains("archive_policy");
    const auto* methods = policy != nullptr && policy->is_object()
                              ? policy->get_object().if_contains("aggregation_methods")
                              : nullptr;
    if (methods == nullptr || !methods->is_array()) return "mean";
    for (const std::string_view name : {"mean", "last", "max", "min", "median", "first", "sum", "count"})
      for (const json::value& method : methods->get_array())
        if (method.is_string() && std::string_view(method.get_string()) == name) return std::string(name);
    return {};
  }

  const GnocchiImport& given_;
  std::string phase_ = "rules";
  std::string query_ = "-";
  std::size_t rules_ = 0, resources_ = 0, metrics_ = 0, measures_ = 0, skipped_ = 0;
};

}  // namespace

Result<std::string> measures_of_rows(std::string_view rows, std::size_t& count) {
  count = 0;
  SENT_TRY_ASSIGN(const json::array all, parse_gnocchi_list(with_nulls(rows), "measures"));
  struct Row {
    Time at;
    double value = 0;
  };
  std::map<double, std::vector<Row>> by_granularity;  // in seconds
  for (const json::value& row : all) {
    const auto* fields = row.if_array();
    if (fields == nullptr || fields->size() != 3 || !(*fields)[0].is_string() || !(*fields)[1].is_number())
      return fail(Errc::kInvalid, "Gnocchi gives a measure that is not [timestamp, granularity, value]");
    if (!(*fields)[2].is_number()) continue;
    SENT_TRY_ASSIGN(const Time at, parse_rfc3339(std::string_view((*fields)[0].get_string())));
    by_granularity[(*fields)[1].to_number<double>()].push_back({at, (*fields)[2].to_number<double>()});
  }
  std::vector<Row> chosen;
  Time finer{std::numeric_limits<std::int64_t>::max()};  // from here on there is something finer
  for (auto& [seconds, some] : by_granularity) {
    std::ranges::sort(some, {}, &Row::at);
    const auto span = static_cast<std::int64_t>(seconds * 1e9);
    for (const Row& row : some)
      if (row.at.ns <= finer.ns - span) chosen.push_back(row);
    if (!some.empty()) finer = std::min(finer, some.front().at);
  }
  std::ranges::sort(chosen, {}, &Row::at);
  JsonWriter out;
  out.array();
  for (const Row& row : chosen)
    out.object().field("timestamp", to_rfc3339(row.at)).field("value", row.value).end();
  out.end();
  count = chosen.size();
  return out.take();
}

GnocchiCall connect_gnocchi(const GnocchiAccess& access) {
  const auto client = std::make_shared<net::HttpClient>(net::TlsClientOptions{.ca_file = access.ca_file});
  return [client, access](const std::string& method, const std::string& path,
                          const std::string& body) -> Result<GnocchiAnswer> {
    net::ClientRequest request{.method = method, .url = access.url + path, .body = body};
    request.timeout = std::chrono::minutes(5);
    request.max_response_bytes = kMostAnswer;
    request.headers.set("Accept", "application/json");
    if (!body.empty()) request.headers.set("Content-Type", "application/json");
    if (!access.token.empty()) request.headers.set("X-Auth-Token", access.token);
    if (!access.key.empty()) request.headers.set("Authorization", "Bearer " + access.key);
    if (!access.user.empty()) {
      const std::string named = access.user.contains(':') ? access.user : access.user + ":";
      request.headers.set("Authorization", "Basic " + to_base64(named));
    }
    SENT_TRY_ASSIGN(net::Response response, client->send(request));
    if (response.status >= 400)
      return fail(response.status == 409                             ? Errc::kConflict
                  : response.status == 401 || response.status == 403 ? Errc::kUnauthorized
                  : response.status >= 500                           ? Errc::kUnavailable
                                                                     : Errc::kInvalid,
                  "{} answered {} to {} {}: {}", access.url, response.status, method, path,
                  complaint_of(response));
    return GnocchiAnswer{std::move(response.body), next_query(response.headers.get("Link"))};
  };
}

Result<std::string> import_gnocchi(const GnocchiImport& import) {
  return Import(import).run();
}

}  // namespace sentinella::server
