#include "server/cli/query_text.h"

#include <algorithm>
#include <map>
#include <set>

#include "api/parameters.h"
#include "base/text.h"
#include "net/http.h"
#include "server/cli/chart.h"
#include "server/cli/table.h"

namespace sentinella::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kChartWidth = 90;
constexpr std::size_t kChartHeight = 17;
constexpr std::size_t kStepTableSeries = 6;  ///< more do not fit beside each other
constexpr std::int64_t kDefaultSteps = 60;

/// Seconds with milliseconds, as the API takes them.
Result<double> seconds_of(const std::string& text, Time now, std::string_view option) {
  if (const auto number = parse_double(text)) return *number;
  SENT_TRY_ASSIGN(const Time time, api::parse_when(text.empty() ? "now" : text, now, option));
  const std::int64_t ms = time.ns / 1'000'000;
  return static_cast<double>(ms) / 1000;
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

std::string when(const json::value& seconds) {
  return to_rfc3339(Time{static_cast<std::int64_t>(seconds.to_number<double>() * 1000) * 1'000'000});
}

/// metric{label="value"}.
std::string name_of(const json::object& labels) {
  std::vector<Label> list;
  for (const auto& [name, value] : labels) list.push_back({name, std::string(value.as_string())});
  const auto text = Labels(std::move(list)).to_string();
  return text.empty() ? "{}" : text;
}

/// Every label a column, `extra` columns after them.
std::string label_table(const json::array& series, const std::vector<std::string>& extra,
                        const std::function<void(json::object& row, const json::object& series)>& fill) {
  std::set<std::string> names;
  for (const auto& one : series)
    for (const auto& [name, value] : one.as_object().at("metric").as_object()) names.insert(name);
  std::vector<std::string> columns(names.begin(), names.end());
  columns.insert(columns.end(), extra.begin(), extra.end());
  json::array rows;
  for (const auto& one : series) {
    json::object row = one.as_object().at("metric").as_object();
    fill(row, one.as_object());
    rows.push_back(std::move(row));
  }
  return format_table(rows, columns);
}

std::string vector_table(const json::array& series) {
  return label_table(series, {"VALUE"}, [](json::object& row, const json::object& one) {
    row["VALUE"] = one.at("value").as_array()[1];
  });
}

std::string step_table(const json::array& series) {
  std::map<double, json::object> rows;
  std::vector<std::string> columns{"TIME"};
  for (const auto& one : series) {
    columns.push_back(name_of(one.as_object().at("metric").as_object()));
    for (const auto& point : one.as_object().at("values").as_array()) {
      json::object& row = rows[point.as_array()[0].to_number<double>()];
      row["TIME"] = when(point.as_array()[0]);
      row[columns.back()] = point.as_array()[1];
    }
  }
  json::array list;
  for (auto& [time, row] : rows) list.push_back(std::move(row));
  return format_table(list, columns);
}

std::vector<std::pair<double, double>> points_of(const json::object& series) {
  std::vector<std::pair<double, double>> points;
  for (const auto& point : series.at("values").as_array())
    points.emplace_back(point.as_array()[0].to_number<double>(),
                        parse_double(text_of(point.as_array()[1])).value_or(0));
  return points;
}

std::string summary_table(const json::array& series) {
  return label_table(series, {"POINTS", "MIN", "MAX", "LAST"},
                     [](json::object& row, const json::object& one) {
                       const auto points = points_of(one);
                       const auto [least, most] =
                           std::ranges::minmax_element(points, {}, &std::pair<double, double>::second);
                       row["POINTS"] = points.size();
                       row["MIN"] = fmt::format("{:g}", least->second);
                       row["MAX"] = fmt::format("{:g}", most->second);
                       row["LAST"] = fmt::format("{:g}", points.back().second);
                     });
}

}  // namespace

Result<std::string> query_path(const QueryOptions& options, Time now) {
  const auto query = "query=" + net::percent_encode(options.expression);
  const bool range =
      options.chart || !options.from.empty() || !options.until.empty() || !options.step.empty();
  if (range && !options.at.empty())
    return fail_field(Errc::kInvalid, "--at",
                      "is one instant; it does not go with --from, --until, --step, --chart");
  if (!range) {
    SENT_TRY_ASSIGN(const double at, seconds_of(options.at, now, "--at"));
    return fmt::format("/prometheus/api/v1/query?{}&time={:.3f}", query, at);
  }
  SENT_TRY_ASSIGN(const double from,
                  seconds_of(options.from.empty() ? "now-1h" : options.from, now, "--from"));
  SENT_TRY_ASSIGN(const double until, seconds_of(options.until, now, "--until"));
  const auto step = options.step.empty()
                        ? fmt::format("{:.3f}", std::max(0.001, (until - from) / kDefaultSteps))
                        : net::percent_encode(options.step);
  return fmt::format("/prometheus/api/v1/query_range?{}&start={:.3f}&end={:.3f}&step={}", query, from, until,
                     step);
}

std::string format_answer(const json::object& answer, bool chart) {
  const auto& data = answer.at("data").as_object();
  const std::string_view type = data.at("resultType").as_string();
  const auto& result = data.at("result").as_array();
  if (type == "scalar" || type == "string") return text_of(result[1]) + "\n";
  if (result.empty()) return "nothing matches\n";
  if (type == "vector") return vector_table(result);
  if (chart) {
    std::vector<ChartLine> lines;
    for (const auto& one : result)
      lines.push_back({name_of(one.as_object().at("metric").as_object()), points_of(one.as_object())});
    return draw_chart(lines, kChartWidth, kChartHeight);
  }
  return result.size() <= kStepTableSeries ? step_table(result) : summary_table(result);
}

}  // namespace sentinella::server
