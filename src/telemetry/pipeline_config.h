// pipeline.yaml and event_pipeline.yaml: sources that choose, sinks that transform and publish.
//
//   sources: [{name, meters: [globs] | events: [globs], sinks: [names]}]
//   sinks:   [{name, transformers: [{name, parameters}], publishers: [urls]}]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"
#include "telemetry/source_filter.h"

namespace sentinella::telemetry {

struct TransformerConfig {
  std::string name;
  boost::json::object parameters;
};

struct SinkConfig {
  std::string name;
  std::vector<TransformerConfig> transformers;
  std::vector<std::string> publishers;  ///< URLs; one without "://" gets it
};

struct SourceConfig {
  std::string name;
  SourceFilter filter;
  std::vector<std::string> sinks;
};

struct PipelineConfig {
  std::vector<SourceConfig> sources;
  std::vector<SinkConfig> sinks;
};

enum class PipelineKind : std::uint8_t { samples, events };

/// kInvalid names the source or sink: a name that is missing or there twice, a sink that is not there, no
/// publisher, transformers for events, an unknown key.
Result<PipelineConfig> parse_pipelines(std::string_view yaml, PipelineKind kind);

}  // namespace sentinella::telemetry
