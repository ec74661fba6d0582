#include "rules/rule_file.h"

#include <algorithm>
#include <set>

#include <re2/re2.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "rules/gauge_expression.h"

namespace sentinella::rules {
namespace {

constexpr std::size_t kMaxFileBytes = 1 << 20;
constexpr std::size_t kMaxRules = 5000;
constexpr std::size_t kMinPlaybookBytes = 80;
constexpr std::uint32_t kMaxCount = 10000;

using Keys = std::vector<std::string_view>;

int line_of(const YAML::Node& node) {
  return node.Mark().line + 1;
}

template <typename... Args>
std::unexpected<Error> bad(const YAML::Node& node, std::string_view key, fmt::format_string<Args...> text,
                           Args&&... args) {
  return fail_field(Errc::kInvalid, key, "line {}: {}", line_of(node),
                    fmt::format(text, std::forward<Args>(args)...));
}

/// A YAML map with typed access; every error has line and key.
class Section {
 public:
  static Result<Section> open(const YAML::Node& node, std::string_view name, const Keys& known) {
    if (!node.IsMap()) return bad(node, name, "a map of key: value expected");
    std::set<std::string> seen;
    for (const auto& item : node) {
      if (!item.first.IsScalar()) return bad(item.first, name, "keys must be plain words");
      const std::string& key = item.first.Scalar();
      if (!seen.insert(key).second) return bad(item.first, key, "this key is there twice");
      if (std::ranges::find(known, key) != known.end()) continue;
      if (const auto near = suggest(key, known))
        return bad(item.first, key, "unknown key; did you mean {}?", *near);
      return bad(item.first, key, "unknown key; known are {}", fmt::join(known, ", "));
    }
    return Section(node);
  }

  const YAML::Node& node() const { return node_; }
  YAML::Node child(const char* key) const { return node_[key]; }
  bool has(const char* key) const { return node_[key].IsDefined(); }

  Result<std::optional<std::string>> text(const char* key) const {
    const YAML::Node value = node_[key];
    if (!value.IsDefined() || value.IsNull()) return std::optional<std::string>();
    if (!value.IsScalar()) return bad(value, key, "a text expected");
    return std::optional(value.Scalar());
  }
  Result<void> text_into(const char* key, std::string& target) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (value) target = std::move(*value);
    return {};
  }
  Result<std::string> required(const char* key) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value || trim(*value).empty()) return bad(node_, key, "this key is required");
    return std::move(*value);
  }
  Result<void> duration_into(const char* key, Duration& target) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value) return {};
    const auto duration = parse_duration(*value);
    if (!duration) return bad(node_[key], key, "{}", duration.error().message);
    target = *duration;
    return {};
  }
  Result<void> count_into(const char* key, std::uint32_t& target) const {
    SENT_TRY_ASSIGN(auto value, text(key));
    if (!value) return {};
    const auto count = parse_uint(*value);
    if (!count || *count == 0 || *count > kMaxCount)
      return bad(node_[key], key, "a whole number from 1 to {} expected", kMaxCount);
    target = static_cast<std::uint32_t>(*count);
    return {};
  }
  /// "[a, b]" or "a".
  Result<std::vector<std::string>> list(const char* key, const Keys& known) const {
    std::vector<std::string> out;
    const YAML::Node value = node_[key];
    if (!value.IsDefined()) return out;
    if (value.IsScalar()) {
      out.push_back(value.Scalar());
    } else if (value.IsSequence()) {
      for (const auto& item : value) {
        if (!item.IsScalar()) return bad(item, key, "a list of words expected");
        out.push_back(item.Scalar());
      }
    } else {
      return bad(value, key, "a list of words expected");
    }
    for (const std::string& word : out)
      if (!known.empty() && std::ranges::find(known, word) == known.end())
        return bad(value, key, "unknown \"{}\"; known are {}", word, fmt::join(known, ", "));
    return out;
  }

 private:
  explicit Section(const YAML::Node& node) : node_(node) {}
  YAML::Node node_;
};

const Keys kCommon{"id", "kind", "event", "tier", "severity", "summary", "owner", "impact", "playbook"};

Keys with_common(const Keys& own) {
  Keys keys = kCommon;
  keys.insert(keys.end(), own.begin(), own.end());
  return keys;
}

Result<void> check_pattern(const Section& in, const char* key, const std::string& pattern) {
  const re2::RE2 compiled(pattern, re2::RE2::Quiet);
  if (!compiled.ok()) return bad(in.child(key), key, "not a regular expression: {}", compiled.error());
  return {};
}

