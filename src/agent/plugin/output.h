// What a plug-in wrote -> samples. Pure; at most kMaxSamples of one run count.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/series.h"

namespace sentinella::agent {

inline constexpr std::size_t kMaxPluginSamples = 5000;

struct PluginOutput {
  std::vector<SeriesSamples> samples;
  std::size_t refused = 0;  ///< measurements or lines that are none
  std::string reason;       ///< of the first of them
};

/// kInvalid: nothing of it can be read. `labels` come on top of the plug-in's own and win; so does the
/// metric's kind by its name: "_total" counts.
Result<PluginOutput> parse_plugin_json(std::string_view text, const std::vector<Label>& labels, Time now);
Result<PluginOutput> parse_plugin_lines(std::string_view text, const std::vector<Label>& labels, Time now);
/// The figures behind '|' of each line as plugin_figure{label=..., unit=...}.
PluginOutput parse_nagios(std::string_view text, const std::vector<Label>& labels, Time now);

/// Adds one figure under the plug-in's name for it; `labels` of its own, by names that become ours. Refused,
/// and counted, without a value.
void add_plugin_sample(PluginOutput& out, std::string_view name, const std::vector<Label>& labels,
                       const std::vector<Label>& ours, std::optional<double> value, Time now);

}  // namespace sentinella::agent
