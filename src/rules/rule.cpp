#include "rules/rule.h"

namespace sentinella::rules {

std::string_view Rule::kind() const {
  switch (what.index()) {
    case 0:
      return "binary";
    case 1:
      return "tailable";
    default:
      return "gauge";
  }
}

}  // namespace sentinella::rules
