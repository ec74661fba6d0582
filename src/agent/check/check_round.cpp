#include "agent/check/check_round.h"

#include <algorithm>

#include <poll.h>

#include "agent/check/check_connection.h"

namespace sentinella::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Only made when something speaks TLS: the library's tables are not for hosts that need none.
std::unique_ptr<SSL_CTX, SslFree> context_for(const std::vector<CheckTarget>& targets) {
  const bool needed =
      std::ranges::any_of(targets, [](const CheckTarget& t) { return t.scheme == CheckScheme::https; });
  if (!needed) return nullptr;
  std::unique_ptr<SSL_CTX, SslFree> context(SSL_CTX_new(TLS_client_method()));
  if (context) SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

CheckOutcome outcome_of(const CheckConnection& connection, Duration took) {
  return {connection.up(), took, connection.problem(), connection.status(), connection.expires()};
}

}  // namespace

std::vector<CheckOutcome> run_checks(const std::vector<CheckTarget>& targets, Duration timeout) {
  const auto context = context_for(targets);
  std::vector<CheckOutcome> outcomes(targets.size());
  std::vector<std::unique_ptr<CheckConnection>> connections;
  std::vector<SteadyClock::time_point> begun;
  for (const CheckTarget& target : targets) {
    begun.push_back(SteadyClock::now());
    connections.push_back(std::make_unique<CheckConnection>(target, context.get()));
  }
  const auto deadline = SteadyClock::now() + timeout;
  for (;;) {
    std::vector<pollfd> waiting;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < connections.size(); ++i) {
      if (!connections[i]) continue;
      const auto now = SteadyClock::now();
      if (!connections[i]->done() && now >= deadline) connections[i]->time_out(timeout);
      if (connections[i]->done()) {
        outcomes[i] = outcome_of(*connections[i], now - begun[i]);
        connections[i].reset();
        continue;
      }
      waiting.push_back({connections[i]->descriptor(), connections[i]->events(), 0});
      which.push_back(i);
    }
    if (waiting.empty()) return outcomes;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <=
        0)
      continue;
    for (std::size_t i = 0; i < waiting.size(); ++i)
      if (waiting[i].revents != 0) connections[which[i]]->advance();
  }
}

}  // namespace sentinella::agent
