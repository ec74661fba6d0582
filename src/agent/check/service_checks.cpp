#include "agent/check/service_checks.h"

#include <algorithm>

namespace sentinella::agent {
namespace {

/// Absent when `url` is none.
std::optional<CheckTarget> target_of(const std::string& url, const CheckOptions& options) {
  auto target = parse_check_url(url);
  if (!target) return std::nullopt;
  target->options = options;
  return std::move(*target);
}

constexpr int kFirstLookPause = 6;  // rounds; doubles while nothing is found
constexpr int kLongestLookPause = 96;
constexpr int kGiveUpAfter = 12;  // rounds of a learned check that never succeeded

}  // namespace

ServiceChecks::ServiceChecks(const std::vector<ServiceConfig>& services,
                             const std::vector<NamedCheck>& checks, FindUrl find_url)
    : find_url_(std::move(find_url)) {
  for (const ServiceConfig& service : services) {
    if (!service.enabled || !service.checked) continue;
    Check check;
    check.name = service.name;
    check.of_service = true;
    check.learned = service.check.empty();
    check.url = service.check;
    check.target = target_of(service.check, service.check_options);
    checks_.push_back(std::move(check));
  }
  for (const auto& [name, url, options] : checks) {
    Check check;
    check.name = name;
    check.url = url;
    check.target = target_of(url, options);
    checks_.push_back(std::move(check));
  }
}

void ServiceChecks::look_for(Check& check) {
  if (check.next_look-- > 0) return;
  check.look_pause = std::clamp(check.look_pause * 2, kFirstLookPause, kLongestLookPause);
  check.next_look = check.look_pause;
  check.url = find_url_(check.name);
  const auto target = parse_check_url(check.url);
  if (target) check.target = *target;
}

/// The service ended or moved; what was learned of it may be wrong now.
void ServiceChecks::forget(Check& check) {
  check.outcome.reset();
  check.unknown = false;
  if (!check.learned) return;
  check.target.reset();
  check.url.clear();
  check.proven = false;
  check.unanswered = 0;
  check.next_look = 0;
  check.look_pause = 0;
}

std::vector<CheckTarget> ServiceChecks::targets(const RunOf& run_of) {
  std::vector<CheckTarget> targets;
  asked_.clear();
  for (std::size_t i = 0; i < checks_.size(); ++i) {
    Check& check = checks_[i];
    const std::uint64_t run = check.of_service ? run_of(check.name) : 0;
    if (check.of_service && check.run.value_or(run) != run) {
      check.outcome.reset();
      check.grace = kStartRounds;
    }
    check.run = run;
    if (check.of_service && run == 0) {
      forget(check);
      continue;
    }
    if (!check.target && check.learned) look_for(check);
    if (!check.target) continue;
    targets.push_back(*check.target);
    asked_.push_back(i);
  }
  return targets;
}

void ServiceChecks::take(const std::vector<CheckOutcome>& outcomes) {
  for (std::size_t i = 0; i < std::min(outcomes.size(), asked_.size()); ++i) {
    Check& check = checks_[asked_[i]];
    if (!check.target) continue;
    check.unknown = !outcomes[i].asked;
    if (check.unknown) {
      check.outcome.reset();
      continue;
    }
    check.proven |= outcomes[i].up || !check.learned;
    if (outcomes[i].up) check.grace = 0;
    if (check.proven) {
      // What was started a moment ago may need a while until it answers.
      if (check.grace-- > 0) continue;
      check.grace = 0;
      check.outcome = outcomes[i];
      continue;
    }
    // Perhaps the port speaks TLS, perhaps it is somebody else's.
    if (check.target->scheme == CheckScheme::http || check.target->scheme == CheckScheme::https) {
      const bool secure = check.target->scheme == CheckScheme::http;
      check.target->scheme = secure ? CheckScheme::https : CheckScheme::http;
      check.url = (secure ? "https" : "http") + check.url.substr(check.url.find(':'));
    }
    if (++check.unanswered < kGiveUpAfter) continue;
    check.target.reset();
    check.unanswered = 0;
  }
}

void ServiceChecks::pause() {
  for (Check& check : checks_) {
    check.unknown |= check.outcome.has_value();
    check.outcome.reset();
  }
}

bool ServiceChecks::unknown(std::string_view service) const {
  return std::ranges::any_of(checks_,
                             [&](const Check& c) { return c.of_service && c.name == service && c.unknown; });
}

std::string ServiceChecks::url(std::string_view service) const {
  for (const Check& check : checks_)
    if (check.of_service && check.name == service && check.proven) return check.url;
  return "";
}

std::string ServiceChecks::problem(std::string_view service) const {
  for (const Check& check : checks_)
    if (check.of_service && check.name == service && check.outcome && !check.outcome->up)
      return fmt::format("{}: {}", check.url, check.outcome->problem);
  return "";
}

void ServiceChecks::write(SampleWriter& out) const {
  for (const Check& check : checks_) {
    if (!check.outcome) continue;
    const std::initializer_list<SampleWriter::LabelView> labels = {
        {"service", check.of_service ? std::string_view(check.name) : std::string_view()},
        {"check", check.of_service ? std::string_view(check.url) : std::string_view(check.name)}};
    out.add(metric("check_up"), check.outcome->up ? 1 : 0, labels);
    out.add(metric("check_seconds"), std::chrono::duration<double>(check.outcome->took).count(), labels);
    if (check.outcome->expires)
      out.add(metric("check_certificate_expiry_seconds"),
              static_cast<double>(check.outcome->expires->ns) / 1e9, labels);
  }
}

}  // namespace sentinella::agent
