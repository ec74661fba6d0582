// statsd over UDP and TCP into one account: listens, adds up, and hands in the sums every interval.
#pragma once

#include <memory>
#include <optional>

#include "base/mutex.h"
#include "base/time.h"
#include "codec/statsd_aggregator.h"
#include "ingest/intake.h"
#include "net/stream_listener.h"
#include "net/udp_listener.h"
#include "server/periodic_task.h"

namespace sentinella::server {

struct StatsdListeners {
  std::optional<net::UdpOptions> udp;
  std::optional<net::StreamListenOptions> tcp;
};

/// Nothing is acknowledged: what came since the last interval is lost with the process.
class StatsdInput {
 public:
  /// `intake` and `clock` must outlive it. Errors as start_udp_listener() and start_stream_listener().
  static Result<std::unique_ptr<StatsdInput>> start(StatsdListeners listeners, AccountId account,
                                                    Duration interval, ingest::Intake& intake,
                                                    const Clock& clock);
  ~StatsdInput();  ///< hands in what there is

 private:
  StatsdInput(AccountId account, ingest::Intake& intake, const Clock& clock)
      : account_(account), intake_(intake), clock_(clock) {}
  class Session;
  std::unique_ptr<net::StreamSession> open_session();
  void take(std::string_view lines);
  void flush();

  const AccountId account_;
  ingest::Intake& intake_;
  const Clock& clock_;
  Mutex mutex_;
  codec::StatsdAggregator aggregator_ SENT_GUARDED_BY(mutex_);
  std::uint64_t bad_told_ SENT_GUARDED_BY(mutex_) = 0;  ///< bad lines that our log has been told of
  std::unique_ptr<net::UdpListener> udp_;
  std::unique_ptr<net::StreamListener> tcp_;
  std::unique_ptr<PeriodicTask> flushes_;
};

}  // namespace sentinella::server
