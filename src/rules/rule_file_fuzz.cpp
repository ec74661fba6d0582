#include "rules/rule_file.h"

#include "rules/alert_template.h"
#include "rules/gauge_expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella;
  using namespace sentinella::rules;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_gauge_expression(text));
  static_cast<void>(parse_threshold(text));
  static_cast<void>(expand_template(text, {Labels(std::vector<Label>{{"host", "c1"}}), 0.5, ""}));
  const auto items = parse_rule_file(text);
  if (!items) return 0;
  for (const RuleText& item : *items) static_cast<void>(parse_rule_item(item.yaml));
  return 0;
}
