#include "telemetry/polling/extra_metadata.h"

#include <algorithm>

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

constexpr Duration kAfterFailure = std::chrono::minutes(1);
constexpr unsigned kFailuresInARow = 3;

/// Files write numbers as texts, too.
bool same_scalar(const json::value& wanted, const json::value& value) {
  if (wanted == value) return true;
  if (!wanted.is_string() || !value.is_number()) return false;
  return wanted.get_string() == fmt::format("{}", value.to_number<double>());
}

/// Whether `value` holds all that `wanted` says.
bool holds(const json::value& wanted, const json::value& value) {
  if (!wanted.is_object() || !value.is_object()) return same_scalar(wanted, value);
  return std::ranges::all_of(wanted.get_object(), [&](const auto& member) {
    const auto* own = value.get_object().if_contains(member.key());
    return own != nullptr && holds(member.value(), *own);
  });
}

bool is_skipped(const ExtraField& field, const json::value& entry) {
  return std::ranges::any_of(field.skips, [&](const json::value& skip) {
    return skip.is_object() && !skip.get_object().empty() && holds(skip, entry);
  });
}

std::string key_of(const Pollster& what, const PollTarget& target) {
  std::string key = what.way_of_asking() + '\n' + target.url;
  for (const std::string& word : target.words) key += '\0' + word;
  return key;
}

}  // namespace

const Result<json::value>& ExtraMetadata::answer_of(const ExtraField& field, const PollTarget& target) {
  const std::string key = key_of(field.what, target);
  const Time now = clock_.now();
  if (const auto known = kept_.find(key); known != kept_.end() && known->second.until > now)
    return known->second.answer;
  if (kept_.size() >= kMostAnswers) {
    std::erase_if(kept_, [&](const auto& one) { return one.second.until <= now; });
    if (kept_.size() >= kMostAnswers) kept_.clear();
  }
  Rest& rest = rests_[field.what.name()];
  if (rest.failures >= kFailuresInARow && now < rest.until) return resting_;
  auto answer = ask_(field.what, target);
  const bool answers = answer || answer.error().code == Errc::kNotFound;
  rest = answers ? Rest{} : Rest{rest.failures + 1, clock_.now() + kAfterFailure};
  const Time until = now + (answer ? field.keep_for : std::min(field.keep_for, kAfterFailure));
  return kept_.insert_or_assign(key, Kept{std::move(answer), until}).first->second.answer;
}

json::object ExtraMetadata::about(const std::vector<ExtraField>& fields, const json::value& entry) {
  json::object captured, by_name;
  for (const ExtraField& field : fields) {
    if (is_skipped(field, entry)) continue;
    const auto target = field.what.target(json::object{
        {"sample", entry}, {"extra_metadata_captured", captured}, {"extra_metadata_by_name", by_name}});
    if (!target) continue;
    const auto& answer = answer_of(field, *target);
    if (!answer) {
      error_ = fmt::format("{}: {}", field.what.name(), answer.error().message);
      continue;
    }
    for (const auto& [value, metadata] : field.what.details(*answer)) {
      captured[field.what.name()] = value;
      for (const auto& [name, more] : *metadata) captured[name] = more;
      by_name[field.what.name()] = json::object{{"value", value}, {"metadata", *metadata}};
    }
  }
  return captured;
}

}  // namespace sentinella::telemetry
