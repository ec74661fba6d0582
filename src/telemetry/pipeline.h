// Sources and sinks at work: samples and events of one notification in, what each publisher gets out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "telemetry/event_definitions.h"
#include "telemetry/meter_sample.h"
#include "telemetry/pipeline_config.h"
#include "telemetry/transform/transformer.h"

namespace sentinella::telemetry {

/// Every pair of a source and one of its sinks is a pipeline, with transformers of its own. Not thread-safe.
class SamplePipelines {
 public:
  /// kInvalid names what is wrong with `yaml`.
  static Result<SamplePipelines> make(std::string_view yaml);

  /// URLs, each once; what take() gives out is in their order.
  const std::vector<std::string>& publishers() const { return publishers_; }
  using Published = std::vector<std::vector<MeterSample>>;
  /// All samples of one notification, then one flush of every pipeline. Adds to `out`, which has as many
  /// elements as there are publishers.
  void take(std::vector<MeterSample> samples, Time now, Published& out);
  /// Whether a transformer, or a publisher other than our own store, sees the metadata of this meter.
  bool reads_metadata(const std::string& meter) { return matching(meter).reads_metadata; }

  /// What the transformers remember.
  std::string save() const;
  /// What save() of the same configuration gave; anything else is kUnsupported, and nothing is remembered.
  Result<void> restore(std::string_view state);

 private:
  struct Pipeline {
    std::string name;  ///< "source:sink"
    SourceFilter filter;
    std::vector<std::unique_ptr<Transformer>> transformers;
    std::vector<std::size_t> publishers;  ///< indices
  };
  struct Matching {
    std::vector<Pipeline*> pipelines;
    bool reads_metadata = false;
  };

  const Matching& matching(const std::string& meter);
  static void publish(const Pipeline& pipeline, MeterSample sample, Published& out);
  void run(Pipeline& pipeline, std::size_t station, std::vector<MeterSample> samples, Published& out);

  std::vector<std::unique_ptr<Pipeline>> pipelines_;
  std::vector<std::string> publishers_;
  std::string fingerprint_;  ///< of the configuration, for restore()
  std::unordered_map<std::string, Matching> by_meter_;
};

/// Events are chosen and published, never changed. Immutable, thread-safe.
class EventPipelines {
 public:
  static Result<EventPipelines> make(std::string_view yaml);
  const std::vector<std::string>& publishers() const { return publishers_; }
  /// Indices of the publishers that get an event of this type, each once.
  std::vector<std::size_t> publishers_of(std::string_view event_type) const;

 private:
  struct Pipeline {
    SourceFilter filter;
    std::vector<std::size_t> publishers;
  };
  std::vector<Pipeline> pipelines_;
  std::vector<std::string> publishers_;
};

}  // namespace sentinella::telemetry