Result<BinaryRule> read_binary(const Section& in) {
  BinaryRule rule;
  if (!in.has("check")) return bad(in.node(), "check", "this key is required");
  SENT_TRY_ASSIGN(const Section check, Section::open(in.child("check"), "check", {"process", "heartbeat"}));
  if (check.has("process") == check.has("heartbeat"))
    return bad(check.node(), "check", "either process: NAME or heartbeat: true expected");
  if (check.has("heartbeat")) {
    SENT_TRY_ASSIGN(const auto flag, check.text("heartbeat"));
    if (flag != "true") return bad(check.node(), "heartbeat", "only true makes sense here");
    rule.check = BinaryRule::Check::heartbeat;
  } else {
    SENT_TRY_ASSIGN(rule.service, check.required("process"));
  }
  SENT_TRY(in.duration_into("replace_within", rule.replace_within));
  SENT_TRY(in.duration_into("stop_grace", rule.stop_grace));
  SENT_TRY(in.duration_into("stale_after", rule.stale_after));
  if (in.has("crash_loop")) {
    SENT_TRY_ASSIGN(const Section loop,
                    Section::open(in.child("crash_loop"), "crash_loop", {"count", "window"}));
    SENT_TRY(loop.count_into("count", rule.crash_loop_count));
    SENT_TRY(loop.duration_into("window", rule.crash_loop_window));
    if (rule.crash_loop_count > 100) return bad(loop.node(), "count", "at most 100 starts are remembered");
  }
  return rule;
}

Result<void> read_match(const Section& in, TailableRule& rule) {
  if (!in.has("match")) return bad(in.node(), "match", "this key is required");
  SENT_TRY_ASSIGN(const Section match, Section::open(in.child("match"), "match",
                                                     {"service", "component", "level", "pattern", "not"}));
  SENT_TRY(match.text_into("service", rule.service));
  SENT_TRY(match.text_into("component", rule.component));
  SENT_TRY(match.text_into("pattern", rule.pattern));
  SENT_TRY(match.text_into("not", rule.not_pattern));
  SENT_TRY(check_pattern(match, "pattern", rule.pattern));
  SENT_TRY(check_pattern(match, "not", rule.not_pattern));
  SENT_TRY_ASSIGN(const auto level, match.text("level"));
  if (level) {
    std::string_view name = trim(*level);
    if (name.starts_with(">=")) name = trim(name.substr(2));
    const auto severity = parse_severity(name);
    if (!severity)
      return bad(match.child("level"), "level", "\"{}\" is no level such as \">=ERROR\"", *level);
    rule.min_severity = *severity;
  }
  if (rule.pattern.empty() && rule.min_severity == Severity::unspecified)
    return bad(match.node(), "match", "pattern or level is required, else every line would match");
  return {};
}

Result<TailableRule> read_tailable(const Section& in) {
  TailableRule rule;
  SENT_TRY(read_match(in, rule));
  if (in.has("count")) {
    SENT_TRY_ASSIGN(const Section count, Section::open(in.child("count"), "count", {"n", "window"}));
    SENT_TRY(count.count_into("n", rule.count));
    SENT_TRY(count.duration_into("window", rule.window));
  }
  rule.quiet = std::max<Duration>(rule.window, rule.quiet);
  SENT_TRY(in.duration_into("quiet", rule.quiet));
  SENT_TRY(in.text_into("clear_match", rule.clear_pattern));
  SENT_TRY(check_pattern(in, "clear_match", rule.clear_pattern));
  if (in.has("by")) {
    SENT_TRY_ASSIGN(const auto by, in.list("by", {"host", "service", "component", "template"}));
    if (by.empty())
      return bad(in.node(), "by", "at least one of host, service, component, template expected");
    rule.key = fmt::format("{}", fmt::join(by, ","));
  }
  return rule;
}

bool is_above(GaugeRule::Compare compare) {
  return compare == GaugeRule::Compare::above || compare == GaugeRule::Compare::above_equal;
}

