// From the bytes of a notification to what the publishers get: envelope, samples, events, pipelines. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "telemetry/event_definitions.h"
#include "telemetry/meter_definitions.h"
#include "telemetry/pipeline.h"
#include "telemetry/recent_ids.h"

namespace sentinella::telemetry {

/// The texts of the files; an empty one stands for what is shipped.
struct Definitions {
  std::vector<std::string> meters;  ///< the files of meters.d
  std::string event_definitions, pipeline, event_pipeline;
  Unmatched unmatched = Unmatched::keep;
  std::string telemetry_secret = "";  ///< which polled samples of others must be signed with; "" = need not
};

/// What goes to one publisher.
struct Outgoing {
  std::string publisher;  ///< URL
  std::vector<MeterSample> samples;
  std::vector<Event> events;
};

struct ProcessorCounts {
  std::uint64_t notifications = 0, duplicates = 0, refused = 0;
  std::uint64_t samples = 0, events = 0;  ///< made, whoever gets them
  std::uint64_t skipped = 0;              ///< samples that a definition could not make
  std::string last_skipped;               ///< why, the last time
};

/// Not thread-safe.
class Processor {
 public:
  /// kInvalid: field names the file.
  static Result<Processor> make(const Definitions& definitions);

  /// Processes one message and keeps what becomes of it for take_outgoing(). An error is the reason why the
  /// message can never be read. A message whose id came before does nothing.
  Result<void> take(std::string_view body, Time now);
  /// Samples that somebody else has made.
  void take_samples(const std::vector<MeterSample>& samples, Time now);
  /// Everything since the last call, one element per publisher that gets something.
  std::vector<Outgoing> take_outgoing();

  /// What must outlive the process: recent ids and the transformers' memory. Only when everything taken is
  /// durable elsewhere.
  std::string save() const;
  /// kCorrupt, kUnsupported: nothing, or only the ids are remembered.
  Result<void> restore(std::string_view state);
  /// URLs of all that pipelines name, each once.
  std::vector<std::string> publishers() const;
  const ProcessorCounts& counts() const { return counts_; }

 private:
  Processor(MeterDefinitions meters, EventDefinitions events, SamplePipelines samples, EventPipelines sinks);

  WantsMetadata wants_metadata();
  /// What is known of a type of event before a message of it comes.
  struct OfType {
    ReadPlan plan;
    std::vector<std::size_t> sinks;  ///< publishers of its events
  };
  const OfType& of_type(std::string_view event_type);

  MeterDefinitions meters_;
  EventDefinitions events_;
  SamplePipelines sample_pipelines_;
  EventPipelines event_pipelines_;
  NotificationReader reader_;
  ByEventType<OfType> types_;
  RecentIds recent_;
  SamplePipelines::Published published_;
  std::vector<std::vector<Event>> published_events_;
  ProcessorCounts counts_;
};

}  // namespace sentinella::telemetry
