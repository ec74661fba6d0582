// What OTLP means to us, whichever encoding it came in: the decoders hand over one data point or record at a
// time, this turns it into parts of a Batch. Attribute and event names stand here once, for both directions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/exponential_buckets.h"
#include "codec/otlp.h"
#include "model/batch.h"
#include "model/staleness.h"

namespace sentinella::codec::otlp {

// OpenTelemetry semantic conventions.
inline constexpr std::string_view kHostName = "host.name";
inline constexpr std::string_view kServiceName = "service.name";
inline constexpr std::string_view kServiceInstance = "service.instance.id";
inline constexpr std::string_view kFilePath = "log.file.path";
inline constexpr std::string_view kEventName = "event.name";
inline constexpr std::string_view kPid = "process.pid";
inline constexpr std::string_view kExitCode = "process.exit.code";
/// On a metric: the Prometheus type it had; "histogram" marks the parts of one.
inline constexpr std::string_view kPrometheusType = "prometheus.type";
// Our own.
inline constexpr std::string_view kExitSignal = "process.exit.signal";
inline constexpr std::string_view kProcesses = "sentinella.processes";
inline constexpr std::string_view kEverSeen = "sentinella.ever_seen";
inline constexpr std::string_view kExit = "sentinella.exit";
inline constexpr std::string_view kRecordFlags = "sentinella.flags";
inline constexpr std::string_view kEvent = "sentinella.event";
inline constexpr std::string_view kEventId = "event.id";
inline constexpr std::string_view kEventType = "event.type";
inline constexpr std::string_view kEventOrigin = "event.origin";
inline constexpr std::string_view kTraitPrefix = "event.trait.";

/// "sentinella.heartbeat", "sentinella.state.exited" ...
std::string report_event_name(StateReport::Kind kind);
std::optional<StateReport::Kind> report_kind(std::string_view event_name);
/// SeverityNumber 1..24 (opentelemetry-proto logs.proto); 0 = unspecified.
int severity_number(Severity severity);
Severity severity_of(std::int64_t number, std::string_view text);

inline constexpr std::size_t kMaxPoints = 100'000;     ///< per message; a histogram's series count each
inline constexpr std::size_t kMaxAttributes = 128;     ///< per point or record
inline constexpr std::size_t kMaxBuckets = 1'000;      ///< per histogram point
inline constexpr std::size_t kMaxNameBytes = 1'024;    ///< metric name, host, service
inline constexpr std::size_t kMaxLabelBytes = 16'384;  ///< all labels of a point
inline constexpr std::size_t kMaxMemory = 256u << 20;  ///< of all labels of a message
inline constexpr int kMaxDepth = 8;                    ///< of nested values

inline constexpr std::uint64_t kNoRecordedValue = 1;  ///< a flag of a data point (DataPointFlags)

/// An AnyValue: scalars as text, arrays and maps as JSON text.
struct Value {
  enum class Kind : std::uint8_t { empty, text, bytes, boolean, integer, real, json, too_deep };
  Kind kind = Kind::empty;
  std::string text;          ///< bytes: as they are
  std::int64_t integer = 0;  ///< integer, boolean
};

struct Attribute {
  std::string key;
  Value value;
};

/// The parts of a Resource that matter.
struct Resource {
  std::string host;
  std::string service;
  std::string instance;
};
Resource to_resource(std::span<const Attribute> attributes);

struct Metric {
  enum class Type : std::uint8_t { none, gauge, sum, histogram, exponential_histogram, summary };
  Type type = Type::none;
  std::string name;
  std::int64_t temporality = 0;  ///< 0 unspecified, 1 delta, 2 cumulative
  bool monotonic = false;
  bool histogram_part = false;
};

struct NumberPoint {
  std::uint64_t time = 0;  ///< ns; 0 = not said
  std::uint64_t flags = 0;
  std::optional<double> value;
  std::vector<Attribute> attributes;
};

struct HistogramPoint {
  std::uint64_t time = 0;
  std::uint64_t flags = 0;
  std::uint64_t count = 0;
  std::optional<double> sum;
  std::vector<std::uint64_t> bucket_counts;
  std::vector<double> bounds;
  std::vector<Attribute> attributes;
};

/// Counts of buckets that follow each other; the first has the index `offset`.
struct ExponentialSide {
  std::int64_t offset = 0;
  std::vector<std::uint64_t> counts;
};

struct ExponentialPoint {
  std::uint64_t time = 0;
  std::uint64_t flags = 0;
  std::uint64_t count = 0;
  std::optional<double> sum;
  std::int64_t scale = 0;
  std::uint64_t zero_count = 0;
  double zero_threshold = 0;
  ExponentialSide positive, negative;
  std::vector<Attribute> attributes;
};

struct Record {
  std::uint64_t time = 0;
  std::uint64_t observed = 0;
  std::int64_t severity_number = 0;
  std::string severity_text;
  std::string event_name;
  Value body;
  std::vector<Attribute> attributes;
};

/// Collects one message. Nothing reaches the batch before finish(): a message is taken whole or not at all.
class Collector {
 public:
  Collector(SignalKind signal, Time received) : received_(received) { counts_.signal = signal; }

  void resource(Resource resource) { resource_ = std::move(resource); }
  void point(const Metric& metric, const NumberPoint& point);
  void point(const Metric& metric, const HistogramPoint& point);
  void point(const Metric& metric, const ExponentialPoint& point);
  /// A data point of a kind that we do not take.
  void unsupported(const Metric& metric);
  void record(Record&& record);

  /// Appends to `batch`. kTooLarge: over the limits above.
  Result<OtlpCounts> finish(Batch& batch) &&;

 private:
  void reject(std::string_view what, std::string_view why);
  /// True when another one fits under the message's limits.
  bool admit(std::size_t memory);
  std::optional<std::string_view> problem_of_resource() const;
  std::optional<Time> time_of(std::uint64_t ns) const;
  std::optional<std::vector<Label>> labels_of(const Metric& metric, std::span<const Attribute> attributes);
  /// What both kinds of histograms become. Stale: all values become markers.
  struct Histogram {
    std::vector<ClassicBucket> buckets;  ///< without the last
    std::uint64_t count = 0;
    std::optional<double> sum;
    Time at;
    bool stale = false;
  };
  void add_histogram(const Metric& metric, const std::vector<Label>& labels, const Histogram& histogram);
  void add_sample(std::vector<Label> labels, std::string_view name, SeriesKind kind, Sample sample);
  void log(Record&& record, Time at);
  void event(std::string_view name, Record&& record, Time at);
  void report(StateReport::Kind kind, const Record& record, Time at);

  Time received_;
  Resource resource_;
  OtlpCounts counts_;
  std::size_t taken_ = 0;
  std::size_t memory_ = 0;
  bool too_large_ = false;
  std::vector<SeriesSamples> series_;
  std::vector<LogRecord> logs_;
  std::vector<Event> events_;
  std::vector<StateReport> reports_;
};

}  // namespace sentinella::codec::otlp
