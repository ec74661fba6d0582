// The samples of one instance of a GAUGE rule inside its window, and what they amount to.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "model/series.h"
#include "rules/rule.h"

namespace sentinella::rules {

struct GaugeWindow {
  std::map<std::uint64_t, std::vector<Sample>> series;  ///< by hash of the labels; ascending
  std::optional<Sample> divisor;

  /// False: not newer than what the series has, or no room for it. `evaluated`: the newest instant so far.
  bool append(const GaugeRule& what, Time evaluated, std::uint64_t id, const Sample& sample);
  /// nullopt: there is nothing, or nothing to divide by.
  std::optional<double> value(const GaugeRule& what) const;

 private:
  void prune(const GaugeRule& what, Time newest);
  bool make_room(Time at);
};

}  // namespace sentinella::rules
