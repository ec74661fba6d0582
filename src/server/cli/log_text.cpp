#include "server/cli/log_text.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "logs/query/query_parser.h"
#include "model/log_record.h"
#include "net/event_stream.h"
#include "net/http.h"
#include "server/cli/chart.h"
#include "server/cli/table.h"

namespace sentinella::server {
namespace {

namespace json = boost::json;

constexpr std::string_view kRed = "\x1b[31m", kYellow = "\x1b[33m", kDim = "\x1b[2m", kPlain = "\x1b[0m";

/// A member's text: lines come from anywhere.
std::string printable(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? server::printable(std::string(value->get_string())) : "";
}

double number_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

Result<json::array> array_of(const json::value& answer, std::string_view name) {
  const auto* object = answer.if_object();
  const auto* value = object != nullptr ? object->if_contains(name) : nullptr;
  if (value == nullptr || !value->is_array())
    return fail(Errc::kCorrupt, "the server's answer has no \"{}\"", name);
  return value->get_array();
}

std::string painted(std::string text, const std::string& severity, bool colour) {
  if (!colour) return text;
  const auto level = parse_severity(severity).value_or(Severity::unspecified);
  const auto paint = level >= Severity::error                                     ? kRed
                     : level == Severity::warning                                 ? kYellow
                     : level != Severity::unspecified && level <= Severity::debug ? kDim
                                                                                  : std::string_view();
  return paint.empty() ? text : std::string(paint) + text + std::string(kPlain);
}

/// Further lines stand under the first one.
std::string indented(const std::string& text, std::size_t by) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(by, ' ');
  }
  return out;
}

std::string record_text(const json::object& record, const LogSearchOptions& options) {
  if (options.json) return json::serialize(record) + "\n";
  const std::string severity = printable(record, "severity");
  std::string body = printable(record, "message");
  if (const auto traceback = printable(record, "traceback"); !traceback.empty()) body += "\n" + traceback;
  return fmt::format("{} {} {} {} {}\n", printable(record, "time"), printable(record, "host"),
                     printable(record, "service"), painted(severity, severity, options.colour),
                     indented(body, 4));
}

std::string search_path(const LogSearchOptions& options, std::string_view door) {
  std::string path = fmt::format("/api/v1/logs/{}?q={}&from={}", door, net::percent_encode(options.query),
                                 net::percent_encode(options.from.empty() ? "now-1h" : options.from));
  if (!options.until.empty()) path += "&to=" + net::percent_encode(options.until);
  return path;
}

std::string records_text(const json::array& items, const LogSearchOptions& options) {
  std::string out;
  for (std::size_t i = items.size(); i-- > 0;)
    if (items[i].is_object()) out += record_text(items[i].get_object(), options);
  return out;
}

std::string counts_text(const json::array& values) {
  std::vector<double> counts;
  for (const auto& value : values) counts.push_back(value.is_number() ? value.to_number<double>() : 0);
  return draw_counts(counts);
}

Result<std::string> table_text(const json::value& answer, bool as_json) {
  if (as_json) return json::serialize(answer) + "\n";
  SENT_TRY_ASSIGN(const auto columns, array_of(answer, "columns"));
  SENT_TRY_ASSIGN(const auto rows, array_of(answer, "rows"));
  std::vector<std::string> names;
  for (const auto& column : columns)
    if (column.is_string()) names.emplace_back(column.get_string());
  // Of patterns what is long comes last, and what only programs want is left out.
  if (std::ranges::find(names, "trend") != names.end())
    names = {"count", "before", "change", "trend", "severity", "first", "last", "pattern"};
  json::array items;
  for (const auto& row : rows) {
    json::object item;
    for (std::size_t i = 0; row.is_array() && i < std::min(columns.size(), row.get_array().size()); ++i)
      if (columns[i].is_string()) item[columns[i].get_string()] = row.get_array()[i];
    for (const auto& name : names) {
      const auto* value = item.if_contains(name);
      if (value != nullptr && value->is_string()) item[name] = printable(item, name);
      if (value != nullptr && value->is_array()) item[name] = counts_text(value->get_array());
    }
    items.push_back(std::move(item));
  }
  return format_table(items, names);
}

std::string step_text(const json::object& step, const std::string& lane, std::size_t lane_width,
                      bool colour) {
  const std::string severity = printable(step, "severity");
  std::string line = fmt::format("{:>+10.0f} ms  {:<{}}  {:<8} {}", number_of(step, "gap_ms"), lane,
                                 lane_width, severity, indented(printable(step, "message"), lane_width + 26));
  const auto* first = step.if_contains("first_error");
  if (first != nullptr && first->is_bool() && first->get_bool()) line += "   <-- first error";
  if (const auto frame = printable(step, "last_frame"); !frame.empty())
    line += fmt::format("\n{:{}}{}", "", lane_width + 26, frame);
  return painted(line, severity, colour) + "\n";
}

