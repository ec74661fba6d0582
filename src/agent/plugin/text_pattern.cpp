#include "agent/plugin/text_pattern.h"

#include <re2/re2.h>

#include "base/text.h"
#include "codec/secret_mask.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxRegex = 4096;
constexpr std::int64_t kMaxRegexMemory = 1 << 20;
constexpr std::size_t kMaxPatternLine = 16 << 10;
constexpr std::size_t kMaxSummary = 500;

}  // namespace

TextPattern::TextPattern(PatternCall call, std::shared_ptr<const re2::RE2> regex)
    : call_(std::move(call)), regex_(std::move(regex)) {
  for (const auto& [name, number] : regex_->NamedCapturingGroups()) groups_.emplace(name, number);
}

Result<TextPattern> TextPattern::create(const PatternCall& call) {
  if (call.regex.size() > kMaxRegex)
    return fail_field(Errc::kInvalid, "regex", "it is over {} bytes", kMaxRegex);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexMemory);
  auto regex = std::make_shared<const re2::RE2>(call.regex, options);
  if (!regex->ok()) return fail_field(Errc::kInvalid, "regex", "{}", regex->error());
  TextPattern pattern(call, std::move(regex));
  const auto known = [&](std::string_view field, const std::string& group) -> Result<void> {
    if (pattern.groups_.contains(group)) return {};
    return fail_field(Errc::kInvalid, field, "the expression has no group (?P<{}>...)", group);
  };
  for (const auto& [name, group] : call.metrics) SENT_TRY(known("metrics." + name, group));
  for (const std::string& label : call.labels) SENT_TRY(known("labels", label));
  return pattern;
}

std::string TextPattern::fill(std::string_view summary, const std::vector<std::string>& values) const {
  std::string out;
  while (!summary.empty()) {
    const std::size_t open = summary.find('{');
    const std::size_t close = summary.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      out += summary;
      break;
    }
    out += summary.substr(0, open);
    const auto group = groups_.find(summary.substr(open + 1, close - open - 1));
    out += group == groups_.end() ? std::string(summary.substr(open, close + 1 - open))
                                  : values[static_cast<std::size_t>(group->second)];
    summary.remove_prefix(close + 1);
  }
  out.resize(std::min(out.size(), kMaxSummary));
  codec::mask_secrets(out);
  return out;
}

PatternMatches TextPattern::read(std::string_view text, const std::vector<Label>& ours, Time now) const {
  PatternMatches matches;
  const int count = regex_->NumberOfCapturingGroups() + 1;
  std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(count));
  std::map<Labels, SeriesSamples> last;
  for (std::string_view line : split(text, '\n')) {
    line = line.substr(0, kMaxPatternLine);
    if (!regex_->Match(line, 0, line.size(), re2::RE2::UNANCHORED, pieces.data(), count)) continue;
    ++matches.lines;
    std::vector<std::string> values;
    for (const re2::StringPiece& piece : pieces)
      values.emplace_back(piece.data() ? piece.data() : "", piece.size());
    const auto value_of = [&](const std::string& group) -> const std::string& {
      return values[static_cast<std::size_t>(groups_.find(group)->second)];
    };
    std::vector<Label> labels;
    for (const std::string& label : call_.labels) labels.push_back({label, value_of(label)});
    for (const auto& [name, group] : call_.metrics) {
      PluginOutput one;
      add_plugin_sample(one, name, labels, ours, parse_double(value_of(group)), now);
      if (one.samples.empty() && matches.output.refused++ == 0) matches.output.reason = one.reason;
      for (SeriesSamples& s : one.samples) last.insert_or_assign(s.labels, std::move(s));
    }
    if (call_.event_type.empty()) continue;
    if (matches.events.size() < kMaxPatternEvents)
      matches.events.push_back({fill(call_.event_summary, values)});
    else
      ++matches.more_events;
  }
  for (auto& [labels, samples] : last) {
    if (matches.output.samples.size() == kMaxPluginSamples) {
      matches.output.refused += last.size() - kMaxPluginSamples;
      matches.output.reason = fmt::format("more than {} samples", kMaxPluginSamples);
      break;
    }
    matches.output.samples.push_back(std::move(samples));
  }
  return matches;
}

}  // namespace sentinella::agent
