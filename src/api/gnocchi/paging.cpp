#include "api/gnocchi/paging.h"

#include <map>

#include "base/text.h"

namespace sentinella::api::gnocchi {
namespace {

Outcome<SortKey> read_key(const std::string& text, const std::function<bool(const std::string&)>& known) {
  const auto colon = text.find(':');
  SortKey key{text.substr(0, colon), false, std::nullopt};
  if (!known(key.name))
    return refuse(400, "Invalid pagination: `Sort key supplied is invalid: {}'", key.name);
  if (colon == std::string::npos) return key;
  const std::string direction = to_lower(text.substr(colon + 1));
  const auto dash = direction.find('-');
  const std::string_view order = std::string_view(direction).substr(0, dash);
  const std::string_view nulls =
      dash == std::string::npos ? "" : std::string_view(direction).substr(dash + 1);
  key.descending = order == "desc";
  if (!nulls.empty()) key.nulls_first = nulls == "nullsfirst";
  if ((order != "asc" && order != "desc") ||
      (!nulls.empty() && nulls != "nullsfirst" && nulls != "nullslast"))
    return refuse(400, "Invalid pagination: `Unknown sort direction {}'", direction);
  return key;
}

std::string text_of(const SortKey& key) {
  std::string text = key.name + (key.descending ? ":desc" : ":asc");
  if (key.nulls_first) text += *key.nulls_first ? "-nullsfirst" : "-nullslast";
  return text;
}

}  // namespace

Outcome<PageRequest> read_page(const Call& call, const std::vector<std::string>& usual,
                               const std::function<bool(const std::string&)>& known) {
  PageRequest page{call.options.max_limit, call.query.first("marker"), {}};
  if (const auto limit = call.query.first("limit")) {
    const auto number = parse_uint(*limit);
    if (!number || *number < 1)
      return refuse(400, "Invalid pagination: `limit {} is not a number from 1 on'", *limit);
    page.limit = std::min<std::size_t>(page.limit, *number);
  }
  auto sort = call.query.all("sort");
  if (sort.empty()) sort = usual;
  for (const auto& text : sort) {
    SENT_TRY_ASSIGN(auto key, read_key(text, known));
    page.sort.push_back(std::move(key));
  }
  return page;
}

std::weak_ordering compare_by(const SortKey& key, const catalog::AttributeValue& a,
                              const catalog::AttributeValue& b) {
  const bool no_a = std::holds_alternative<std::monostate>(a),
             no_b = std::holds_alternative<std::monostate>(b);
  if (no_a || no_b) {
    if (no_a && no_b) return std::weak_ordering::equivalent;
    return no_a == key.nulls_first.value_or(!key.descending) ? std::weak_ordering::less
                                                             : std::weak_ordering::greater;
  }
  return key.descending ? compare(b, a) : compare(a, b);
}

Failure unknown_marker(const std::string& marker) {
  return refuse(400, "Invalid pagination: `there is nothing with the marker {}'", marker);
}

void add_next_link(Reply& reply, const Call& call, const PageRequest& page, const std::string& marker) {
  std::multimap<std::string, std::string> parameters;
  for (const auto& [name, value] : call.query.pairs())
    if (name != "limit" && name != "marker" && name != "sort") parameters.emplace(name, value);
  parameters.emplace("limit", std::to_string(page.limit));
  parameters.emplace("marker", marker);
  for (const SortKey& key : page.sort) parameters.emplace("sort", text_of(key));
  std::string query;
  for (const auto& [name, value] : parameters)
    query += (query.empty() ? "" : "&") + net::percent_encode(name) + "=" + net::percent_encode(value);
  std::string path;
  for (const auto piece : split(call.request.path, '/'))
    if (!piece.empty()) path += "/" + net::percent_encode(piece);
  reply.headers.set("Link", "<" + call.base + path + "?" + query + ">; rel=\"next\"");
}

}  // namespace sentinella::api::gnocchi
