#include "rules/rule.h"

namespace sentinella::rules {

std::string_view Rule::kind() const {
  switch (what.index()) {
    case 0:
      return "binary";
    case 1:
      return "tailable";
    case 2:
      return "gauge";
    case 3:
      return "recording";
    default:
      return "event";
  }
}

const GaugeRule* Rule::gauge() const {
  if (const auto* gauge = std::get_if<GaugeRule>(&what)) return gauge;
  const auto* binary = std::get_if<BinaryRule>(&what);
  return binary != nullptr && binary->check == BinaryRule::Check::series ? &binary->series : nullptr;
}

}  // namespace sentinella::rules
