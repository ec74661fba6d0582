#include "agent/check/check_asker.h"

#include <algorithm>

#include "agent/collect/keystone.h"

namespace sentinella::agent {
namespace {

constexpr Duration kTokenLife = 30min;
constexpr Duration kTryAgain = 30s;
constexpr Duration kTokenLimit = 5s;
constexpr int kUnauthorizedStatus = 401;

}  // namespace

CheckAsker::CheckAsker(const std::vector<SourceConfig>& sources, const Clock& clock)
    : databases_(sources, clock), clock_(clock) {
  const auto account = std::ranges::find(sources, "openstack", &SourceConfig::kind);
  if (account != sources.end()) account_ = *account;
}

void CheckAsker::renew() {
  if (!client_)
    client_ = std::make_unique<net::HttpClient>(
        net::TlsClientOptions{.ca_file = account_->ca_file, .verify = account_->verify});
  auto token = fetch_token(*client_, *account_, kTokenLimit);
  // Why else none comes says nothing of the one we have.
  if (token || token.error().code == Errc::kUnauthorized) token_ = token ? std::move(token->id) : "";
  renew_at_ = clock_.now() + (token ? kTokenLife : kTryAgain);
  Lock lock(mutex_);
  problem_ = token ? ""
                   : fmt::format("checks that want a token are {}: {}: {}",
                                 token_.empty() ? "not asked" : "asked with the last one",
                                 identity_url(account_->url), describe(token.error()));
}

bool CheckAsker::give_token(std::vector<CheckTarget>& targets) {
  const bool wanted = std::ranges::any_of(targets, [](const CheckTarget& t) { return t.options.token; });
  if (!wanted || !account_) return false;
  if (clock_.now() >= renew_at_) renew();
  for (CheckTarget& target : targets)
    if (target.options.token) target.token = token_;
  return true;
}

/// Databases come last: a login that is not answered holds up no other.
std::vector<CheckOutcome> CheckAsker::ask(std::vector<CheckTarget> targets, Duration timeout) {
  std::vector<CheckOutcome> outcomes(targets.size());
  const auto ask_those = [&](const std::vector<std::size_t>& which) {
    std::vector<CheckTarget> asked;
    for (const std::size_t i : which) asked.push_back(targets[i]);
    auto answers = asked.empty() ? std::vector<CheckOutcome>() : ask_at_once(std::move(asked), timeout);
    for (std::size_t i = 0; i < which.size(); ++i) outcomes[which[i]] = std::move(answers[i]);
  };
  std::vector<std::size_t> others, to_greet;
  for (std::size_t i = 0; i < targets.size(); ++i)
    if (targets[i].scheme != CheckScheme::mysql) others.push_back(i);
  ask_those(others);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (targets[i].scheme != CheckScheme::mysql) continue;
    if (auto known = databases_.ask(targets[i], timeout))
      outcomes[i] = *std::move(known);
    else
      to_greet.push_back(i);
  }
  ask_those(to_greet);
  for (const std::size_t i : to_greet) databases_.greeted(targets[i], outcomes[i]);
  return outcomes;
}

std::vector<CheckOutcome> CheckAsker::ask_at_once(std::vector<CheckTarget> targets, Duration timeout) {
  const std::string before = token_;
  if (!give_token(targets)) return run_checks(targets, timeout);
  const bool is_new = token_ != before;
  const auto may_be_asked = [](const CheckTarget& t) { return !t.options.token || !t.token.empty(); };
  std::vector<CheckOutcome> outcomes(targets.size());
  for (CheckOutcome& outcome : outcomes) outcome.asked = false;
  const auto ask_those = [&](auto wanted) {
    std::vector<std::size_t> which;
    std::vector<CheckTarget> asked;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!may_be_asked(targets[i]) || !wanted(i)) continue;
      which.push_back(i);
      asked.push_back(targets[i]);
    }
    const auto answers = run_checks(asked, timeout);
    for (std::size_t i = 0; i < which.size(); ++i) outcomes[which[i]] = answers[i];
  };
  ask_those([](std::size_t) { return true; });
  const auto refused = [&](std::size_t i) {
    return targets[i].options.token && outcomes[i].status == kUnauthorizedStatus;
  };
  bool any_refused = false;
  for (std::size_t i = 0; i < targets.size(); ++i) any_refused |= refused(i);
  if (!any_refused || is_new) return outcomes;
  // It may have been revoked, or its keys rotated away. Until there is another, the refusals say nothing of
  // those who were asked.
  token_.clear();
  renew_at_ = Time{};
  give_token(targets);
  for (std::size_t i = 0; i < targets.size(); ++i)
    if (refused(i)) outcomes[i].asked = false;
  ask_those(refused);
  return outcomes;
}

std::string CheckAsker::problem() const {
  Lock lock(mutex_);
  return problem_;
}

}  // namespace sentinella::agent
