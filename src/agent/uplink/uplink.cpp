#include "agent/uplink/uplink.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "agent/uplink/backoff.h"
#include "agent/uplink/dead_letters.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mutex.h"

namespace sentinella::agent {
namespace {

/// How many log batches may go before a waiting metrics batch has its turn.
constexpr int kLogsPerMetrics = 4;
/// A revoked agent asks again now and then: people change their minds.
constexpr Duration kForbiddenPause = 60s;
/// How often somebody who waits for the empty spool looks.
constexpr Duration kLook = 20ms;

std::uint64_t random_seed() {
  const std::string bytes = random_bytes(8);
  return ByteReader(bytes).fixed<std::uint64_t>();
}

}  // namespace

struct Uplink::Impl {
  Impl(LinkOptions options, std::filesystem::path dead, Spool& s, const Clock& c,
       std::function<void(const std::string&)> on_acknowledged)
      : link(std::move(options), c),
        dead_letters(std::move(dead)),
        spool(s),
        clock(c),
        acknowledged(std::move(on_acknowledged)),
        backoff(random_seed()) {}

  void run();
  std::optional<SpoolItem> next();
  void settle(const SpoolItem& item);
  void handle(const SpoolItem& item, const SendResult& result);
  void pause(Duration duration);
  void ask_question();

  // Used by the uplink's thread alone.
  ServerLink link;
  const std::filesystem::path dead_letters;
  Spool& spool;
  const Clock& clock;
  const std::function<void(const std::string&)> acknowledged;
  Backoff backoff;
  int logs_in_a_row = 0;
  std::thread thread;

  mutable Mutex mutex;
  CondVar wake;
  bool pending SENT_GUARDED_BY(mutex) = true;
  std::optional<std::pair<std::string, std::string>> question SENT_GUARDED_BY(mutex);
  std::optional<Result<std::string>> answer SENT_GUARDED_BY(mutex);
  bool stopping SENT_GUARDED_BY(mutex) = false;
  bool ended SENT_GUARDED_BY(mutex) = false;
  UplinkStatus status SENT_GUARDED_BY(mutex);
};

std::optional<SpoolItem> Uplink::Impl::next() {
  if (logs_in_a_row < kLogsPerMetrics)
    if (auto item = spool.front(SignalKind::logs)) {
      ++logs_in_a_row;
      return item;
    }
  logs_in_a_row = 0;
  if (auto item = spool.front(SignalKind::metrics)) return item;
  return spool.front(SignalKind::logs);
}

void Uplink::Impl::settle(const SpoolItem& item) {
  if (!item.note.empty()) acknowledged(item.note);
  spool.acknowledge(item);
  backoff.reset();
}

void Uplink::Impl::handle(const SpoolItem& item, const SendResult& result) {
  {
    Lock lock(mutex);
    if (status.problem != result.problem && !result.problem.empty())
      log::warning("agent.uplink", "{}", result.problem);
    if (!status.problem.empty() && result.problem.empty())
      log::info("agent.uplink", "the server takes data again");
    status.problem = result.problem;
    status.agent_id = link.agent_id();
    if (result.outcome == SendOutcome::accepted) {
      status.last_contact = clock.now();
      ++status.sent;
    }
    if (result.outcome == SendOutcome::refused) ++status.refused;
  }
  switch (result.outcome) {
    case SendOutcome::accepted:
      return settle(item);
    case SendOutcome::refused:
      if (const auto kept = keep_dead_letter(dead_letters, item, result.problem); !kept)
        log::error("agent.uplink", "a refused batch is not kept: {}", describe(kept.error()));
      return settle(item);
    case SendOutcome::retry:
      return pause(result.retry_after.value_or(backoff.next()));
    case SendOutcome::forbidden:
      return pause(kForbiddenPause);
  }
}

void Uplink::Impl::pause(Duration duration) {
  Lock lock(mutex);
  const auto until = std::chrono::steady_clock::now() + duration;
  while (!stopping && wake.wait_until(mutex, until) != std::cv_status::timeout) {
  }
}

void Uplink::Impl::ask_question() {
  std::optional<std::pair<std::string, std::string>> next;
  {
    Lock lock(mutex);
    next = std::exchange(question, std::nullopt);
  }
  if (!next) return;
  auto said = link.ask(next->first, next->second);
  Lock lock(mutex);
  answer = std::move(said);
}

void Uplink::Impl::run() {
  for (;;) {
    {
      Lock lock(mutex);
      if (stopping) break;
      pending = false;
    }
    ask_question();
    if (const auto item = next()) {
      handle(*item, link.send(*item));
      wake.notify_all();
      continue;
    }
    Lock lock(mutex);
    while (!pending && !stopping) wake.wait(mutex);
  }
  Lock lock(mutex);
  ended = true;
  wake.notify_all();
}

Uplink::Uplink(LinkOptions link, std::filesystem::path dead_letters, Spool& spool, const Clock& clock,
               std::function<void(const std::string& note)> acknowledged)
    : impl_(std::make_shared<Impl>(std::move(link), std::move(dead_letters), spool, clock,
                                   std::move(acknowledged))) {
  // The thread shares the state, so that a send that hangs outlives us without harm.
  impl_->thread = std::thread([impl = impl_] { impl->run(); });
}

Uplink::~Uplink() {
  stop(Duration(0));
}

void Uplink::notify() {
  Lock lock(impl_->mutex);
  impl_->pending = true;
  impl_->wake.notify_all();
}

bool Uplink::wait_until_empty(Duration limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const SpoolStatistics spool = impl_->spool.statistics();
    if (spool.waiting_logs + spool.waiting_metrics == 0) return true;
    const auto now = std::chrono::steady_clock::now();
    Lock lock(impl_->mutex);
    if (impl_->ended || now >= deadline) return false;
    impl_->wake.wait_until(impl_->mutex, std::min(deadline, now + kLook));
  }
}

bool Uplink::stop(Duration limit) {
  if (!impl_->thread.joinable()) return true;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  bool ended = false;
  {
    Lock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->wake.notify_all();
    while (!impl_->ended && impl_->wake.wait_until(impl_->mutex, deadline) != std::cv_status::timeout) {
    }
    ended = impl_->ended;
  }
  if (ended)
    impl_->thread.join();
  else
    impl_->thread.detach();
  return ended;
}

void Uplink::ask(std::string path, std::string body) {
  Lock lock(impl_->mutex);
  impl_->question.emplace(std::move(path), std::move(body));
  impl_->pending = true;
  impl_->wake.notify_all();
}

std::optional<Result<std::string>> Uplink::take_answer() {
  Lock lock(impl_->mutex);
  return std::exchange(impl_->answer, std::nullopt);
}

UplinkStatus Uplink::status() const {
  Lock lock(impl_->mutex);
  return impl_->status;
}

}  // namespace sentinella::agent
