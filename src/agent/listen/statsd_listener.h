// Takes what programs of this host send by statsd (codec/statsd.h) and hands it over as samples once a round.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/sample_writer.h"
#include "agent/event_loop.h"
#include "base/file.h"
#include "codec/statsd_aggregator.h"
#include "model/series.h"

namespace sentinella::agent {

/// "127.0.0.1:8125" or "[::1]:8125": an address in figures and a port, which UDP is received on.
struct UdpAddress {
  std::string address;
  std::uint16_t port = 0;
};
Result<UdpAddress> parse_udp_address(std::string_view text);

/// Not thread-safe; receives while its loop runs.
class StatsdListener {
 public:
  /// kInvalid: no such address; kIo, kForbidden: it cannot be bound. `loop` outlives this.
  static Result<std::unique_ptr<StatsdListener>> open(EventLoop& loop, const std::string& address,
                                                      const Clock& clock);
  ~StatsdListener();
  StatsdListener(const StatsdListener&) = delete;
  StatsdListener& operator=(const StatsdListener&) = delete;

  /// Everything since the last call, with the label host (a tag of that name gives way), and how much came.
  void write(std::vector<SeriesSamples>& series, const std::string& host, Time now);
  /// Of lines that were refused; "" = none.
  std::string problem() const;
  std::uint16_t port() const { return port_; }

 private:
  StatsdListener(EventLoop& loop, FileDescriptor socket, const Clock& clock);
  void receive();

  EventLoop& loop_;
  FileDescriptor socket_;
  const Clock& clock_;
  std::uint16_t port_ = 0;
  codec::StatsdAggregator aggregator_;
};

}  // namespace sentinella::agent
