#include "net/udp_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "net/numeric_address.h"

namespace sentinella::net {
namespace {

constexpr std::size_t kMaxDatagram = 64u << 10;
constexpr int kDatagramsPerLook = 1'000;  ///< then it is seen whether to stop

class Listener final : public UdpListener {
 public:
  Listener(FileDescriptor socket, FileDescriptor stop, std::vector<AddressRange> allow,
           DatagramHandler handler)
      : socket_(std::move(socket)),
        stop_(std::move(stop)),
        allow_(std::move(allow)),
        handler_(std::move(handler)),
        port_(port_of(socket_.get())),
        thread_([this] { run(); }) {}
  ~Listener() override {
    const std::uint64_t one = 1;
    if (write(stop_.get(), &one, sizeof one) != sizeof one)
      log::warning("net.udp", "the stop signal is lost");
    thread_.join();
  }
  std::uint16_t port() const override { return port_; }
  UdpStatistics statistics() const override { return {datagrams_, refused_}; }

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
    }
  }

  /// False: nothing more is there now.
  bool receive(std::vector<char>& buffer) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const ssize_t bytes =
        recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (bytes < 0) return errno == EINTR;
    if (std::ranges::any_of(allow_, [&](const AddressRange& range) { return range.contains(from); }))
      handler_({buffer.data(), static_cast<std::size_t>(bytes)});
    else
      ++refused_;
    ++datagrams_;
    return true;
  }

  const FileDescriptor socket_;
  const FileDescriptor stop_;  ///< readable = end
  const std::vector<AddressRange> allow_;
  const DatagramHandler handler_;
  const std::uint16_t port_;
  std::atomic<std::uint64_t> datagrams_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<UdpListener>> start_udp_listener(UdpOptions options, DatagramHandler handler) {
  SENT_TRY_ASSIGN(FileDescriptor socket,
                  bind_socket(options.host, options.port, SOCK_DGRAM, "receive datagrams"));
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &options.receive_buffer_bytes,
             sizeof options.receive_buffer_bytes);
  FileDescriptor stop(eventfd(0, EFD_CLOEXEC));
  if (!stop) return fail_errno(errno, "cannot make an eventfd");
  return std::make_unique<Listener>(std::move(socket), std::move(stop), std::move(options.allow),
                                    std::move(handler));
}

}  // namespace sentinella::net
