#include "agent/check/service_links.h"

#include <algorithm>
#include <map>
#include <set>

#include "agent/discover/catalogue.h"
#include "agent/discover/discover.h"
#include "agent/discover/net_tcp.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxPeerSockets = 65536;
constexpr std::size_t kMaxProcesses = 256;

/// What connects to the peers, by network namespace; services in containers may have one of their own.
class PeerTables {
 public:
  PeerTables(const ProcFs& proc, const PeerPorts& ports)
      : proc_(proc), ports_(ports), own_(proc.link("self/ns/net")) {}

  /// Absent: the table cannot be read as a whole.
  const std::optional<std::vector<PeerSocket>>& of(pid_t process) {
    const std::string space = proc_.link(fmt::format("{}/ns/net", process));
    const bool ours = space.empty() || space == own_;
    const auto [table, is_new] = tables_.try_emplace(ours ? "" : space);
    if (is_new) table->second = read(ours ? "" : fmt::format("{}/", process));
    return table->second;
  }

 private:
  std::optional<std::vector<PeerSocket>> read(const std::string& directory) const {
    std::vector<PeerSocket> sockets;
    const auto take = [&](std::string_view lines) {
      if (sockets.size() >= kMaxPeerSockets) return;
      for (const PeerSocket& socket : parse_peer_sockets(lines, ports_)) sockets.push_back(socket);
    };
    if (!proc_.read_lines(directory + "net/tcp", take)) return std::nullopt;
    // A kernel without IPv6 has none.
    const auto six = proc_.read_lines(directory + "net/tcp6", take);
    if (!six && six.error().code != Errc::kNotFound) return std::nullopt;
    if (sockets.size() >= kMaxPeerSockets) return std::nullopt;
    return sockets;
  }

  const ProcFs& proc_;
  const PeerPorts& ports_;
  const std::string own_;
  std::map<std::string, std::optional<std::vector<PeerSocket>>> tables_;
};

std::optional<LinkCount> count_of(const ProcFs& proc, const LinkQuestion& question, PeerTables& tables) {
  LinkCount count;
  std::set<std::uint64_t> inodes;
  std::set<uid_t> owners;
  pid_t alive = 0;
  for (pid_t pid : question.processes) {
    const auto stat = proc.stat(pid);
    const auto owner = proc.owner(pid);
    if (!stat || !owner || stat->state == 'Z') continue;
    if (alive == 0) alive = pid;
    owners.insert(*owner);
    count.by_owner |= !stat->may_look;
    if (count.by_owner) continue;
    for (std::uint64_t inode : sockets_of(pid)) inodes.insert(inode);
  }
  if (alive == 0) return std::nullopt;
  const auto& sockets = tables.of(alive);
  if (!sockets) return std::nullopt;
  for (const PeerSocket& socket : *sockets)
    if (count.by_owner ? owners.contains(socket.owner) : inodes.contains(socket.inode))
      ++(socket.to_broker ? count.broker : count.database);
  return count;
}

}  // namespace

std::vector<PeerSocket> parse_peer_sockets(std::string_view text, const PeerPorts& ports) {
  std::vector<PeerSocket> sockets;
  const auto among = [](const std::vector<std::uint16_t>& list, std::uint16_t port) {
    return std::ranges::find(list, port) != list.end();
  };
  for_each_tcp_line(text, TcpState::established, [&](const TcpLine& line) {
    const bool broker = among(ports.broker, line.remote_port);
    if ((broker || among(ports.database, line.remote_port)) && sockets.size() < kMaxPeerSockets)
      sockets.push_back({broker, line.owner, line.inode});
  });
  return sockets;
}

std::vector<std::optional<LinkCount>> count_links(const ProcFs& proc,
                                                  const std::vector<LinkQuestion>& questions,
                                                  const PeerPorts& ports) {
  PeerTables tables(proc, ports);
  std::vector<std::optional<LinkCount>> counts;
  for (const LinkQuestion& question : questions) {
    const bool known = question.run != 0 && question.processes.size() <= kMaxProcesses;
    counts.push_back(known ? count_of(proc, question, tables) : std::nullopt);
  }
  return counts;
}

ServiceLinks::ServiceLinks(const std::vector<ServiceConfig>& services) {
  for (std::size_t i = 0; i < services.size(); ++i) {
    const ServiceConfig& service = services[i];
    const KnownService* known = find_known_service(service.name);
    if (!service.enabled || !service.checked || !known || !lives_on_broker(*known)) continue;
    Link link;
    link.name = service.name;
    links_.push_back(std::move(link));
    indices_.push_back(i);
  }
}

void ServiceLinks::judge(Link& link, const LinkQuestion& question, const std::optional<LinkCount>& count) {
  if (link.run != question.run) {
    // The end of a service is told by others; the new one has time to connect.
    link.grace = kStartRounds;
    link.run = question.run;
    link.missing = 0;
    link.lost = false;
  }
  link.count = count;
  if (!count) return;
  if (count->broker > 0) {
    if (link.lost) changes_.push_back({link.name, false});
    link.proven = true;
    link.lost = false;
    link.missing = 0;
    link.grace = 0;
    return;
  }
  if (!link.proven || link.lost) return;
  if (link.grace > 0) {
    --link.grace;
    return;
  }
  if (++link.missing < kLostRounds) return;
  link.lost = true;
  changes_.push_back({link.name, true});
}

void ServiceLinks::take(const std::vector<LinkQuestion>& questions,
                        const std::vector<std::optional<LinkCount>>& counts) {
  const std::size_t size = std::min({links_.size(), questions.size(), counts.size()});
  for (std::size_t i = 0; i < size; ++i) judge(links_[i], questions[i], counts[i]);
}

std::vector<ServiceLinks::Change> ServiceLinks::take_changes() {
  return std::exchange(changes_, {});
}

ServiceLinks::View ServiceLinks::view(std::string_view service) const {
  const auto link = std::ranges::find(links_, service, &Link::name);
  if (link == links_.end() || !link->count || !link->proven) return {};
  return {link->lost ? State::lost : State::connected, link->count->by_owner};
}

void ServiceLinks::write(SampleWriter& out) const {
  for (const Link& link : links_) {
    if (!link.count) continue;
    if (!link.count->by_owner) {
      out.add(metric("service_connections"), static_cast<double>(link.count->broker),
              {{"service", link.name}, {"peer", "broker"}});
      out.add(metric("service_connections"), static_cast<double>(link.count->database),
              {{"service", link.name}, {"peer", "database"}});
    }
    // While it is being lost, or begins, nothing is said.
    if (link.lost || link.count->broker > 0)
      out.add(metric("service_broker_connected"), link.lost ? 0 : 1, "service", link.name);
  }
}

}  // namespace sentinella::agent
