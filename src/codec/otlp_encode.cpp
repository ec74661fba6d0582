// Writing OTLP in protobuf: the agent's side. Neighbours with one host and service share a resource,
// neighbours with one name and kind a metric, so that the order of the batch is kept.

#include <protozero/pbf_writer.hpp>

#include "base/json.h"
#include "base/text.h"
#include "codec/otlp_fields.h"
#include "codec/otlp_mapping.h"

namespace sentinella::codec {
namespace {

using namespace otlp;
using protozero::pbf_writer;

void add_text(pbf_writer& parent, pbf_tag_type field, std::string_view key, std::string_view text) {
  pbf_writer pair(parent, field);
  pair.add_string(key_value::kKey, key.data(), key.size());
  pbf_writer value(pair, key_value::kValue);
  // A protobuf string must be UTF-8; a file path or label need not be.
  value.add_string(any_value::kString, to_valid_utf8(text));
}

void add_integer(pbf_writer& parent, pbf_tag_type field, std::string_view key, std::int64_t number) {
  pbf_writer pair(parent, field);
  pair.add_string(key_value::kKey, key.data(), key.size());
  pbf_writer value(pair, key_value::kValue);
  value.add_int64(any_value::kInt, number);
}

void add_flag(pbf_writer& parent, pbf_tag_type field, std::string_view key, bool flag) {
  pbf_writer pair(parent, field);
  pair.add_string(key_value::kKey, key.data(), key.size());
  pbf_writer value(pair, key_value::kValue);
  value.add_bool(any_value::kBool, flag);
}

void add_resource(pbf_writer& group, std::string_view host, std::string_view service) {
  pbf_writer resource(group, resource_group::kResource);
  if (!host.empty()) add_text(resource, resource::kAttributes, kHostName, host);
  if (!service.empty()) add_text(resource, resource::kAttributes, kServiceName, service);
}

std::uint64_t wire_time(Time at) {
  return at.ns > 0 ? static_cast<std::uint64_t>(at.ns) : 0;
}

bool same_resource(const Labels& a, const Labels& b) {
  return a.get("host") == b.get("host") && a.get("service") == b.get("service");
}

void add_points(pbf_writer& data, const SeriesSamples& series) {
  for (const Sample& sample : series.samples) {
    pbf_writer point(data, metric_data::kPoints);
    for (const Label& label : series.labels)
      if (label.name != kMetricName && label.name != "host" && label.name != "service")
        add_text(point, number_point::kAttributes, label.name, label.value);
    point.add_fixed64(number_point::kTime, wire_time(sample.at));
    if (is_stale(sample.value))
      point.add_uint32(number_point::kFlags, 1);
    else
      point.add_double(number_point::kDouble, sample.value);
  }
}

/// The run of series from `first` on that share resource, name and kind, as one Metric. Returns the next
/// series.
std::size_t add_metric(pbf_writer& scope, const std::vector<SeriesSamples>& all, std::size_t first) {
  const SeriesSamples& head = all[first];
  const std::string_view name = head.labels.get(kMetricName);
  pbf_writer out(scope, scope_group::kItems);
  out.add_string(metric::kName, name.data(), name.size());
  if (head.kind == SeriesKind::histogram) add_text(out, metric::kMetadata, kPrometheusType, "histogram");
  pbf_writer data(out, head.kind == SeriesKind::gauge ? metric::kGauge : metric::kSum);
  if (head.kind != SeriesKind::gauge) {
    data.add_enum(metric_data::kTemporality, 2);
    data.add_bool(metric_data::kMonotonic, true);
  }
  std::size_t next = first;
  while (next < all.size() && all[next].kind == head.kind && all[next].labels.get(kMetricName) == name &&
         same_resource(all[next].labels, head.labels))
    add_points(data, all[next++]);
  return next;
}

void add_body(pbf_writer& record, std::string_view body) {
  pbf_writer value(record, log_record::kBody);
  value.add_string(is_valid_utf8(body) ? any_value::kString : any_value::kBytes, body.data(), body.size());
}

void add_log(pbf_writer& scope, const LogRecord& log) {
  pbf_writer record(scope, scope_group::kItems);
  record.add_fixed64(log_record::kTime, wire_time(log.time));
  if (log.severity != Severity::unspecified) {
    const std::string_view name = to_string(log.severity);
    record.add_enum(log_record::kSeverityNumber, severity_number(log.severity));
    record.add_string(log_record::kSeverityText, name.data(), name.size());
  }
  add_body(record, log.raw);
  if (!log.source.empty()) add_text(record, log_record::kAttributes, kFilePath, log.source);
  if (log.flags != 0) add_integer(record, log_record::kAttributes, kRecordFlags, log.flags);
}

void add_event(pbf_writer& scope, const Event& event) {
  constexpr auto kAttributes = log_record::kAttributes;
  pbf_writer record(scope, scope_group::kItems);
  record.add_fixed64(log_record::kTime, wire_time(event.time));
  record.add_string(log_record::kEventName, kEvent.data(), kEvent.size());
  add_body(record, event.summary);
  if (!event.id.empty()) add_text(record, kAttributes, kEventId, event.id);
  add_text(record, kAttributes, kEventType, event.type);
  if (!event.origin.empty()) add_text(record, kAttributes, kEventOrigin, event.origin);
  for (const auto& [name, value] : event.traits)
    add_text(record, kAttributes, fmt::format("{}{}", kTraitPrefix, name), value);
}

void add_report(pbf_writer& scope, const StateReport& report) {
  constexpr auto kAttributes = log_record::kAttributes;
  pbf_writer record(scope, scope_group::kItems);
  record.add_fixed64(log_record::kTime, wire_time(report.at));
  record.add_string(log_record::kEventName, report_event_name(report.kind));
  add_body(record, report.detail);
  if (!report.service.empty()) add_text(record, kAttributes, kServiceName, report.service);
  if (report.pid != 0) add_integer(record, kAttributes, kPid, report.pid);
  if (report.processes != 0) add_integer(record, kAttributes, kProcesses, report.processes);
  if (report.ever_seen) add_flag(record, kAttributes, kEverSeen, true);
  if (report.exit != StateReport::Exit::unknown) add_text(record, kAttributes, kExit, to_string(report.exit));
  if (report.exit_code) add_integer(record, kAttributes, kExitCode, *report.exit_code);
  if (report.signal) add_integer(record, kAttributes, kExitSignal, *report.signal);
}

/// Each run of `items` with one host and service as one ResourceLogs; `add` writes an item.
template <typename T>
void add_runs(pbf_writer& message, const std::vector<T>& items, std::string_view (*service_of)(const T&),
              void (*add)(pbf_writer&, const T&)) {
  for (std::size_t i = 0; i < items.size();) {
    const T& head = items[i];
    pbf_writer group(message, request::kResources);
    add_resource(group, head.host, service_of(head));
    pbf_writer scope(group, resource_group::kScopes);
    while (i < items.size() && items[i].host == head.host && service_of(items[i]) == service_of(head))
      add(scope, items[i++]);
  }
}

}  // namespace

std::string encode_otlp_metrics(const Batch& batch) {
  std::string out;
  pbf_writer message(out);
  for (std::size_t i = 0; i < batch.series.size();) {
    const Labels& head = batch.series[i].labels;
    pbf_writer group(message, request::kResources);
    add_resource(group, head.get("host"), head.get("service"));
    pbf_writer scope(group, resource_group::kScopes);
    while (i < batch.series.size() && same_resource(batch.series[i].labels, head))
      i = add_metric(scope, batch.series, i);
  }
  return out;
}

std::string encode_otlp_logs(const Batch& batch) {
  std::string out;
  pbf_writer message(out);
  add_runs<LogRecord>(
      message, batch.logs, [](const LogRecord& log) { return std::string_view(log.service); }, add_log);
  add_runs<Event>(
      message, batch.events, [](const Event& event) { return std::string_view(event.service); }, add_event);
  // A report names its service itself: the agent's whole state is one resource.
  add_runs<StateReport>(
      message, batch.reports, [](const StateReport&) { return std::string_view(); }, add_report);
  return out;
}

std::string encode_otlp_response(const OtlpCounts& counts, bool json) {
  if (json) {
    JsonWriter out;
    out.object();
    if (counts.rejected > 0) {
      out.key("partialSuccess").object();
      // 64-bit integers are strings in protobuf's JSON.
      out.field(counts.signal == SignalKind::metrics ? "rejectedDataPoints" : "rejectedLogRecords",
                fmt::format("{}", counts.rejected));
      out.field("errorMessage", counts.first_rejection).end();
    }
    return out.end().take();
  }
  std::string out;
  pbf_writer message(out);
  if (counts.rejected > 0) {
    pbf_writer partial(message, response::kPartialSuccess);
    partial.add_int64(partial_success::kRejected, static_cast<std::int64_t>(counts.rejected));
    partial.add_string(partial_success::kMessage, counts.first_rejection);
  }
  return out;
}

}  // namespace sentinella::codec
