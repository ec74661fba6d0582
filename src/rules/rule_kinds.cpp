#include "rules/rule_kinds.h"

#include <array>

#include <re2/re2.h>

#include "query/engine.h"
#include "rules/gauge_expression.h"

namespace sentinella::rules {
namespace {

constexpr Duration kMinInterval = std::chrono::seconds(1);
constexpr Duration kMaxInterval = std::chrono::hours(24);
constexpr Duration kMaxLogWindow = std::chrono::hours(24);

GaugeRule::Compare opposite(GaugeRule::Compare compare) {
  using enum GaugeRule::Compare;
  switch (compare) {
    case above:
      return below_equal;
    case above_equal:
      return below;
    case below:
      return above_equal;
    case below_equal:
      return above;
    case equal:
      return not_equal;
    case not_equal:
      return equal;
    case always:
      break;
  }
  return always;
}

Result<void> check_pattern(const Section& in, const char* key, const std::string& pattern) {
  const re2::RE2 compiled(pattern, re2::RE2::Quiet);
  if (!compiled.ok()) return bad(in.child(key), key, "not a regular expression: {}", compiled.error());
  return {};
}

Result<void> read_no_data(const Section& in, GaugeRule& rule) {
  SENT_TRY(in.duration_into("stale_after", rule.stale_after));
  SENT_TRY_ASSIGN(const auto text, in.text("no_data"));
  if (!text) return {};
  static constexpr std::array<std::string_view, 4> kWords{"keep", "ok", "fire", "ignore"};
  const auto word = std::ranges::find(kWords, *text);
  if (word == kWords.end()) return bad(in.child("no_data"), "no_data", "keep, ok, fire or ignore expected");
  rule.no_data = static_cast<GaugeRule::NoData>(word - kWords.begin());
  return {};
}

Result<void> check_promql(const Section& in, const GaugeRule& rule) {
  const auto expr = query::parse_expression(rule.promql);
  if (!expr) return bad(in.child("promql"), "promql", "{}", expr.error().message);
  const auto type = query::type_of(**expr);
  if (type != query::ValueType::vector && type != query::ValueType::scalar)
    return bad(in.child("promql"), "promql", "it gives {}; an instant vector is needed",
               query::describe(type));
  return {};
}

Result<void> read_schedule(const Section& in, GaugeRule& rule) {
  SENT_TRY(in.duration_into("interval", rule.interval));
  SENT_TRY(in.duration_into("eval_delay", rule.eval_delay));
  if (rule.interval < kMinInterval || rule.interval > kMaxInterval)
    return bad(in.child("interval"), "interval", "{} to {} expected", to_text(kMinInterval),
               to_text(kMaxInterval));
  if (rule.eval_delay > kMaxInterval)
    return bad(in.child("eval_delay"), "eval_delay", "at most {}", to_text(kMaxInterval));
  return {};
}

/// A series of ones and zeros is a gauge of one level: not what `up` says.
Result<void> read_series_check(const Section& in, const Section& check, GaugeRule& rule) {
  if (check.has("series")) {
    SENT_TRY_ASSIGN(const std::string selector, check.required("series"));
    auto parsed = parse_gauge_expression(selector);
    if (!parsed) return bad(check.child("series"), "series", "{}", parsed.error().message);
    if (parsed->aggregate != GaugeRule::Aggregate::last || !parsed->promql.empty())
      return bad(check.child("series"), "series",
                 "a metric with matchers expected; promql: takes expressions");
    rule = *std::move(parsed);
  } else {
    SENT_TRY_ASSIGN(rule.promql, check.required("promql"));
    SENT_TRY(check_promql(check, rule));
  }
  SENT_TRY(read_schedule(in, rule));
  SENT_TRY(read_no_data(in, rule));
  SENT_TRY_ASSIGN(rule.by, in.list("by", {}));
  std::ranges::transform(rule.by, rule.by.begin(), resolve_alias);
  Threshold up{GaugeRule::Compare::equal, 1};
  if (check.has("up")) {
    SENT_TRY_ASSIGN(const std::string text, check.required("up"));
    const auto parsed = parse_threshold(text);
    if (!parsed) return bad(check.child("up"), "up", "{}", parsed.error().message);
    up = *parsed;
  }
  rule.compare = opposite(up.compare);
  GaugeRule::Level level;
  level.set = level.clear = up.value;
  SENT_TRY(in.duration_into("for", level.hold));
  rule.levels = {level};
  rule.fail_count = 3;
  rule.recover_count = 2;
  SENT_TRY(in.count_into("fail_count", rule.fail_count));
  SENT_TRY(in.count_into("recover_count", rule.recover_count));
  return {};
}

}  // namespace

Result<BinaryRule> read_binary(const Section& in) {
  BinaryRule rule;
  if (!in.has("check")) return bad(in.node(), "check", "this key is required");
  SENT_TRY_ASSIGN(const Section check,
                  Section::open(in.child("check"), "check",
                                {"process", "report", "heartbeat", "clock", "series", "promql", "up"}));
  const int given = check.has("process") + check.has("heartbeat") + check.has("clock") + check.has("series") +
                    check.has("promql");
  if (given != 1)
    return bad(
        check.node(), "check",
        "either process: NAME, heartbeat: true, clock: LIMIT, series: METRIC or promql: EXPRESSION expected");
  if (check.has("up") && !check.has("series") && !check.has("promql"))
    return bad(check.child("up"), "up", "belongs to series: or promql:");
  SENT_TRY(in.count_into("fail_count", rule.fail_count));
  SENT_TRY(in.count_into("recover_count", rule.recover_count));
  if (check.has("heartbeat")) {
    SENT_TRY_ASSIGN(const auto flag, check.text("heartbeat"));
    if (flag != "true") return bad(check.node(), "heartbeat", "only true makes sense here");
    rule.check = BinaryRule::Check::heartbeat;
  } else if (check.has("clock")) {
    rule.check = BinaryRule::Check::clock;
    SENT_TRY(check.duration_into("clock", rule.clock_limit));
    if (rule.clock_limit < std::chrono::seconds(1)) return bad(check.child("clock"), "clock", "at least 1s");
  } else if (check.has("process")) {
    SENT_TRY_ASSIGN(rule.service, check.required("process"));
    SENT_TRY_ASSIGN(const auto report, check.text("report"));
    if (report && *report != "agent" && *report != "rabbit")
      return bad(check.child("report"), "report", "agent or rabbit expected");
  } else {
    rule.check = BinaryRule::Check::series;
    SENT_TRY(read_series_check(in, check, rule.series));
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

namespace {

Result<void> read_match(const Section& in, TailableRule& rule) {
  if (!in.has("match")) return bad(in.node(), "match", "this key is required");
  SENT_TRY_ASSIGN(const Section match,
                  Section::open(in.child("match"), "match",
                                {"service", "component", "level", "pattern", "not", "template"}));
  SENT_TRY(match.text_into("service", rule.service));
  SENT_TRY(match.text_into("component", rule.component));
  SENT_TRY(match.text_into("pattern", rule.pattern));
  SENT_TRY(match.text_into("not", rule.not_pattern));
  SENT_TRY(check_pattern(match, "pattern", rule.pattern));
  SENT_TRY(check_pattern(match, "not", rule.not_pattern));
  SENT_TRY_ASSIGN(const auto level, match.text("level"));
  if (level) {
    std::string_view name = trim(*level);
    const bool exactly = name.starts_with("==");
    if (exactly || name.starts_with(">=")) name = trim(name.substr(2));
    const auto severity = parse_severity(name);
    if (!severity)
      return bad(match.child("level"), "level", "\"{}\" is no level such as \">=ERROR\"", *level);
    rule.min_severity = *severity;
    if (exactly) rule.max_severity = *severity;
  }
  SENT_TRY_ASSIGN(const auto fresh, match.text("template"));
  if (fresh && *fresh != "new")
    return bad(match.child("template"), "template", "only \"new\" makes sense: never seen before");
  if (fresh) {
    rule.new_template = true;
    // Ordinary operation writes new lines all the time.
    rule.min_severity = std::max(rule.min_severity, Severity::warning);
  }
  if (rule.pattern.empty() && rule.min_severity == Severity::unspecified)
    return bad(match.node(), "match", "pattern or level is required, else every line would match");
  return {};
}

Result<void> read_baseline(const Section& in, TailableRule& rule) {
  if (!in.has("baseline")) return {};
  if (in.has("count")) return bad(in.child("baseline"), "baseline", "either count or baseline, not both");
  SENT_TRY_ASSIGN(const Section baseline,
                  Section::open(in.child("baseline"), "baseline", {"factor", "min", "window", "learn"}));
  TailableRule::Baseline out;
  SENT_TRY(baseline.number_into("factor", out.factor, 1, 1000));
  SENT_TRY(baseline.count_into("min", out.min));
  SENT_TRY(baseline.duration_into("window", rule.window));
  SENT_TRY(baseline.duration_into("learn", out.learn));
  rule.count = out.min;
  rule.baseline = out;
  return {};
}

}  // namespace

Result<TailableRule> read_tailable(const Section& in) {
  TailableRule rule;
  SENT_TRY(read_match(in, rule));
  if (in.has("count")) {
    SENT_TRY_ASSIGN(const Section count, Section::open(in.child("count"), "count", {"n", "window"}));
    SENT_TRY(count.count_into("n", rule.count));
    SENT_TRY(count.duration_into("window", rule.window));
  }
  SENT_TRY(read_baseline(in, rule));
  SENT_TRY(in.duration_into("learn", rule.learn));
  if (rule.window > kMaxLogWindow)
    return bad(in.node(), "window", "{}, at most {}", to_text(rule.window), to_text(kMaxLogWindow));
  rule.quiet = std::max<Duration>(rule.window, rule.quiet);
  SENT_TRY(in.duration_into("quiet", rule.quiet));
  SENT_TRY(in.text_into("clear_match", rule.clear_pattern));
  SENT_TRY(check_pattern(in, "clear_match", rule.clear_pattern));
  if (in.has("by")) {
    SENT_TRY_ASSIGN(const auto by, in.list("by", {"host", "service", "component", "template"}));
    if (by.empty())
      return bad(in.node(), "by", "at least one of host, service, component, template expected");
    rule.key = fmt::format("{}", fmt::join(by, ","));
  } else if (rule.new_template) {
    rule.key = "host,service,template";
  }
  return rule;
}

namespace {

bool is_above(GaugeRule::Compare compare) {
  return compare == GaugeRule::Compare::above || compare == GaugeRule::Compare::above_equal;
}

/// "< 1.2", or "90%" of `set`.
Result<void> read_clear(const Section& in, const Threshold& set, GaugeRule::Level& level) {
  SENT_TRY_ASSIGN(const auto text, in.text("clear"));
  if (!text) return {};
  const bool equality =
      set.compare == GaugeRule::Compare::equal || set.compare == GaugeRule::Compare::not_equal;
  if (equality) return bad(in.child("clear"), "clear", "makes no sense beside {}", to_string(set.compare));
  const std::string_view share = trim(*text);
  Threshold clear{is_above(set.compare) ? GaugeRule::Compare::below : GaugeRule::Compare::above, 0};
  if (share.ends_with('%') && parse_double(share.substr(0, share.size() - 1))) {
    clear.value = set.value * *parse_double(share.substr(0, share.size() - 1)) / 100;
  } else {
    const auto parsed = parse_threshold(*text);
    if (!parsed) return bad(in.child("clear"), "clear", "{}", parsed.error().message);
    clear = *parsed;
  }
  const bool opposite = is_above(clear.compare) != is_above(set.compare);
  const bool beyond = is_above(set.compare) ? clear.value <= level.set : clear.value >= level.set;
  if (!opposite || !beyond) return bad(in.child("clear"), "clear", "must lie on the other side of set");
  level.clear = clear.value;
  level.own_clear = true;
  return {};
}

/// What a whole rule's levels have in common.
struct LevelContext {
  Unit unit = Unit::none;                                    ///< of the rule's value
  Duration hold{};                                           ///< the rule's `for`
  std::optional<GaugeRule::Compare> compare = std::nullopt;  ///< of the levels before
};

Result<GaugeRule::Level> read_level(const YAML::Node& node, const std::string& name, LevelContext& context) {
  GaugeRule::Level level;
  const auto severity = parse_alert_severity(name);
  if (!severity || *severity == AlertSeverity::indeterminate || *severity == AlertSeverity::normal)
    return bad(node, name, "no level of this name; there are informational, warning, minor, major, critical");
  level.severity = *severity;
  level.hold = context.hold;
  SENT_TRY_ASSIGN(const Section in, Section::open(node, name, {"set", "clear", "for"}));
  SENT_TRY_ASSIGN(const std::string set_text, in.required("set"));
  const auto set = parse_threshold(set_text);
  if (!set) return bad(in.child("set"), "set", "{}", set.error().message);
  if (context.compare && *context.compare != set->compare)
    return bad(node, "set", "all levels must compare the same way");
  if (set->unit != Unit::none && context.unit != Unit::none && set->unit != context.unit)
    return bad(in.child("set"), "set", "this is {}, but the expression gives {}", to_string(set->unit),
               to_string(context.unit));
  context.compare = set->compare;
  level.set = level.clear = set->value;
  SENT_TRY(read_clear(in, *set, level));
  SENT_TRY(in.duration_into("for", level.hold));
  return level;
}

/// nullopt-like `none` where the text does not tell.
Unit unit_of(const GaugeRule& rule) {
  if (rule.season || (!rule.promql.empty() && rule.metric.empty())) return Unit::none;
  const Unit unit = unit_of_metric(rule.metric);
  if (rule.aggregate == GaugeRule::Aggregate::count || rule.aggregate == GaugeRule::Aggregate::rate)
    return Unit::none;
  if (rule.divisor_metric.empty()) return unit;
  return unit == unit_of_metric(rule.divisor_metric) ? Unit::ratio : Unit::none;
}

Result<void> read_levels(const Section& in, GaugeRule& rule) {
  const YAML::Node levels = in.child("levels");
  if (!levels.IsDefined() || !levels.IsMap() || levels.size() == 0)
    return bad(in.node(), "levels", "a map such as {{warning: {{set: \"> 0.9\"}}}} is required");
  LevelContext context{.unit = unit_of(rule)};
  SENT_TRY(in.duration_into("for", context.hold));
  for (const auto& item : levels) {
    if (!item.first.IsScalar()) return bad(item.first, "levels", "level names must be plain words");
    SENT_TRY_ASSIGN(const GaugeRule::Level level, read_level(item.second, item.first.Scalar(), context));
    rule.levels.push_back(level);
  }
  rule.compare = *context.compare;
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

Result<void> read_season(const Section& in, GaugeRule& rule) {
  if (!in.has("season")) return {};
  SENT_TRY_ASSIGN(const Section season, Section::open(in.child("season"), "season", {"weeks", "min_spread"}));
  GaugeRule::Season out;
  SENT_TRY(season.count_into("weeks", out.weeks));
  SENT_TRY(season.number_into("min_spread", out.min_spread, 0, 10));
  if (out.weeks > 12) return bad(season.node(), "weeks", "at most 12");
  rule.season = out;
  if (rule.promql.empty()) rule.promql = to_promql(rule);
  return {};
}

}  // namespace

Result<GaugeRule> read_gauge(const Section& in) {
  GaugeRule rule;
  if (in.has("promql") == in.has("expr")) return bad(in.node(), "expr", "either expr or promql is required");
  if (in.has("expr")) {
    SENT_TRY_ASSIGN(const std::string expression, in.required("expr"));
    Duration window{};
    SENT_TRY(in.duration_into("window", window));
    auto parsed = parse_gauge_expression(expression, window);
    if (!parsed) return bad(in.child("expr"), "expr", "{}", parsed.error().message);
    rule = *std::move(parsed);
  } else {
    SENT_TRY_ASSIGN(rule.promql, in.required("promql"));
    SENT_TRY(check_promql(in, rule));
  }
  SENT_TRY_ASSIGN(rule.by, in.list("by", {}));
  std::ranges::transform(rule.by, rule.by.begin(), resolve_alias);
  SENT_TRY(read_season(in, rule));
  SENT_TRY(read_schedule(in, rule));
  SENT_TRY(read_no_data(in, rule));
  SENT_TRY(read_levels(in, rule));
  SENT_TRY(in.duration_into("keep_firing_for", rule.keep_firing_for));
  SENT_TRY(in.count_into("fail_count", rule.fail_count));
  SENT_TRY(in.count_into("recover_count", rule.recover_count));
  return rule;
}

}  // namespace sentinella::rules
