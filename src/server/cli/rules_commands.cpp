#include "server/cli/rules_commands.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "rules/lint.h"
#include "rules/rule_file.h"
#include "rules/rule_test_file.h"

namespace sentinella::server {
namespace {

constexpr std::size_t kMaxFile = 1 << 20;

std::string shown(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return "";
  return value->is_string() ? std::string(value->as_string()) : boost::json::serialize(*value);
}

std::string summary_line(std::string_view title, const boost::json::object& result) {
  std::string out = fmt::format("  {}: {} episodes, {} pages, longest {}, {} still open\n", title,
                                shown(result, "episodes"), shown(result, "pages"), shown(result, "longest"),
                                shown(result, "still_open"));
  if (const auto* hosts = result.if_contains("by_host"); hosts != nullptr && hosts->is_array())
    for (const auto& host : hosts->get_array())
      if (host.is_object())
        out += fmt::format("    {} {}\n", shown(host.get_object(), "episodes"),
                           shown(host.get_object(), "host"));
  if (const auto* notes = result.if_contains("notes"); notes != nullptr && notes->is_array())
    for (const auto& note : notes->get_array())
      if (note.is_string()) out += fmt::format("    note: {}\n", std::string(note.get_string()));
  return out;
}

}  // namespace

Result<std::string> test_rules(const std::string& file) {
  SENT_TRY_ASSIGN(const rules::RuleTestReport report, rules::run_rule_tests(std::filesystem::path(file)));
  if (report.failures.empty()) return fmt::format("{}: {} tests passed\n", file, report.passed);
  return fail(Errc::kInvalid, "{}: {} tests passed, and\n  {}", file, report.passed,
              fmt::join(report.failures, "\n  "));
}

Result<std::string> lint_rule_file(const std::string& file, const std::string& fail_on) {
  SENT_TRY_ASSIGN(const std::string text, read_file(file, kMaxFile));
  SENT_TRY_ASSIGN(const auto items, rules::parse_rule_file(text));
  std::vector<rules::Rule> all;
  for (const rules::RuleText& item : items) all.insert(all.end(), item.rules.begin(), item.rules.end());
  rules::LintFacts facts;
  facts.now = system_clock().now();
  std::string out;
  bool fails = false;
  for (const rules::Finding& finding : rules::lint(all, facts)) {
    out += fmt::format("{}: {}: {} {}: {}\n", rules::to_string(finding.level), finding.rule_id, finding.code,
                       finding.name, finding.text);
    const bool counts = fail_on == "hint" || finding.level == rules::LintLevel::error ||
                        (fail_on == "warning" && finding.level == rules::LintLevel::warning);
    fails = fails || counts;
  }
  out += fmt::format("{}: {} rules, all well-formed\n", file, all.size());
  if (fails) return fail(Errc::kInvalid, "\n{}", out);
  return out;
}

Result<std::string> backtest_rule_file(const std::string& file, double days, const Ask& ask) {
  SENT_TRY_ASSIGN(const std::string text, read_file(file, kMaxFile));
  SENT_TRY_ASSIGN(const auto items, rules::parse_rule_file(text));
  std::string out;
  for (const rules::RuleText& item : items) {
    JsonWriter json;
    json.object().field("yaml", item.yaml).field("days", days).end();
    SENT_TRY_ASSIGN(const auto answer, ask("POST", "/api/v1/rules/backtest", json.str()));
    const boost::json::object& object = answer.as_object();
    out += fmt::format("{}, from {} to {}\n", item.id, shown(object, "from"), shown(object, "to"));
    for (const std::string_view which : {"new", "old"})
      if (const auto* result = object.if_contains(which); result != nullptr && result->is_object())
        out += summary_line(which, result->get_object());
    if (object.contains("only_new"))
      out += fmt::format("  only with the new text: {}, only with the old: {}\n", shown(object, "only_new"),
                         shown(object, "only_old"));
  }
  return out;
}

}  // namespace sentinella::server