/// Why the story is told from these lines; "" where the id says it all.
std::string start_text(const json::object& story) {
  const auto* start = story.if_contains("start");
  return start != nullptr && start->is_object() ? printable(start->get_object(), "why") : "";
}

std::string reasons_text(const json::object& story, const std::vector<std::string>& lanes) {
  std::string out;
  const auto* reasons = story.if_contains("lane_reasons");
  if (reasons == nullptr || !reasons->is_array()) return out;
  const auto& all = reasons->get_array();
  for (std::size_t i = 0; i < std::min(all.size(), lanes.size()); ++i)
    if (const auto reason = printable({{"reason", all[i]}}, "reason"); !reason.empty())
      out += fmt::format("  {}: {}\n", lanes[i], reason);
  return out;
}

}  // namespace

Result<std::string> search_log_text(const LogSearchOptions& options, const Fetch& fetch) {
  SENT_TRY_ASSIGN(const auto parsed, logs::parse_query(options.query));
  if (parsed.stage) {
    SENT_TRY_ASSIGN(const auto answer, fetch(search_path(options, "query")));
    return table_text(answer, options.json);
  }
  SENT_TRY_ASSIGN(const auto answer,
                  fetch(fmt::format("{}&limit={}", search_path(options, "search"), options.limit)));
  SENT_TRY_ASSIGN(const auto items, array_of(answer, "items"));
  return records_text(items, options);
}

Result<void> follow_log_text(const LogSearchOptions& options, const FetchStream& fetch, const Show& show,
                             const std::function<bool()>& pause) {
  SENT_TRY_ASSIGN(const auto parsed, logs::parse_query(options.query));
  if (parsed.stage) return fail(Errc::kInvalid, "a search that counts cannot be followed");
  const std::string path =
      fmt::format("/api/v1/logs/tail?q={}&lines={}", net::percent_encode(options.query), options.limit);
  net::EventStreamReader events;
  bool shown = true;
  const auto on_event = [&](const net::ServerEvent& event) {
    const auto data = parse_json_object(event.data);
    if (!data || !shown) return;
    if (event.name == "log")
      shown = show(record_text(*data, options));
    else if (event.name == "dropped")
      shown = show(fmt::format("--- {:.0f} more were too many to be shown ---\n", number_of(*data, "count")));
    else if (event.name == "resync")
      shown = show("--- more came in between than can be shown: search for it ---\n");
  };
  const auto on_piece = [&](std::string_view piece) {
    events.put(piece, on_event);
    return shown;
  };
  for (bool first = true; shown; first = false) {
    const auto ended = fetch(path, events.last_id(), on_piece);
    if (!ended && (first || ended.error().code == Errc::kUnauthorized) && shown)
      return std::unexpected(ended.error());
    if (shown && !pause()) break;
  }
  return {};
}

Result<std::string> backtrace_text(const std::string& id, bool colour, const Fetch& fetch) {
  SENT_TRY_ASSIGN(const auto story, fetch("/api/v1/logs/backtrace?id=" + net::percent_encode(id)));
  SENT_TRY_ASSIGN(const auto lane_names, array_of(story, "lanes"));
  SENT_TRY_ASSIGN(const auto records, array_of(story, "records"));
  SENT_TRY_ASSIGN(const auto changes, array_of(story, "changes"));
  const std::string why = start_text(story.get_object());
  if (records.empty())
    return fail(Errc::kNotFound, "no log record speaks of {}{}{}", id, why.empty() ? "" : "; ", why);
  std::vector<std::string> lanes;
  std::size_t width = 0;
  for (const auto& name : lane_names) {
    lanes.push_back(printable({{"name", name}}, "name"));
    width = std::max(width, lanes.back().size());
  }
  std::string out =
      fmt::format("{}  {} records of {} services in {:.0f} ms\n",
                  records.front().is_object() ? printable(records.front().get_object(), "time") : "",
                  records.size(), lanes.size(), number_of(story.get_object(), "duration_ms"));
  if (!why.empty()) out += why + "\n";
  out += reasons_text(story.get_object(), lanes);
  for (const auto& record : records) {
    if (!record.is_object()) continue;
    const auto lane = static_cast<std::size_t>(std::max(0.0, number_of(record.get_object(), "lane")));
    out += step_text(record.get_object(), lane < lanes.size() ? lanes[lane] : "", width, colour);
  }
  const auto* truncated = story.get_object().if_contains("truncated");
  if (truncated != nullptr && truncated->is_bool() && truncated->get_bool())
    out += fmt::format("there is more than these {} records\n", records.size());
  for (const auto& change : changes)
    if (const auto* event = change.if_object(); event != nullptr)
      out += fmt::format("change: {} {} {} {} ({})\n", printable(*event, "time"), printable(*event, "host"),
                         printable(*event, "type"), printable(*event, "summary"), printable(*event, "why"));
  return out;
}

}  // namespace sentinella::server
