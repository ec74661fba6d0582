#include "rules/rule_file.h"

#include "rules/gauge_expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sentinella::rules;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(parse_gauge_expression(text));
  static_cast<void>(parse_threshold(text));
  const auto rules = parse_rule_file(text);
  if (!rules) return 0;
  for (const RuleText& rule : *rules) static_cast<void>(parse_rule(rule.yaml));
  return 0;
}
