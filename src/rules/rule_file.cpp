#include "rules/rule_file.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "rules/prometheus_file.h"
#include "rules/rule_kinds.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxRules = 5000;
constexpr std::size_t kMinPlaybookBytes = 80;

const Keys kCommon{"id",     "kind",     "event",        "tier",      "severity",   "summary",  "owner",
                   "impact", "playbook", "playbook_url", "review_by", "depends_on", "requires", "quorum"};

Keys with_common(const Keys& own) {
  Keys keys = kCommon;
  keys.insert(keys.end(), own.begin(), own.end());
  return keys;
}

bool valid_id(std::string_view id) {
  return !id.empty() && id.size() <= 100 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

/// "80%" or a whole number.
Result<void> read_quorum(const Section& in, Rule& rule) {
  if (!in.has("quorum")) return {};
  SENT_TRY_ASSIGN(const Section quorum, Section::open(in.child("quorum"), "quorum", {"group_by", "need"}));
  Quorum out;
  SENT_TRY_ASSIGN(out.group_by, quorum.list("group_by", {}));
  SENT_TRY_ASSIGN(const std::string need, quorum.required("need"));
  out.is_share = need.ends_with('%');
  const auto number = parse_double(std::string_view(need).substr(0, need.size() - (out.is_share ? 1 : 0)));
  if (!number || *number <= 0 || (out.is_share ? *number > 100 : *number > 10000))
    return bad(quorum.child("need"), "need", "a number such as 2, or a share such as 80%, expected");
  out.need = out.is_share ? *number / 100 : *number;
  rule.quorum = std::move(out);
  return {};
}

/// 2027-05-01.
bool is_date(std::string_view text) {
  return text.size() == 10 && parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

/// Who is told, and what that asks for.
Result<void> read_tier(const Section& in, Rule& rule) {
  SENT_TRY_ASSIGN(const auto tier_text, in.text("tier"));
  if (tier_text) {
    const auto tier = parse_tier(*tier_text);
    if (!tier) return bad(in.child("tier"), "tier", "page, ticket or info expected");
    rule.tier = *tier;
  }
  if (rule.tier == Tier::page && rule.playbook_url.empty() && trim(rule.playbook).size() < kMinPlaybookBytes)
    return bad(in.node(), "playbook",
               "a rule that pages needs a playbook_url, or a playbook of at least {} characters: what it "
               "means, what to check, how to mend it",
               kMinPlaybookBytes);
  SENT_TRY_ASSIGN(const auto severity_text, in.text("severity"));
  if (!severity_text) return {};
  const auto severity = parse_alert_severity(*severity_text);
  if (!severity || *severity == AlertSeverity::normal)
    return bad(in.child("severity"), "severity", "critical, major, minor, warning or informational expected");
  rule.severity = *severity;
  return {};
}

Result<void> read_common(const Section& in, Rule& rule) {
  SENT_TRY_ASSIGN(rule.id, in.required("id"));
  if (!valid_id(rule.id)) return bad(in.child("id"), "id", "1 to 100 of a-z 0-9 - _ . expected");
  if (rule.id.starts_with("group.")) return bad(in.child("id"), "id", "\"group.\" is for Prometheus' groups");
  SENT_TRY_ASSIGN(rule.event, in.required("event"));
  SENT_TRY(in.text_into("summary", rule.summary));
  SENT_TRY(in.text_into("owner", rule.owner));
  SENT_TRY(in.text_into("impact", rule.impact));
  SENT_TRY(in.text_into("playbook", rule.playbook));
  SENT_TRY(in.text_into("playbook_url", rule.playbook_url));
  SENT_TRY(in.text_into("review_by", rule.review_by));
  if (rule.summary.empty()) rule.summary = rule.impact.empty() ? rule.event : rule.impact;
  if (!rule.review_by.empty() && !is_date(rule.review_by))
    return bad(in.child("review_by"), "review_by", "a date such as 2027-05-01 expected");
  SENT_TRY_ASSIGN(rule.depends_on, in.list("depends_on", {}));
  SENT_TRY_ASSIGN(rule.requires_metrics, in.list("requires", {}));
  SENT_TRY(read_quorum(in, rule));
  return read_tier(in, rule);
}

template <typename Kind>
Result<Rule> read_kind(const YAML::Node& node, const Keys& own, Result<Kind> (*read)(const Section&)) {
  Rule rule;
  SENT_TRY_ASSIGN(const Section in, Section::open(node, "rule", with_common(own)));
  SENT_TRY(read_common(in, rule));
  SENT_TRY_ASSIGN(rule.what, read(in));
  return rule;
}

Result<Rule> read_binary_rule(const YAML::Node& node) {
  SENT_TRY_ASSIGN(Rule rule,
                  read_kind(node,
                            {"check", "replace_within", "stop_grace", "crash_loop", "stale_after",
                             "fail_count", "recover_count", "by", "for", "no_data", "interval", "eval_delay"},
                            read_binary));
  // The one level of a series is the rule itself.
  for (GaugeRule::Level& level : std::get<BinaryRule>(rule.what).series.levels)
    level.severity = rule.severity;
  return rule;
}

Result<Rule> read_rule(const YAML::Node& node) {
  if (!node.IsMap()) return bad(node, "rule", "a rule is a map of key: value");
  const YAML::Node kind = node["kind"];
  if (!kind.IsDefined() || !kind.IsScalar())
    return bad(node, "kind", "this key is required: binary, tailable, gauge or event");
  if (kind.Scalar() == "binary") return read_binary_rule(node);
  SENT_TRY_ASSIGN(
      auto rule,
      kind.Scalar() == "tailable"
          ? read_kind(node, {"match", "count", "baseline", "learn", "quiet", "clear_match", "by"},
                      read_tailable)
      : kind.Scalar() == "gauge"
          ? read_kind(node,
                      {"expr", "promql", "window", "interval", "eval_delay", "season", "levels", "for", "by",
                       "keep_firing_for", "no_data", "stale_after", "fail_count", "recover_count"},
                      read_gauge)
      : kind.Scalar() == "event"
          ? read_kind(node, {"match", "count", "quiet", "clear_match", "by"}, read_event)
          : bad(kind, "kind", "binary, tailable, gauge or event expected"));
  if (rule.quorum) return bad(node["quorum"], "quorum", "is for binary rules");
  return rule;
}

/// Adds the rule's id to an error, when it has one.
Error named(Error error, const YAML::Node& node) {
  if (!node.IsMap()) return error;
  const YAML::Node id = node["id"];
  if (id.IsDefined() && id.IsScalar() && !id.Scalar().empty())
    error.message = fmt::format("rule {}: {}", id.Scalar().substr(0, 100), error.message);
  return error;
}

/// Line numbers (from 0) of the lines from `first` up to `last`, dedented by `column`, without what trails
/// the item.
std::string item_text(const std::vector<std::string_view>& lines, std::size_t first, std::size_t last,
                      std::size_t column) {
  const auto belongs = [&](std::string_view line) {
    const std::string_view word = trim(line);
    const bool comment_of_the_next = word.starts_with('#') && line.find('#') < column;
    return !word.empty() && word != "-" && word != "---" && word != "..." && !comment_of_the_next;
  };
  while (last > first + 1 && !belongs(lines[last - 1])) --last;
  std::string out;
  for (std::size_t i = first; i < last; ++i) {
    const std::string_view line = lines[i];
    const std::size_t start = std::min(line.find_first_not_of(" \t"), line.size());
    out.append(line.substr(i == first ? column : std::min(column, start)));
    out.push_back('\n');
  }
  return out;
}

/// What stood where, to cut the items out as written.
std::vector<std::string> item_texts(std::string_view yaml, const YAML::Node& list) {
  const auto lines = split(yaml, '\n');
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const YAML::Mark mark = list[i].Mark();
    const std::size_t end =
        i + 1 < list.size() ? static_cast<std::size_t>(list[i + 1].Mark().line) : lines.size();
    out.push_back(item_text(lines, static_cast<std::size_t>(mark.line), std::min(end, lines.size()),
                            static_cast<std::size_t>(mark.column)));
  }
  return out;
}

Result<RuleText> read_own_item(const YAML::Node& item) {
  auto rule = read_rule(item);
  if (!rule) return std::unexpected(named(std::move(rule).error(), item));
  RuleText text;
  text.id = rule->id;
  text.rules.push_back(*std::move(rule));
  return text;
}

Result<RuleText> read_group_item(const YAML::Node& item) {
  SENT_TRY_ASSIGN(RuleGroup group, read_group(item));
  return RuleText{std::move(group.id), std::move(group.rules), {}};
}

/// A group has a list of rules; no rule of ours has.
Result<RuleText> read_item(const YAML::Node& item) {
  return item.IsMap() && item["rules"].IsDefined() ? read_group_item(item) : read_own_item(item);
}

Result<void> read_list(std::string_view yaml, const YAML::Node& list, const char* key,
                       Result<RuleText> (*read)(const YAML::Node&), std::vector<RuleText>& out) {
  if (!list.IsSequence()) return bad(list, key, "a list expected");
  if (list.size() > kMaxRules) return bad(list, key, "at most {}", kMaxRules);
  const auto texts = item_texts(yaml, list);
  for (std::size_t i = 0; i < list.size(); ++i) {
    SENT_TRY_ASSIGN(RuleText item, read(list[i]));
    if (std::ranges::find(out, item.id, &RuleText::id) != out.end())
      return bad(list[i], "id", "rule {} is there twice", item.id);
    item.yaml = texts[i];
    out.push_back(std::move(item));
  }
  return {};
}

Result<std::vector<RuleText>> read_file_node(std::string_view yaml, const YAML::Node& root) {
  SENT_TRY_ASSIGN(const Section top, Section::open(root, "file", {"sentinella_rules", "groups"}));
  if (!top.has("sentinella_rules") && !top.has("groups"))
    return bad(root, "sentinella_rules", "a list of rules expected, or Prometheus' groups");
  std::vector<RuleText> items;
  if (top.has("sentinella_rules"))
    SENT_TRY(read_list(yaml, top.child("sentinella_rules"), "sentinella_rules", read_own_item, items));
  if (top.has("groups")) SENT_TRY(read_list(yaml, top.child("groups"), "groups", read_group_item, items));
  return items;
}

}  // namespace

Result<std::vector<RuleText>> parse_rule_file(std::string_view yaml) {
  return without_exceptions([&]() -> Result<std::vector<RuleText>> {
    SENT_TRY_ASSIGN(const YAML::Node root, load_yaml(yaml));
    return read_file_node(yaml, root);
  });
}

Result<RuleText> parse_rule_item(std::string_view yaml) {
  return without_exceptions([&]() -> Result<RuleText> {
    SENT_TRY_ASSIGN(const YAML::Node root, load_yaml(yaml));
    YAML::Node item = root;
    if (root.IsSequence()) {
      if (root.size() != 1) return bad(root, "rule", "one rule expected, this is a list of {}", root.size());
      item.reset(root[0]);
    }
    SENT_TRY_ASSIGN(RuleText text, read_item(item));
    text.yaml = yaml;
    return text;
  });
}

Result<Rule> parse_rule(std::string_view yaml) {
  SENT_TRY_ASSIGN(RuleText text, parse_rule_item(yaml));
  if (text.rules.size() != 1 || text.rules.front().is_prometheus())
    return fail_field(Errc::kInvalid, "rule", "one rule expected, this is a group of Prometheus'");
  return std::move(text.rules.front());
}

}  // namespace sentinella::rules