/// `compare` is that of the levels before it, if any: they must agree.
Result<GaugeRule::Level> read_level(const YAML::Node& node, const std::string& name,
                                    std::optional<GaugeRule::Compare>& compare) {
  GaugeRule::Level level;
  const auto severity = parse_alert_severity(name);
  if (!severity || *severity >= AlertSeverity::indeterminate)
    return bad(node, name, "no level of this name; there are warning, minor, major, critical");
  level.severity = *severity;
  SENT_TRY_ASSIGN(const Section in, Section::open(node, name, {"set", "clear", "for"}));
  SENT_TRY_ASSIGN(const std::string set_text, in.required("set"));
  const auto set = parse_threshold(set_text);
  if (!set) return bad(in.child("set"), "set", "{}", set.error().message);
  if (compare && *compare != set->compare) return bad(node, "set", "all levels must compare the same way");
  compare = set->compare;
  level.set = level.clear = set->value;
  SENT_TRY_ASSIGN(const auto clear_text, in.text("clear"));
  if (clear_text) {
    const auto clear = parse_threshold(*clear_text);
    if (!clear) return bad(in.child("clear"), "clear", "{}", clear.error().message);
    const bool opposite = is_above(clear->compare) != is_above(set->compare);
    const bool beyond = is_above(set->compare) ? clear->value <= level.set : clear->value >= level.set;
    if (!opposite || !beyond) return bad(in.child("clear"), "clear", "must lie on the other side of set");
    level.clear = clear->value;
  }
  SENT_TRY(in.duration_into("for", level.hold));
  return level;
}

Result<void> read_levels(const Section& in, GaugeRule& rule) {
  const YAML::Node levels = in.child("levels");
  if (!levels.IsDefined() || !levels.IsMap() || levels.size() == 0)
    return bad(in.node(), "levels", "a map such as {{warning: {{set: \"> 0.9\"}}}} is required");
  std::optional<GaugeRule::Compare> compare;
  for (const auto& item : levels) {
    if (!item.first.IsScalar()) return bad(item.first, "levels", "level names must be plain words");
    SENT_TRY_ASSIGN(const GaugeRule::Level level, read_level(item.second, item.first.Scalar(), compare));
    rule.levels.push_back(level);
  }
  rule.compare = *compare;
  std::ranges::sort(rule.levels, std::greater<>{}, &GaugeRule::Level::severity);
  for (std::size_t i = 1; i < rule.levels.size(); ++i) {
    const auto& milder = rule.levels[i - 1];
    const auto& worse = rule.levels[i];
    if (milder.severity == worse.severity) return bad(levels, "levels", "a level is there twice");
    if (is_above(rule.compare) ? worse.set < milder.set : worse.set > milder.set)
      return bad(levels, "levels", "{} must not be easier to reach than {}", to_string(worse.severity),
                 to_string(milder.severity));
  }
  return {};
}

Result<GaugeRule> read_gauge(const Section& in) {
  SENT_TRY_ASSIGN(const std::string expression, in.required("expr"));
  auto rule = parse_gauge_expression(expression);
  if (!rule) return bad(in.child("expr"), "expr", "{}", rule.error().message);
  SENT_TRY(read_levels(in, *rule));
  SENT_TRY_ASSIGN(rule->by, in.list("by", {}));
  SENT_TRY(in.duration_into("keep_firing_for", rule->keep_firing_for));
  return std::move(*rule);
}

