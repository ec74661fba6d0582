#include "agent/check/database_checks.h"

#include <algorithm>

#include "agent/collect/database_query.h"
#include "agent/collect/mysql_session.h"

namespace sentinella::agent {
namespace {

constexpr std::uint16_t kUsualPort = 3306;

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string name_of(const CheckTarget& target) {
  return fmt::format("{} {}", target.host, target.port);
}

/// A socket is that of the usual port of this host.
bool is_at(const SourceConfig& account, const CheckTarget& target) {
  const auto place = parse_database_url(account.url);
  if (!place) return false;
  if (place->address.starts_with('/')) return is_loopback(target.host) && target.port == kUsualPort;
  const auto there = parse_check_url("mysql://" + place->address);
  if (!there || there->port != target.port) return false;
  return there->host == target.host || (is_loopback(there->host) && is_loopback(target.host));
}

}  // namespace

DatabaseChecks::DatabaseChecks(const std::vector<SourceConfig>& sources, const Clock& clock) : clock_(clock) {
  std::ranges::copy_if(sources, std::back_inserter(accounts_),
                       [](const SourceConfig& source) { return source.kind == "mariadb"; });
}

const SourceConfig* DatabaseChecks::account_of(const CheckTarget& target) const {
  const auto found =
      std::ranges::find_if(accounts_, [&](const SourceConfig& account) { return is_at(account, target); });
  return found == accounts_.end() ? nullptr : &*found;
}

std::optional<CheckOutcome> DatabaseChecks::ask(const CheckTarget& target, Duration timeout) {
  if (const SourceConfig* account = account_of(target)) {
    const auto began = std::chrono::steady_clock::now();
    const auto done = MysqlSession::open(*account, parse_database_url(account->url)->address, timeout);
    const Duration took = std::chrono::steady_clock::now() - began;
    if (done) return CheckOutcome{.up = true, .took = took};
    // What is wrong with the account, its file or the socket's path says nothing of the database: it may
    // greet.
    const Errc code = done.error().code;
    const bool by_socket = parse_database_url(account->url)->address.starts_with('/');
    if (code == Errc::kCorrupt || (code == Errc::kUnavailable && !by_socket))
      return CheckOutcome{.up = false, .took = took, .problem = done.error().message};
  }
  const auto known = greetings_.find(name_of(target));
  if (known == greetings_.end() || clock_.now() - known->second.at >= kGreetingPause) return std::nullopt;
  return known->second.outcome;
}

void DatabaseChecks::greeted(const CheckTarget& target, const CheckOutcome& outcome) {
  if (outcome.up)
    greetings_[name_of(target)] = {outcome, clock_.now()};
  else
    greetings_.erase(name_of(target));
}

}  // namespace sentinella::agent
