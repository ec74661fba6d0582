#include "codec/shipped_record.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "codec/log_journal.h"

namespace sentinella::codec {
namespace {

enum class Role : std::uint8_t { message, time, host, service, source, severity, priority };
constexpr std::size_t kRoles = 7;

struct KnownName {
  std::string_view name;
  Role role;
};

/// For each role the best name first.
constexpr std::array kKnownNames = {
    KnownName{"message", Role::message},
    KnownName{"MESSAGE", Role::message},
    KnownName{"log", Role::message},
    KnownName{"msg", Role::message},
    KnownName{"line", Role::message},
    KnownName{"body", Role::message},
    KnownName{"short_message", Role::message},
    KnownName{"event.original", Role::message},
    KnownName{"@timestamp", Role::time},
    KnownName{"timestamp", Role::time},
    KnownName{"time", Role::time},
    KnownName{"created", Role::time},
    KnownName{"ts", Role::time},
    KnownName{"host.name", Role::host},
    KnownName{"host.hostname", Role::host},
    KnownName{"hostname", Role::host},
    KnownName{"_HOSTNAME", Role::host},
    KnownName{"host", Role::host},
    KnownName{"kubernetes.host", Role::host},
    KnownName{"kubernetes.node.name", Role::host},
    KnownName{"k8s.node.name", Role::host},
    KnownName{"node_name", Role::host},
    KnownName{"nodename", Role::host},
    KnownName{"node", Role::host},
    KnownName{"log.syslog.hostname", Role::host},
    KnownName{"agent.hostname", Role::host},
    KnownName{"agent.name", Role::host},
    KnownName{"beat.hostname", Role::host},
    KnownName{"beat.name", Role::host},
    KnownName{"instance", Role::host},
    KnownName{"service.name", Role::service},
    KnownName{"service_name", Role::service},
    KnownName{"service", Role::service},
    KnownName{"fields.service", Role::service},
    KnownName{"SYSLOG_IDENTIFIER", Role::service},
    KnownName{"programname", Role::service},
    KnownName{"appname", Role::service},
    KnownName{"log.syslog.appname", Role::service},
    KnownName{"ident", Role::service},
    KnownName{"app", Role::service},
    KnownName{"application", Role::service},
    KnownName{"app_kubernetes_io_name", Role::service},
    KnownName{"kubernetes.container_name", Role::service},
    KnownName{"kubernetes.container.name", Role::service},
    KnownName{"k8s.container.name", Role::service},
    KnownName{"container_name", Role::service},
    KnownName{"container.name", Role::service},
    KnownName{"container", Role::service},
    KnownName{"_SYSTEMD_UNIT", Role::service},
    KnownName{"systemd.unit", Role::service},
    KnownName{"unit", Role::service},
    KnownName{"process.name", Role::service},
    KnownName{"job", Role::service},
    KnownName{"log.file.path", Role::source},
    KnownName{"filename", Role::source},
    KnownName{"file_name", Role::source},
    KnownName{"tailed_path", Role::source},
    KnownName{"log_path", Role::source},
    KnownName{"path", Role::source},
    KnownName{"file", Role::source},
    KnownName{"source", Role::source},
    KnownName{"log.level", Role::severity},
    KnownName{"severity_text", Role::severity},
    KnownName{"severity", Role::severity},
    KnownName{"level", Role::severity},
    KnownName{"levelname", Role::severity},
    KnownName{"loglevel", Role::severity},
    KnownName{"detected_level", Role::severity},
    KnownName{"PRIORITY", Role::priority},
    KnownName{"log.syslog.severity.code", Role::priority},
    KnownName{"syslog.severity", Role::priority},
    KnownName{"syslog_severity", Role::priority},
};

/// Of the shipper itself and of where it runs: said once, not with every line.
constexpr std::array<std::string_view, 26> kShippersOwn = {
    "agent.",      "beat.",   "cloud.",  "container.", "container_id", "data_stream.", "docker.",
    "ecs.",        "event.",  "fields.", "fileset.",   "host.",        "input.",       "input_type",
    "kubernetes.", "labels.", "log.",    "logtag",     "offset",       "prospector.",  "service.",
    "stream",      "tags",    "type",    "@metadata.", "@version",
};

constexpr std::size_t kNone = SIZE_MAX;

/// Where each role was found best.
struct Roles {
  std::array<std::size_t, kRoles> field;
  std::array<std::size_t, kRoles> rank;
  Roles() {
    field.fill(kNone);
    rank.fill(kNone);
  }
};

bool fits(Role role, const ShippedDocument::Field& field) {
  return field.is_text || role == Role::time || role == Role::priority;
}

Roles find_roles(const ShippedDocument& document) {
  Roles roles;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const auto field = document.at(i);
    for (std::size_t rank = 0; rank < kKnownNames.size(); ++rank) {
      if (kKnownNames[rank].name != field.name) continue;
      const auto role = static_cast<std::size_t>(kKnownNames[rank].role);
      if (rank < roles.rank[role] && fits(kKnownNames[rank].role, field) && !field.value.empty()) {
        roles.rank[role] = rank;
        roles.field[role] = i;
      }
    }
  }
  return roles;
}

bool is_known(std::string_view name) {
  return std::ranges::any_of(kKnownNames, [&](const KnownName& known) { return known.name == name; }) ||
         std::ranges::any_of(kShippersOwn,
                             [&](std::string_view own) {
                               return own.ends_with('.') ? name.starts_with(own) : name == own;
                             }) ||
         name.starts_with('_') || name.starts_with("SYSLOG_");
}

void write_field(JsonWriter& json, const ShippedDocument::Field& field) {
  json.key(field.name);
  if (field.is_text)
    json.value(field.value);
  else
    json.raw(field.value);
}

/// The fields that would be lost, as one object; "" when there are none.
std::string left_over(const ShippedDocument& document, bool all) {
  JsonWriter json;
  json.object();
  bool any = false;
  for (std::size_t i = 0; i < document.size(); ++i) {
    const auto field = document.at(i);
    if (!all && is_known(field.name)) continue;
    write_field(json, field);
    any = true;
  }
  json.end();
  return any ? json.take() : std::string();
}

/// oslo_log.formatters.FluentFormatter sends what its JSONFormatter writes, with other names.
std::optional<std::string> oslo_json(const ShippedDocument& document) {
  static constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"message", "message"},     {"name", "name"},
      {"level", "levelname"},     {"hostname", "hostname"},
      {"traceback", "traceback"}, {"funcname", "funcname"},
      {"module", "module"},       {"lineno", "lineno"},
      {"filename", "filename"},   {"error_summary", "error_summary"}};
  bool function = false, logger = false, level = false;
  JsonWriter json, context;
  json.object();
  context.object();
  for (std::size_t i = 0; i < document.size(); ++i) {
    auto field = document.at(i);
    function = function || field.name == "funcname";
    logger = logger || field.name == "name";
    level = level || (field.name == "level" && field.is_text);
    for (const auto& [theirs, ours] : kFields)
      if (field.name == theirs) write_field(json, {ours, field.value, field.is_text});
    if (field.name.starts_with("context.")) {
      field.name.remove_prefix(8);
      write_field(context, field);
    }
  }
  if (!function || !logger || !level) return std::nullopt;
  context.end();
  json.key("context").raw(context.str()).end();
  return json.take();
}

