#include "agent/plugin/declared_run.h"

#include <algorithm>
#include <optional>

#include "agent/collect/database_query.h"
#include "agent/collect/json_fields.h"
#include "agent/collect/sources.h"
#include "base/crypto.h"
#include "base/text.h"
#include "codec/exposition_reader.h"
#include "net/http_client.h"

namespace sentinella::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxBody = 4 << 20;
constexpr std::size_t kMaxElements = 5000;

/// A number, true and false, or a text that is a number.
std::optional<double> figure_at(const json::value& root, std::string_view path) {
  const json::value* value = value_at(root, path);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool() ? 1 : 0;
  if (value->is_string()) return parse_double(std::string_view(value->get_string()));
  return value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

std::string text_at(const json::value& root, std::string_view path) {
  const json::value* value = value_at(root, path);
  if (!value || value->is_null()) return "";
  return value->is_string() ? std::string(value->get_string()) : json::serialize(*value);
}

void read_element(const HttpCall& call, const json::value& element, const std::vector<Label>& ours, Time now,
                  PluginOutput& out) {
  std::vector<Label> labels;
  for (const auto& [name, path] : call.labels) labels.push_back({name, text_at(element, path)});
  for (const auto& [name, path] : call.metrics)
    add_plugin_sample(out, name, labels, ours, figure_at(element, path), now);
}

}  // namespace

Result<PluginOutput> read_http_json(const HttpCall& call, std::string_view body,
                                    const std::vector<Label>& labels, Time now) {
  SENT_TRY_ASSIGN(const json::value root, parse_json(trim(body)));
  PluginOutput out;
  if (call.each.empty()) {
    read_element(call, root, labels, now, out);
    return out;
  }
  const json::value* list = call.each == "." ? &root : value_at(root, call.each);
  if (!list || !list->is_array()) return fail(Errc::kInvalid, "the answer has no list {}", call.each);
  const json::array& elements = list->get_array();
  for (std::size_t i = 0; i < std::min(elements.size(), kMaxElements); ++i)
    read_element(call, elements[i], labels, now, out);
  if (elements.size() > kMaxElements) {
    out.refused += elements.size() - kMaxElements;
    out.reason = fmt::format("{} has more than {} elements", call.each, kMaxElements);
  }
  return out;
}

Result<PluginOutput> read_exposition(std::string_view body, bool openmetrics, const std::vector<Label>& ours,
                                     Time now) {
  codec::ExpositionReader reader;
  codec::Exposition exposition;
  SENT_TRY(reader.read(
      body, openmetrics ? codec::ExpositionFormat::openmetrics : codec::ExpositionFormat::text, exposition));
  PluginOutput out;
  out.refused = exposition.refused;
  if (!exposition.faults.empty()) out.reason = std::string(exposition.faults[0].reason);
  for (const codec::ExpositionValue& value : exposition.values) {
    const auto& labels = exposition.fresh.at(value.series).labels;
    if (out.samples.size() == kMaxPluginSamples) {
      ++out.refused;
      out.reason = fmt::format("more than {} samples", kMaxPluginSamples);
      continue;
    }
    std::vector<Label> all;
    for (const Label& label : labels)
      if (!label.value.empty()) all.push_back(label);
    all.insert(all.end(), ours.begin(), ours.end());
    out.samples.push_back({Labels(std::move(all)), reader.kind(value.series), {{now, value.value}}});
  }
  return out;
}

Result<PluginOutput> run_http(const HttpCall& call, const std::vector<Label>& labels, Time now,
                              Duration limit) {
  net::HttpClient client({.ca_file = call.at.ca_file, .verify = call.at.verify});
  net::ClientRequest request;
  request.url = call.at.url;
  request.timeout = limit;
  request.max_response_bytes = kMaxBody;
  request.headers.set("Accept",
                      call.openmetrics ? "application/openmetrics-text, text/plain" : "application/json");
  if (!call.at.user.empty()) {
    SENT_TRY_ASSIGN(const std::string password, password_of(call.at));
    request.headers.set("Authorization", "Basic " + to_base64(call.at.user + ":" + password));
  }
  SENT_TRY_ASSIGN(const net::Response response, client.send(request));
  if (response.status != 200) return fail(Errc::kUnavailable, "{} answers {}", call.at.url, response.status);
  if (!call.openmetrics) return read_http_json(call, response.body, labels, now);
  const bool strict = response.headers.get("Content-Type").contains("openmetrics");
  return read_exposition(response.body, strict, labels, now);
}

PluginOutput read_rows(const SqlCall& call, const DatabaseRows& result, const std::vector<Label>& ours,
                       Time now) {
  PluginOutput out;
  for (const DatabaseRow& row : result.rows) {
    if (row.size() != call.columns.size()) {
      if (out.refused++ == 0)
        out.reason = fmt::format("a row has {} columns, and {} are named", row.size(), call.columns.size());
      continue;
    }
    std::vector<Label> labels;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (call.is_label[i]) labels.push_back({call.columns[i], row[i]});
    // NULL is no figure, and no mistake.
    for (std::size_t i = 0; i < row.size(); ++i)
      if (!call.is_label[i] && !row[i].empty())
        add_plugin_sample(out, call.columns[i], labels, ours, parse_double(row[i]), now);
  }
  if (const auto complete = result.complete(); !complete) {
    out.refused += result.left_out;
    out.reason = complete.error().message;
  }
  return out;
}

Result<PluginOutput> run_sql(const SqlCall& call, const std::vector<Label>& labels, Time now,
                             Duration limit) {
  SENT_TRY_ASSIGN(const auto rows, query_database(call.at, call.query, limit));
  return read_rows(call, rows, labels, now);
}

}  // namespace sentinella::agent
