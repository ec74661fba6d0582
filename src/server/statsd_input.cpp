#include "server/statsd_input.h"

#include "base/log.h"

namespace sentinella::server {
namespace {

constexpr std::string_view kStatsdLog = "statsd";

}  // namespace

Result<std::unique_ptr<StatsdInput>> StatsdInput::start(StatsdListeners listeners, AccountId account,
                                                        Duration interval, ingest::Intake& intake,
                                                        const Clock& clock) {
  std::unique_ptr<StatsdInput> input(new StatsdInput(account, intake, clock));
  StatsdInput* const self = input.get();
  if (listeners.udp) {
    SENT_TRY_ASSIGN(input->udp_,
                    net::start_udp_listener(*std::move(listeners.udp),
                                            [self](std::string_view datagram, const sockaddr_storage&) {
                                              self->take(datagram);
                                            }));
  }
  if (listeners.tcp) {
    SENT_TRY_ASSIGN(input->tcp_,
                    net::start_stream_listener(*std::move(listeners.tcp), [self](const auto&, const auto&) {
                      return self->open_session();
                    }));
  }
  input->flushes_ = std::make_unique<PeriodicTask>([self, interval, first = true]() mutable {
    if (!std::exchange(first, false)) self->flush();
    return interval;
  });
  return input;
}

StatsdInput::~StatsdInput() {
  if (!flushes_) return;
  flushes_->stop();
  udp_.reset();
  tcp_.reset();
  flush();
}

/// The lines of one TCP connection.
class StatsdInput::Session final : public net::StreamSession {
 public:
  explicit Session(StatsdInput& input) : input_(input) {}

  Result<std::size_t> take(std::string_view unread) override {
    const auto end = unread.rfind('\n');
    if (end == std::string_view::npos && unread.size() > kMaxLine)
      return fail(Errc::kTooLarge, "a line of statsd is over {} bytes", kMaxLine);
    if (end == std::string_view::npos) return 0;
    input_.take(unread.substr(0, end));
    return end + 1;
  }
  void ended(std::string_view unread) override { input_.take(unread); }

 private:
  static constexpr std::size_t kMaxLine = 64u << 10;
  StatsdInput& input_;
};

std::unique_ptr<net::StreamSession> StatsdInput::open_session() {
  return std::make_unique<Session>(*this);
}

void StatsdInput::take(std::string_view lines) {
  const Time now = clock_.now();
  Lock lock(mutex_);
  aggregator_.take(lines, now);
}

void StatsdInput::flush() {
  Batch batch;
  batch.account = account_;
  batch.received = clock_.now();
  {
    Lock lock(mutex_);
    batch.series = aggregator_.flush(batch.received);
    const auto& counts = aggregator_.counts();
    if (counts.bad > bad_told_)
      log::warning(kStatsdLog, "{} lines were refused, the last one because {}", counts.bad - bad_told_,
                   counts.last_reason);
    bad_told_ = counts.bad;
  }
  if (batch.empty()) return;
  intake_.submit(std::move(batch), ingest::Until::durable, [](Result<bus::Offset> taken) {
    if (!taken) log::warning(kStatsdLog, "an interval was lost: {}", describe(taken.error()));
  });
}

}  // namespace sentinella::server
