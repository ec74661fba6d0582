// A YAML file of people's as one JSON value: anchors, aliases and merge keys (`<<`) resolved, plain scalars
// typed as YAML 1.2's core schema has it, quoted ones text. The rest of the folder sees no YAML.
#pragma once

#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"

namespace sentinella::telemetry {

/// kInvalid names the line. Aliases that would unfold to over 200,000 values, and nesting over 64, are
/// refused.
Result<boost::json::value> read_yaml(std::string_view text);

}  // namespace sentinella::telemetry
