// Connections of services to the message broker and the database. A worker or agent without a port of its own
// cannot be asked whether it is well; that it holds its connection to the broker is the sign it gives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/collect/sample_writer.h"
#include "agent/config/config.h"
#include "agent/watch/proc_fs.h"

namespace sentinella::agent {

/// An established TCP connection to one of the ports of PeerPorts.
struct PeerSocket {
  bool to_broker = false;  ///< else to the database
  uid_t owner = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const PeerSocket&, const PeerSocket&) = default;
};

/// Of /proc/net/tcp or tcp6; at most 65536. Pure.
std::vector<PeerSocket> parse_peer_sockets(std::string_view text, const PeerPorts& ports);

/// Whose connections are to be counted.
struct LinkQuestion {
  std::uint64_t run = 0;  ///< a pid of the service's main process; 0 = it does not run
  std::vector<pid_t> processes;
};

struct LinkCount {
  std::size_t broker = 0;
  std::size_t database = 0;
  /// Without the right to look at the processes (CAP_SYS_PTRACE): all connections of their user are counted.
  /// None of these means none of the service's; more means less.
  bool by_owner = false;
};

/// One answer per question, in order; absent: nothing can be said. Reads the kernel's table of sockets once
/// for each network namespace. Thread-safe.
std::vector<std::optional<LinkCount>> count_links(const ProcFs& proc,
                                                  const std::vector<LinkQuestion>& questions,
                                                  const PeerPorts& ports);

/// What the counts mean. Only services that live on the broker (discover/catalogue.h), and of these only
/// those that have been connected since our start: who never was may use another transport. Not thread-safe;
/// pure.
class ServiceLinks {
 public:
  /// Rounds without a connection until it counts as lost: clients of a broker that starts again are back by
  /// then.
  static constexpr int kLostRounds = 3;
  /// And how many a service that was started again has until it must be connected.
  static constexpr int kStartRounds = 9;

  explicit ServiceLinks(const std::vector<ServiceConfig>& services);

  /// Indices into the constructor's list; questions and counts are in their order.
  const std::vector<std::size_t>& services() const { return indices_; }
  void take(const std::vector<LinkQuestion>& questions, const std::vector<std::optional<LinkCount>>& counts);

  struct Change {
    std::string service;
    bool lost = false;  ///< else found again
  };
  /// What changed since the last call.
  std::vector<Change> take_changes();

  enum class State : std::uint8_t { unknown, connected, lost };
  struct View {
    State state = State::unknown;
    bool by_owner = false;
  };
  View view(std::string_view service) const;
  void write(SampleWriter& out) const;

 private:
  struct Link {
    std::string name;
    std::uint64_t run = 0;
    bool proven = false;  ///< has been connected, in whichever run
    bool lost = false;
    int grace = 0;
    int missing = 0;
    std::optional<LinkCount> count;
  };
  void judge(Link& link, const LinkQuestion& question, const std::optional<LinkCount>& count);

  std::vector<Link> links_;
  std::vector<std::size_t> indices_;
  std::vector<Change> changes_;
};

}  // namespace sentinella::agent
