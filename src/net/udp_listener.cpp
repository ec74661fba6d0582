#include "net/udp_listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/file.h"
#include "base/log.h"

namespace sentinella::net {
namespace {

constexpr std::size_t kMaxDatagram = 64u << 10;
constexpr int kDatagramsPerLook = 1'000;  ///< then it is seen whether to stop

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  sockaddr_in v4;
  std::memcpy(&v4, &address, sizeof v4);  // the port stands at the same place in IPv6's
  return ntohs(v4.sin_port);
}

Result<FileDescriptor> open_socket(const UdpOptions& options) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
  if (getaddrinfo(host.c_str(), std::to_string(options.port).c_str(), &hints, &found) != 0)
    return fail_field(Errc::kInvalid, "host", "'{}' is not an address to listen on", options.host);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, freeaddrinfo);
  FileDescriptor socket(::socket(list->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket || bind(socket.get(), list->ai_addr, list->ai_addrlen) != 0)
    return fail(errno == EADDRNOTAVAIL ? Errc::kInvalid : Errc::kUnavailable,
                "cannot receive datagrams on {} port {}: {}", options.host, options.port,
                std::strerror(errno));
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes,
             sizeof options.receive_buffer_bytes);
  const int on = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  return socket;
}

class DatagramListener final : public UdpListener {
 public:
  DatagramListener(FileDescriptor socket, FileDescriptor stop, UdpOptions options, DatagramHandler handler)
      : socket_(std::move(socket)),
        stop_(std::move(stop)),
        options_(std::move(options)),
        handler_(std::move(handler)),
        port_(port_of(socket_.get())),
        thread_([this] { run(); }) {}
  ~DatagramListener() override {
    const std::uint64_t one = 1;
    if (write(stop_.get(), &one, sizeof one) != sizeof one)
      log::warning("net.udp", "the stop signal is lost");
    thread_.join();
  }
  std::uint16_t port() const override { return port_; }
  UdpStatistics statistics() const override { return {datagrams_, refused_, overflowed_}; }

 private:
  void run() {
    std::vector<char> buffer(kMaxDatagram);
    for (;;) {
      pollfd waits[] = {{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 && errno != EINTR)
        return log::error("net.udp", "poll failed: {}", std::strerror(errno));
      if (waits[1].revents != 0) return;
      for (int i = 0; i < kDatagramsPerLook && receive(buffer); ++i) {
      }
      if (options_.drained) options_.drained();
    }
  }

  /// False: nothing more is there now.
  bool receive(std::vector<char>& buffer) {
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint32_t))> control;
    iovec place{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &place;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t bytes = recvmsg(socket_.get(), &message, 0);
    if (bytes < 0) return errno == EINTR;
    note_overflow(message);
    if (std::ranges::any_of(options_.allow, [&](const AddressRange& range) { return range.contains(from); }))
      handler_({buffer.data(), static_cast<std::size_t>(bytes)}, from);
    else
      ++refused_;
    ++datagrams_;
    return true;
  }

  /// The kernel tells with a datagram how many were dropped since the socket was made.
  void note_overflow(msghdr& message) {
    for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
      if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SO_RXQ_OVFL) continue;
      std::uint32_t dropped = 0;
      std::memcpy(&dropped, CMSG_DATA(item), sizeof dropped);
      overflowed_ = dropped;
    }
  }

  const FileDescriptor socket_;
  const FileDescriptor stop_;  ///< readable = end
  const UdpOptions options_;
  const DatagramHandler handler_;
  const std::uint16_t port_;
  std::atomic<std::uint64_t> datagrams_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> overflowed_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<UdpListener>> start_udp_listener(UdpOptions options, DatagramHandler handler) {
  SENT_TRY_ASSIGN(FileDescriptor socket, open_socket(options));
  FileDescriptor stop(eventfd(0, EFD_CLOEXEC));
  if (!stop) return fail_errno(errno, "cannot make an eventfd");
  return std::make_unique<DatagramListener>(std::move(socket), std::move(stop), std::move(options),
                                            std::move(handler));
}

}  // namespace sentinella::net
