// Reading rules of the kind event.
#include "events/trait_text.h"
#include "rules/rule_kinds.h"

namespace sentinella::rules {
namespace {

constexpr Duration kMaxEventWindow = std::chrono::hours(24);
constexpr std::size_t kMaxConditions = 20;

Result<EventRule::Match> read_event_match(const Section& in, const char* key) {
  SENT_TRY_ASSIGN(const Section match,
                  Section::open(in.child(key), key, {"type", "traits", "host", "service"}));
  EventRule::Match out;
  SENT_TRY_ASSIGN(out.types, match.list("type", {}));
  if (out.types.empty() ||
      std::ranges::all_of(out.types, [](const std::string& one) { return one.starts_with('!'); }))
    return bad(match.node(), "type", "a glob of types is required, else every event would match");
  SENT_TRY(match.text_into("host", out.host));
  SENT_TRY(match.text_into("service", out.service));
  SENT_TRY_ASSIGN(const auto conditions, match.list("traits", {}));
  if (conditions.size() > kMaxConditions)
    return bad(match.child("traits"), "traits", "at most {} conditions", kMaxConditions);
  for (const std::string& text : conditions) {
    auto condition = events::parse_trait_condition(text);
    if (!condition) return bad(match.child("traits"), "traits", "{}", condition.error().message);
    out.traits.push_back(*std::move(condition));
  }
  return out;
}

}  // namespace

Result<EventRule> read_event(const Section& in) {
  EventRule rule;
  if (!in.has("match")) return bad(in.node(), "match", "this key is required");
  SENT_TRY_ASSIGN(rule.match, read_event_match(in, "match"));
  if (in.has("clear_match")) {
    SENT_TRY_ASSIGN(rule.clear, read_event_match(in, "clear_match"));
  }
  if (in.has("count")) {
    SENT_TRY_ASSIGN(const Section count, Section::open(in.child("count"), "count", {"n", "window"}));
    SENT_TRY(count.count_into("n", rule.count));
    SENT_TRY(count.duration_into("window", rule.window));
    if (rule.window > kMaxEventWindow)
      return bad(count.node(), "window", "{}, at most {}", to_text(rule.window), to_text(kMaxEventWindow));
  }
  rule.quiet = std::max<Duration>(rule.window, rule.quiet);
  SENT_TRY(in.duration_into("quiet", rule.quiet));
  SENT_TRY_ASSIGN(rule.by, in.list("by", {}));
  if (rule.by.empty()) rule.by = {"resource_id"};
  return rule;
}

}  // namespace sentinella::rules