bool valid_id(std::string_view id) {
  return !id.empty() && id.size() <= 100 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

Result<void> read_common(const Section& in, Rule& rule) {
  SENT_TRY_ASSIGN(rule.id, in.required("id"));
  if (!valid_id(rule.id)) return bad(in.child("id"), "id", "1 to 100 of a-z 0-9 - _ . expected");
  SENT_TRY_ASSIGN(rule.event, in.required("event"));
  SENT_TRY_ASSIGN(rule.summary, in.required("summary"));
  SENT_TRY(in.text_into("owner", rule.owner));
  SENT_TRY(in.text_into("impact", rule.impact));
  SENT_TRY(in.text_into("playbook", rule.playbook));
  SENT_TRY_ASSIGN(const auto tier_text, in.text("tier"));
  if (tier_text) {
    const auto tier = parse_tier(*tier_text);
    if (!tier) return bad(in.child("tier"), "tier", "page, ticket or info expected");
    rule.tier = *tier;
  }
  if (rule.tier == Tier::page && trim(rule.playbook).size() < kMinPlaybookBytes)
    return bad(in.node(), "playbook",
               "a rule that pages needs a playbook of at least {} characters: what it means, "
               "what to check, how to mend it",
               kMinPlaybookBytes);
  SENT_TRY_ASSIGN(const auto severity_text, in.text("severity"));
  if (!severity_text) return {};
  const auto severity = parse_alert_severity(*severity_text);
  if (!severity || *severity == AlertSeverity::normal)
    return bad(in.child("severity"), "severity", "critical, major, minor, warning or informational expected");
  rule.severity = *severity;
  return {};
}

template <typename Kind>
Result<Rule> read_kind(const YAML::Node& node, const Keys& own, Result<Kind> (*read)(const Section&)) {
  Rule rule;
  SENT_TRY_ASSIGN(const Section in, Section::open(node, "rule", with_common(own)));
  SENT_TRY(read_common(in, rule));
  SENT_TRY_ASSIGN(rule.what, read(in));
  return rule;
}

Result<Rule> read_rule(const YAML::Node& node) {
  if (!node.IsMap()) return bad(node, "rule", "a rule is a map of key: value");
  const YAML::Node kind = node["kind"];
  if (!kind.IsDefined() || !kind.IsScalar())
    return bad(node, "kind", "this key is required: binary, tailable or gauge");
  if (kind.Scalar() == "binary")
    return read_kind(node, {"check", "replace_within", "stop_grace", "crash_loop", "stale_after"},
                     read_binary);
  if (kind.Scalar() == "tailable")
    return read_kind(node, {"match", "count", "quiet", "clear_match", "by"}, read_tailable);
  if (kind.Scalar() == "gauge")
    return read_kind(node, {"expr", "levels", "by", "keep_firing_for"}, read_gauge);
  return bad(kind, "kind", "binary, tailable or gauge expected");
}

/// Adds the rule's id to an error, when it has one.
Error named(Error error, const YAML::Node& node) {
  if (!node.IsMap()) return error;
  const YAML::Node id = node["id"];
  if (id.IsDefined() && id.IsScalar() && !id.Scalar().empty())
    error.message = fmt::format("rule {}: {}", id.Scalar().substr(0, 100), error.message);
  return error;
}

/// yaml-cpp throws its own exceptions, and now and then one of the standard library's.
template <typename Work>
auto without_exceptions(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalid, "line {}: not YAML: {}", error.mark.line + 1, error.msg);
  } catch (const std::exception& error) {
    return fail(Errc::kInvalid, "not YAML: {}", error.what());
  }
}

Result<YAML::Node> load(std::string_view yaml) {
  if (yaml.size() > kMaxFileBytes)
    return fail(Errc::kTooLarge, "a rule file may have {} bytes, this one has {}", kMaxFileBytes,
                yaml.size());
  return YAML::Load(std::string(yaml));
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

Result<std::vector<RuleText>> read_file_node(std::string_view yaml, const YAML::Node& root) {
  SENT_TRY_ASSIGN(const Section top, Section::open(root, "file", {"sentinella_rules"}));
  const YAML::Node list = top.child("sentinella_rules");
  if (!list.IsDefined() || !list.IsSequence())
    return bad(root, "sentinella_rules", "a list of rules expected");
  if (list.size() > kMaxRules) return bad(list, "sentinella_rules", "at most {} rules", kMaxRules);
  std::vector<RuleText> rules;
  std::set<std::string> ids;
  for (const auto& item : list) {
    auto rule = read_rule(item);
    if (!rule) return std::unexpected(named(std::move(rule).error(), item));
    if (!ids.insert(rule->id).second) return bad(item, "id", "rule {} is there twice", rule->id);
    rules.push_back({std::move(*rule), {}});
  }
  const auto texts = item_texts(yaml, list);
  for (std::size_t i = 0; i < rules.size(); ++i) rules[i].yaml = texts[i];
  return rules;
}

}  // namespace

Result<std::vector<RuleText>> parse_rule_file(std::string_view yaml) {
  return without_exceptions([&]() -> Result<std::vector<RuleText>> {
    SENT_TRY_ASSIGN(const YAML::Node root, load(yaml));
    return read_file_node(yaml, root);
  });
}

Result<Rule> parse_rule(std::string_view yaml) {
  return without_exceptions([&]() -> Result<Rule> {
    SENT_TRY_ASSIGN(const YAML::Node root, load(yaml));
    YAML::Node item = root;
    if (root.IsSequence()) {
      if (root.size() != 1) return bad(root, "rule", "one rule expected, this is a list of {}", root.size());
      item.reset(root[0]);
    }
    auto rule = read_rule(item);
    if (!rule) return std::unexpected(named(std::move(rule).error(), item));
    return rule;
  });
}

}  // namespace sentinella::rules
