#include "codec/seed_view.h"

#include "base/json.h"
#include "codec/log_line.h"
#include "codec/log_scan.h"

namespace sentinella::codec {
namespace {

/// "2016-01-04 22:41:35.221"
std::string wall_text(Time t) {
  std::string text = to_rfc3339(t).substr(0, 23);
  text[10] = ' ';
  return text;
}

}  // namespace

SeedView seed_view(const LogRecord& record) {
  SeedView view;
  view.level = to_string(record.severity);
  view.component = record.component;
  if (record.pid != 0) view.log_id = record.pid;
  std::string_view lines = record.raw;
  const std::string_view line = skip_noise(without_cr(take_line(lines)));
  const auto head = scan_oslo_head(line);
  const auto time = scan_iso_time(line);
  view.time = time ? std::string(line.substr(0, time->length)) : wall_text(record.time);
  view.description = record.message;
  // The bracket stands between the head and the message, whose first line ends the line.
  if (head && scan_oslo_context(head->rest)) {
    const std::size_t newline = record.message.find('\n');
    view.description = head->rest;
    if (newline != std::string::npos) view.description += record.message.substr(newline);
  }
  if (!record.traceback.empty()) view.description += '\n' + record.traceback;
  return view;
}

std::string to_json(const SeedView& view) {
  JsonWriter json;
  json.object().field("time", view.time).field("description", view.description).field("level", view.level);
  json.key("log_id");
  if (view.log_id)
    json.value(*view.log_id);
  else
    json.null();
  return json.field("component", view.component).end().take();
}

}  // namespace sentinella::codec
