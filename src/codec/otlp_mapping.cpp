#include "codec/otlp_mapping.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/text.h"

namespace sentinella::codec::otlp {
namespace {

constexpr std::uint32_t kKnownRecordFlags = LogRecord::kUnparsed | LogRecord::kTimeAssumed |
                                            LogRecord::kTruncated | LogRecord::kJoined | LogRecord::kHistory |
                                            LogRecord::kMasked;
constexpr std::string_view kReportPrefix = "sentinella.state.";
constexpr std::string_view kHeartbeat = "sentinella.heartbeat";

const Attribute* find(std::span<const Attribute> attributes, std::string_view key) {
  const auto at = std::ranges::find(attributes, key, &Attribute::key);
  return at == attributes.end() ? nullptr : &*at;
}

std::string text_of(const Value& value) {
  return value.kind == Value::Kind::bytes ? to_base64(value.text) : value.text;
}

std::string text_of(std::span<const Attribute> attributes, std::string_view key) {
  const Attribute* found = find(attributes, key);
  return found == nullptr ? std::string() : text_of(found->value);
}

/// An integer, also one that came as text.
std::optional<std::int64_t> integer_of(std::span<const Attribute> attributes, std::string_view key) {
  const Attribute* found = find(attributes, key);
  if (found == nullptr) return std::nullopt;
  if (found->value.kind == Value::Kind::integer) return found->value.integer;
  if (const auto number = parse_uint(found->value.text); number && *number <= INT64_MAX)
    return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

std::uint32_t uint32_of(std::span<const Attribute> attributes, std::string_view key) {
  const std::int64_t number = integer_of(attributes, key).value_or(0);
  return number > 0 && number <= UINT32_MAX ? static_cast<std::uint32_t>(number) : 0;
}

std::optional<int> int_of(std::span<const Attribute> attributes, std::string_view key) {
  const auto number = integer_of(attributes, key);
  if (!number || *number < INT32_MIN || *number > INT32_MAX) return std::nullopt;
  return static_cast<int>(*number);
}

bool bool_of(std::span<const Attribute> attributes, std::string_view key) {
  const Attribute* found = find(attributes, key);
  return found != nullptr && (found->value.kind == Value::Kind::boolean ? found->value.integer != 0
                                                                        : iequals(found->value.text, "true"));
}

/// A name that Prometheus' data model takes.
std::string label_name(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 1);
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') out += '_';
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? c : '_';
  }
  return out;
}

/// Why the attributes of a point or record cannot be taken.
std::optional<std::string_view> problem_of(std::span<const Attribute> attributes) {
  if (attributes.size() > kMaxAttributes) return "has more than 128 attributes";
  for (const Attribute& attribute : attributes) {
    if (attribute.value.kind == Value::Kind::too_deep) return "has an attribute nested deeper than 8 levels";
    if (!is_valid_utf8(attribute.key)) return "has an attribute name that is not UTF-8";
    if (attribute.value.kind != Value::Kind::bytes && !is_valid_utf8(attribute.value.text))
      return "has an attribute value that is not UTF-8";
  }
  return std::nullopt;
}

std::string content_id(const Event& event) {
  std::string name = fmt::format("{}\n{}\n{}\n{}\n{}\n", event.type, event.time.ns, event.host, event.service,
                                 event.summary);
  for (const Trait& trait : event.traits) name += fmt::format("{}={}\n", trait.name, trait.value);
  return to_text(uuid_from_name(name));
}

template <typename T>
void move_to(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::string report_event_name(StateReport::Kind kind) {
  if (kind == StateReport::Kind::heartbeat) return std::string(kHeartbeat);
  return std::string(kReportPrefix).append(to_string(kind));
}

std::optional<StateReport::Kind> report_kind(std::string_view event_name) {
  using enum StateReport::Kind;
  for (const StateReport::Kind kind : {heartbeat, snapshot, started, exited, log_unreadable, log_readable})
    if (event_name == report_event_name(kind)) return kind;
  return std::nullopt;
}

int severity_number(Severity severity) {
  switch (severity) {
    case Severity::unspecified:
      return 0;
    case Severity::trace:
      return 1;
    case Severity::debug:
      return 5;
    case Severity::info:
      return 9;
    case Severity::audit:
      return 11;  // INFO3: between INFO and WARN, as oslo's AUDIT is
    case Severity::warning:
      return 13;
    case Severity::error:
      return 17;
    case Severity::critical:
      return 21;
  }
  return 0;
}

Severity severity_of(std::int64_t number, std::string_view text) {
  // The sender's own word is finer than the number: only it can say AUDIT.
  if (const auto named = parse_severity(text)) return *named;
  if (number <= 0 || number > 24) return Severity::unspecified;
  constexpr Severity kRanges[] = {Severity::trace,   Severity::debug, Severity::info,
                                  Severity::warning, Severity::error, Severity::critical};
  return kRanges[(number - 1) / 4];
}

Resource to_resource(std::span<const Attribute> attributes) {
  return {text_of(attributes, kHostName), text_of(attributes, kServiceName),
          text_of(attributes, kServiceInstance)};
}

void Collector::reject(std::string_view what, std::string_view why) {
  ++counts_.rejected;
  if (!counts_.first_rejection.empty()) return;
  counts_.first_rejection = fmt::format("{} {}", to_valid_utf8(what.substr(0, 200)), why);
}

bool Collector::admit(std::size_t memory) {
  memory_ += memory;
  if (++taken_ > kMaxPoints || memory_ > kMaxMemory) too_large_ = true;
  return !too_large_;
}

std::optional<std::string_view> Collector::problem_of_resource() const {
  for (const std::string* name : {&resource_.host, &resource_.service, &resource_.instance}) {
    if (name->size() > kMaxNameBytes)
      return "comes from a resource whose host or service name is over 1,024 bytes";
    if (!is_valid_utf8(*name)) return "comes from a resource whose host or service name is not UTF-8";
  }
  return std::nullopt;
}

std::optional<Time> Collector::time_of(std::uint64_t ns) const {
  if (ns > INT64_MAX) return std::nullopt;
  return ns == 0 ? received_ : Time{static_cast<std::int64_t>(ns)};
}

std::optional<std::vector<Label>> Collector::labels_of(const Metric& metric,
                                                       std::span<const Attribute> attributes) {
  const std::string_view name = metric.name;
  const auto refuse = [&](std::string_view why) {
    reject(name.empty() ? "a metric without a name" : name, why);
    return std::nullopt;
  };
  if (name.empty()) return refuse("cannot be stored");
  if (name.size() > kMaxNameBytes) return refuse("has a name over 1,024 bytes");
  if (!is_valid_utf8(name)) return refuse("is a name that is not UTF-8");
  if (const auto problem = problem_of_resource()) return refuse(*problem);
  if (const auto problem = problem_of(attributes)) return refuse(*problem);

  std::vector<Label> labels;
  labels.reserve(attributes.size() + 5);
  labels.push_back({"host", resource_.host});
  labels.push_back({"service", resource_.service});
  labels.push_back({"instance", resource_.instance});
  std::size_t bytes = 0;
  for (const Attribute& attribute : attributes) {
    labels.push_back({label_name(attribute.key), text_of(attribute.value)});
    bytes += attribute.key.size() + labels.back().value.size();
    if (labels.back().name.empty()) return refuse("has an attribute without a name");
  }
  if (bytes > kMaxLabelBytes) return refuse("has over 16 KiB of attributes");
  return labels;
}

void Collector::add_sample(std::vector<Label> labels, std::string_view name, SeriesKind kind, Sample sample) {
  std::size_t memory = sizeof(SeriesSamples) + (labels.size() + 1) * sizeof(Label);
  for (const Label& label : labels) memory += label.name.size() + label.value.size();
  if (!admit(memory)) return;
  labels.push_back({std::string(kMetricName), label_name(name)});
  Labels identity(std::move(labels));
  if (!series_.empty() && series_.back().kind == kind && series_.back().labels == identity)
    series_.back().samples.push_back(sample);
  else
    series_.push_back({std::move(identity), kind, {sample}});
}

void Collector::point(const Metric& metric, const NumberPoint& point) {
  if (too_large_) return;
  const auto at = time_of(point.time);
  if (!at) return reject(metric.name, "has a time beyond the year 2262");
  if (metric.type == Metric::Type::sum && metric.temporality != 2)
    return reject(metric.name, metric.temporality == 1 ? "is a sum of deltas; only cumulative sums are taken"
                                                       : "is a sum that does not say its temporality");
  const bool stale = (point.flags & kNoRecordedValue) != 0;
  if (!stale && !point.value) return reject(metric.name, "has a data point without a value");
  auto labels = labels_of(metric, point.attributes);
  if (!labels) return;
  const bool counts = metric.type == Metric::Type::sum && metric.monotonic;
  const SeriesKind kind = !counts                 ? SeriesKind::gauge
                          : metric.histogram_part ? SeriesKind::histogram
                                                  : SeriesKind::counter;
  ++counts_.accepted;
  add_sample(std::move(*labels), metric.name, kind, {*at, stale ? stale_marker() : *point.value});
}

void Collector::unsupported(const Metric& metric) {
  switch (metric.type) {
    case Metric::Type::summary:
      return reject(metric.name, "is a summary, which is not taken");
    default:
      return reject(metric.name, "is of an unknown kind");
  }
}

void Collector::record(Record&& record) {
  if (too_large_ || !admit(sizeof(LogRecord) + resource_.host.size() + resource_.service.size())) return;
  std::string name = record.event_name.empty() ? text_of(record.attributes, kEventName) : record.event_name;
  const auto refuse = [&](std::string_view why) { reject(name.empty() ? "a log record" : name, why); };
  if (const auto problem = problem_of_resource()) return refuse(*problem);
  if (const auto problem = problem_of(record.attributes)) return refuse(*problem);
  if (record.body.kind == Value::Kind::too_deep) return refuse("has a body nested deeper than 8 levels");
  if (!is_valid_utf8(name)) return refuse("is an event name that is not UTF-8");
  const auto at = time_of(record.time != 0 ? record.time : record.observed);
  if (!at) return refuse("has a time beyond the year 2262");

  if (name.empty()) return log(std::move(record), *at);
  if (const auto kind = report_kind(name)) return report(*kind, record, *at);
  if (name.starts_with(kReportPrefix)) return refuse("is no kind of state report");
  return event(name, std::move(record), *at);
}

void Collector::log(Record&& record, Time at) {
  LogRecord out;
  out.time = at;
  out.host = find(record.attributes, kHostName) ? text_of(record.attributes, kHostName) : resource_.host;
  out.service =
      find(record.attributes, kServiceName) ? text_of(record.attributes, kServiceName) : resource_.service;
  out.source = text_of(record.attributes, kFilePath);
  out.severity = severity_of(record.severity_number, record.severity_text);
  out.flags = uint32_of(record.attributes, kRecordFlags) & kKnownRecordFlags;
  out.raw = std::move(record.body.text);
  ++counts_.accepted;
  logs_.push_back(std::move(out));
}

void Collector::report(StateReport::Kind kind, const Record& record, Time at) {
  const auto& attributes = record.attributes;
  StateReport out;
  out.kind = kind;
  out.at = at;
  out.host = find(attributes, kHostName) ? text_of(attributes, kHostName) : resource_.host;
  out.service = find(attributes, kServiceName) ? text_of(attributes, kServiceName) : resource_.service;
  if (out.host.empty()) return reject(report_event_name(kind), "does not say its host.name");
  out.pid = uint32_of(attributes, kPid);
  out.processes = uint32_of(attributes, kProcesses);
  out.ever_seen = bool_of(attributes, kEverSeen);
  const std::string exit = text_of(attributes, kExit);
  for (const auto known : {StateReport::Exit::orderly, StateReport::Exit::crash})
    if (exit == to_string(known)) out.exit = known;
  out.exit_code = int_of(attributes, kExitCode);
  out.signal = int_of(attributes, kExitSignal);
  out.detail = record.body.text;
  ++counts_.accepted;
  reports_.push_back(std::move(out));
}

void Collector::event(std::string_view name, Record&& record, Time at) {
  Event out;
  const bool ours = name == kEvent;
  out.time = at;
  out.host = resource_.host;
  out.service = resource_.service;
  out.type = ours ? std::string() : std::string(name);
  out.origin = ours ? "agent" : "otlp";
  out.summary = std::move(record.body.text);
  for (Attribute& attribute : record.attributes) {
    const std::string_view key = attribute.key;
    std::string text = text_of(attribute.value);
    if (key == kEventId)
      out.id = std::move(text);
    else if (key == kEventType)
      out.type = std::move(text);
    else if (key == kEventOrigin)
      out.origin = std::move(text);
    else if (key == kHostName)
      out.host = std::move(text);
    else if (key == kServiceName)
      out.service = std::move(text);
    else if (key.starts_with(kTraitPrefix))
      out.traits.add(key.substr(kTraitPrefix.size()), text);
    else if (key != kEventName)
      out.traits.add(key, text);
  }
  if (out.type.empty()) return reject(name, "does not say its event.type");
  if (out.id.empty()) out.id = content_id(out);
  ++counts_.accepted;
  events_.push_back(std::move(out));
}

Result<OtlpCounts> Collector::finish(Batch& batch) && {
  if (too_large_)
    return fail(
        Errc::kTooLarge,
        "over {} data points or records, or over {} MiB of labels, in one message: send fewer at a time",
        kMaxPoints, kMaxMemory >> 20);
  move_to(series_, batch.series);
  move_to(logs_, batch.logs);
  move_to(events_, batch.events);
  move_to(reports_, batch.reports);
  return std::move(counts_);
}

}  // namespace sentinella::codec::otlp
