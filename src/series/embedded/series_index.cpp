#include "series/embedded/series_index.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>

#include <re2/re2.h>

#include "series/embedded/series_head.h"

namespace sentinella::series {
namespace {

constexpr std::size_t kMaxRegexBytes = 16 * 1024;

class Matcher {
 public:
  static Result<Matcher> compile(const LabelMatcher& matcher) {
    Matcher compiled;
    compiled.matcher_ = &matcher;
    using Op = LabelMatcher::Op;
    compiled.negated_ = matcher.op == Op::not_equal || matcher.op == Op::not_regex;
    if (matcher.op == Op::equal || matcher.op == Op::not_equal) return compiled;
    if (matcher.value.size() > kMaxRegexBytes)
      return fail_field(Errc::kInvalid, matcher.name, "the regular expression has {} bytes, at most {}",
                        matcher.value.size(), kMaxRegexBytes);
    RE2::Options options;
    options.set_log_errors(false);
    options.set_dot_nl(true);
    compiled.regex_ = std::make_unique<RE2>(matcher.value, options);
    if (!compiled.regex_->ok())
      return fail_field(Errc::kInvalid, matcher.name, "\"{}\" is not a regular expression: {}", matcher.value,
                        compiled.regex_->error());
    return compiled;
  }

  const std::string& name() const { return matcher_->name; }
  bool matches(std::string_view value) const {
    const bool hit = regex_ ? RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *regex_)
                            : value == matcher_->value;
    return hit != negated_;
  }
  /// Series that lack the label cannot match.
  bool narrows() const { return !matches(""); }
  /// The one value it allows, when that can be told.
  const std::string* only_value() const { return regex_ || negated_ ? nullptr : &matcher_->value; }

 private:
  const LabelMatcher* matcher_ = nullptr;
  std::unique_ptr<RE2> regex_;
  bool negated_ = false;
};

Result<std::vector<Matcher>> compile(const Selector& selector) {
  std::vector<Matcher> matchers;
  for (const LabelMatcher& matcher : selector.matchers) {
    SENT_TRY_ASSIGN(auto compiled, Matcher::compile(matcher));
    matchers.push_back(std::move(compiled));
  }
  return matchers;
}

template <typename Values>
std::vector<std::uint64_t> ids_of(const Values& values, const Matcher& matcher) {
  std::vector<std::uint64_t> ids;
  if (const std::string* value = matcher.only_value()) {
    if (const auto at = values.find(*value); at != values.end()) ids = at->second;
    return ids;
  }
  for (const auto& [value, of_value] : values)
    if (matcher.matches(value)) ids.insert(ids.end(), of_value.begin(), of_value.end());
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

Result<void> check_selector(const Selector& selector) {
  SENT_TRY_ASSIGN(const auto matchers, compile(selector));
  if (std::ranges::none_of(matchers, &Matcher::narrows))
    return fail(Errc::kInvalid,
                "the selector would match every series: at least one matcher must not match \"\"");
  return {};
}

std::shared_ptr<Series> SeriesIndex::get(AccountId account, const std::string& canonical) const {
  const std::shared_lock lock(mutex_);
  const auto of_account = accounts_.find(account);
  if (of_account == accounts_.end()) return nullptr;
  const auto at = of_account->second.by_labels.find(canonical);
  return at == of_account->second.by_labels.end() ? nullptr : at->second;
}

std::shared_ptr<Series> SeriesIndex::get(AccountId account, SeriesId id) const {
  const std::shared_lock lock(mutex_);
  const auto of_account = accounts_.find(account);
  if (of_account == accounts_.end()) return nullptr;
  const auto at = of_account->second.by_id.find(static_cast<std::uint64_t>(id));
  return at == of_account->second.by_id.end() ? nullptr : at->second;
}

void SeriesIndex::add(std::shared_ptr<Series> series) {
  const std::unique_lock lock(mutex_);
  Account& account = accounts_[series->account];
  for (const Label& label : series->labels) account.postings[label.name][label.value].push_back(series->id);
  account.by_id.emplace(series->id, series);
  account.by_labels.emplace(series->labels.canonical(), std::move(series));
}

void SeriesIndex::remove(const Series& series) {
  const std::unique_lock lock(mutex_);
  Account& account = accounts_[series.account];
  for (const Label& label : series.labels) {
    auto& values = account.postings[label.name];
    Ids& ids = values[label.value];
    const auto at = std::ranges::lower_bound(ids, series.id);
    if (at != ids.end() && *at == series.id) ids.erase(at);
    if (ids.empty()) values.erase(label.value);
    if (values.empty()) account.postings.erase(label.name);
  }
  const std::uint64_t id = series.id;
  account.by_labels.erase(series.labels.canonical());
  account.by_id.erase(id);
}

Result<SeriesIndex::Found> SeriesIndex::find(AccountId account, const Selector& selector,
                                             std::size_t max_series) const {
  SENT_TRY_ASSIGN(const auto matchers, compile(selector));
  const std::shared_lock lock(mutex_);
  Found found;
  const auto of_account = accounts_.find(account);
  if (of_account == accounts_.end()) return found;
  std::optional<Ids> candidates;
  for (const Matcher& matcher : matchers) {
    if (!matcher.narrows()) continue;
    const auto values = of_account->second.postings.find(matcher.name());
    if (values == of_account->second.postings.end()) return found;
    Ids ids = ids_of(values->second, matcher);
    if (candidates) {
      Ids both;
      std::ranges::set_intersection(*candidates, ids, std::back_inserter(both));
      ids = std::move(both);
    }
    candidates = std::move(ids);
  }
  const auto consider = [&](const std::shared_ptr<Series>& series) -> bool {
    for (const Matcher& matcher : matchers)
      if (!matcher.narrows() && !matcher.matches(series->labels.get(matcher.name()))) return true;
    found.push_back(series);
    return found.size() <= max_series;
  };
  if (candidates) {
    for (const std::uint64_t id : *candidates)
      if (!consider(of_account->second.by_id.at(id))) break;
  } else {
    for (const auto& [id, series] : of_account->second.by_id)
      if (!consider(series)) break;
  }
  if (found.size() > max_series)
    return fail(Errc::kTooLarge, "the selector matches over {} series", max_series);
  return found;
}

SeriesIndex::Found SeriesIndex::all() const {
  const std::shared_lock lock(mutex_);
  Found found;
  for (const auto& [account, of_account] : accounts_)
    for (const auto& [id, series] : of_account.by_id) found.push_back(series);
  return found;
}

std::size_t SeriesIndex::size() const {
  const std::shared_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [account, of_account] : accounts_) count += of_account.by_id.size();
  return count;
}

std::size_t SeriesIndex::size(AccountId account) const {
  const std::shared_lock lock(mutex_);
  const auto of_account = accounts_.find(account);
  return of_account == accounts_.end() ? 0 : of_account->second.by_id.size();
}

}  // namespace sentinella::series
