// What each kind of rule says beyond what all rules say.
#pragma once

#include "rules/rule.h"
#include "rules/yaml_section.h"

namespace sentinella::rules {

Result<BinaryRule> read_binary(const Section& in);
Result<TailableRule> read_tailable(const Section& in);
Result<GaugeRule> read_gauge(const Section& in);
Result<EventRule> read_event(const Section& in);

}  // namespace sentinella::rules