std::string raw_of(const ShippedDocument& document, const Roles& roles) {
  if (auto oslo = oslo_json(document)) return *std::move(oslo);
  const std::size_t message = roles.field[static_cast<std::size_t>(Role::message)];
  if (message == kNone) return left_over(document, true);
  std::string raw(document.at(message).value);
  while (raw.ends_with('\n') || raw.ends_with('\r')) raw.pop_back();
  const std::string beside = left_over(document, false);
  if (!beside.empty()) raw.append(" ").append(beside);
  return raw;
}

}  // namespace

std::optional<Time> parse_shipped_time(std::string_view text) {
  if (const auto written = parse_rfc3339(text)) return *written;
  const auto number = parse_double(text);
  if (!number || !std::isfinite(*number) || *number <= 0) return std::nullopt;
  for (const auto& [below, unit] : {std::pair{1e11, 1e9}, {1e14, 1e6}, {1e17, 1e3}})
    if (*number < below) return Time{std::llround(*number * unit)};
  const auto whole = parse_uint(text);
  return whole && *whole <= INT64_MAX ? std::optional(Time{static_cast<std::int64_t>(*whole)}) : std::nullopt;
}

LogRecord shipped_record(const ShippedDocument& document, const ShippedOrigin& origin) {
  const Roles roles = find_roles(document);
  const auto value_of = [&](Role role) {
    const std::size_t field = roles.field[static_cast<std::size_t>(role)];
    return field == kNone ? std::string_view() : document.at(field).value;
  };
  const auto or_else = [](std::string_view said, std::string_view otherwise) {
    return std::string(said.empty() ? otherwise : said);
  };
  LogRecord record;
  record.time = parse_shipped_time(value_of(Role::time)).value_or(origin.time);
  record.host = or_else(value_of(Role::host), origin.host);
  record.service = or_else(value_of(Role::service), origin.service);
  if (record.service.ends_with(".service")) record.service.resize(record.service.size() - 8);
  record.source = value_of(Role::source);
  record.severity = parse_severity(value_of(Role::severity)).value_or(Severity::unspecified);
  if (const auto code = parse_uint(value_of(Role::priority));
      code && *code <= 7 && record.severity == Severity::unspecified)
    record.severity = severity_of_priority(static_cast<std::uint32_t>(*code));
  record.raw = origin.line ? std::string(*origin.line) : raw_of(document, roles);
  return record;
}

}  // namespace sentinella::codec
