// The definitions and pipelines that come with the program: src/telemetry/definitions, built into it.
#pragma once

#include <string_view>

namespace sentinella::telemetry {

/// "meters.yaml", "event_definitions.yaml", "pipeline.yaml", "event_pipeline.yaml", "pollsters.yaml",
/// "polling.yaml", "gnocchi_resources.yaml", "monasca_field_definitions.yaml", "zenoss.yaml"; "" for any
/// other name.
std::string_view shipped_file(std::string_view name);

}  // namespace sentinella::telemetry
