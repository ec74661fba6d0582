// relabel_configs and metric_relabel_configs: rules that rewrite a set of labels, or drop what has it, as
// Prometheus 2.42 does (prometheus.io/docs/prometheus/latest/configuration, "relabel_config").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/labels.h"

namespace sentinella::scrape {

enum class RelabelAction : std::uint8_t {
  replace,
  keep,
  drop,
  keepequal,
  dropequal,
  hashmod,
  labelmap,
  labeldrop,
  labelkeep,
  lowercase,
  uppercase,
};
Result<RelabelAction> parse_relabel_action(std::string_view text);

struct RelabelRule {
  std::vector<std::string> source_labels = {};
  std::string separator = ";";
  std::string regex = "(.*)";  ///< RE2, anchored at both ends
  std::uint64_t modulus = 0;
  std::string target_label = {};
  std::string replacement = "$1";
  RelabelAction action = RelabelAction::replace;
};

/// A compiled list of rules. Cheap to copy.
class Relabeling {
 public:
  Relabeling() = default;
  /// Appends a rule. kInvalid: names the key at fault.
  Result<void> add(const RelabelRule& rule);

  /// Runs the rules in order. False: what has these labels is to be dropped.
  bool apply(Labels& labels) const;
  bool empty() const { return steps_.empty(); }

 private:
  class Step;
  std::vector<std::shared_ptr<const Step>> steps_;
};

/// [a-zA-Z_][a-zA-Z0-9_]*
bool is_label_name(std::string_view text);

}  // namespace sentinella::scrape
