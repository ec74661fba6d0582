#include "agent/listen/statsd_listener.h"

#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxDatagram = 65'535;
/// Of one wake-up, so that a flood leaves time for everything else; what the kernel cannot keep it drops.
constexpr int kMaxDatagrams = 256;

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

std::optional<SocketAddress> resolve(const UdpAddress& at) {
  SocketAddress out;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
  if (::inet_pton(AF_INET, at.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(at.port);
    out.size = sizeof *v4;
    return out;
  }
  if (::inet_pton(AF_INET6, at.address.c_str(), &v6->sin6_addr) != 1) return std::nullopt;
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(at.port);
  out.size = sizeof *v6;
  return out;
}

}  // namespace

Result<UdpAddress> parse_udp_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : parse_uint(text.substr(colon + 1));
  if (!port || *port > 65535)
    return fail(Errc::kInvalid, "'{}' is not an address and a port, as 127.0.0.1:8125", text);
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  UdpAddress out{std::string(address), static_cast<std::uint16_t>(*port)};
  if (!resolve(out)) return fail(Errc::kInvalid, "'{}' is not an address in figures", address);
  return out;
}

StatsdListener::StatsdListener(EventLoop& loop, FileDescriptor socket, const Clock& clock)
    : loop_(loop), socket_(std::move(socket)), clock_(clock) {}

StatsdListener::~StatsdListener() {
  loop_.unwatch(socket_.get());
}

Result<std::unique_ptr<StatsdListener>> StatsdListener::open(EventLoop& loop, const std::string& address,
                                                             const Clock& clock) {
  SENT_TRY_ASSIGN(const UdpAddress at, parse_udp_address(address));
  auto where = resolve(at);
  if (!where) return fail(Errc::kInvalid, "'{}' is not an address in figures", at.address);
  FileDescriptor socket(::socket(where->storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno(errno, "cannot make a socket for statsd");
  auto* raw = reinterpret_cast<sockaddr*>(&where->storage);
  if (::bind(socket.get(), raw, where->size) != 0)
    return fail_errno(errno, fmt::format("cannot receive statsd on {}", address));
  ::getsockname(socket.get(), raw, &where->size);
  std::unique_ptr<StatsdListener> listener(new StatsdListener(loop, std::move(socket), clock));
  // At the same place in both kinds of address.
  listener->port_ = ntohs(reinterpret_cast<const sockaddr_in*>(&where->storage)->sin_port);
  StatsdListener* self = listener.get();
  SENT_TRY(loop.watch(listener->socket_.get(), [self] { self->receive(); }));
  return listener;
}

void StatsdListener::receive() {
  static thread_local std::array<char, kMaxDatagram> buffer;
  for (int i = 0; i < kMaxDatagrams; ++i) {
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) return;
    aggregator_.take({buffer.data(), static_cast<std::size_t>(size)}, clock_.now());
  }
}

void StatsdListener::write(std::vector<SeriesSamples>& series, const std::string& host, Time now) {
  for (SeriesSamples& one : aggregator_.flush(now)) {
    std::vector<Label> labels;
    for (const Label& label : one.labels)
      if (label.name != "host") labels.push_back(label);
    labels.push_back({"host", host});
    one.labels = Labels(std::move(labels));
    series.push_back(std::move(one));
  }
  SampleWriter out(series, host, now);
  out.add(metric("agent_statsd_lines_total"), static_cast<double>(aggregator_.counts().taken), "result",
          "taken");
  out.add(metric("agent_statsd_lines_total"), static_cast<double>(aggregator_.counts().bad), "result",
          "refused");
}

std::string StatsdListener::problem() const {
  const auto& counts = aggregator_.counts();
  if (counts.bad == 0) return "";
  return fmt::format("statsd: {} lines were refused, the last because {}", counts.bad, counts.last_reason);
}

}  // namespace sentinella::agent
