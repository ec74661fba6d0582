#include "net/line_listener.h"

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

constexpr std::size_t kReadBytes = 64u << 10;

struct Connection {
  FileDescriptor socket;
  std::string rest;  ///< of a line that is not whole yet
};

class Listener final : public LineListener {
 public:
  Listener(FileDescriptor socket, FileDescriptor stop, LineListenerOptions options, LinesHandler handler)
      : socket_(std::move(socket)),
        stop_(std::move(stop)),
        options_(std::move(options)),
        handler_(std::move(handler)),
        port_(port_of(socket_.get())),
        thread_([this] { run(); }) {}
  ~Listener() override {
    const std::uint64_t one = 1;
    if (write(stop_.get(), &one, sizeof one) != sizeof one)
      log::warning("net.lines", "the stop signal is lost");
    thread_.join();
  }
  std::uint16_t port() const override { return port_; }
  LineListenerStatistics statistics() const override { return {taken_, refused_}; }

 private:
  void run() {
    std::vector<pollfd> waits;
    for (;;) {
      waits.assign({{stop_.get(), POLLIN, 0}, {socket_.get(), POLLIN, 0}});
      for (const Connection& one : connections_) waits.push_back({one.socket.get(), POLLIN, 0});
      if (poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR)
        return log::error("net.lines", "poll failed: {}", std::strerror(errno));
      if (waits[0].revents != 0) return;
      for (std::size_t i = 0; i < connections_.size(); ++i)
        if (waits[i + 2].revents != 0 && !receive(connections_[i])) connections_[i].socket = FileDescriptor();
      std::erase_if(connections_, [](const Connection& one) { return !one.socket; });
      if (waits[1].revents != 0) accept_one();
    }
  }

  void accept_one() {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    FileDescriptor socket(
        ::accept4(socket_.get(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) return;
    const bool welcome =
        connections_.size() < options_.max_connections &&
        std::ranges::any_of(options_.allow, [&](const auto& range) { return range.contains(from); });
    if (!welcome) {
      ++refused_;
      return;
    }
    ++taken_;
    connections_.push_back({std::move(socket), {}});
  }

  /// One read, so that no connection holds up the others. False: it has ended.
  bool receive(Connection& from) {
    const std::size_t had = from.rest.size();
    from.rest.resize(had + kReadBytes);
    const ssize_t bytes = ::recv(from.socket.get(), from.rest.data() + had, kReadBytes, 0);
    const int error = errno;
    from.rest.resize(had + static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
    if (bytes < 0) return error == EAGAIN || error == EINTR;
    const auto end = from.rest.rfind('\n');
    if (end != std::string::npos) {
      handler_(std::string_view(from.rest).substr(0, end));
      from.rest.erase(0, end + 1);
    }
    if (bytes == 0 && !from.rest.empty()) handler_(from.rest);
    return bytes > 0 && from.rest.size() <= options_.max_line;
  }

  const FileDescriptor socket_;
  const FileDescriptor stop_;  ///< readable = end
  const LineListenerOptions options_;
  const LinesHandler handler_;
  const std::uint16_t port_;
  std::atomic<std::uint64_t> taken_ = 0, refused_ = 0;
  std::vector<Connection> connections_;  ///< the thread's alone
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<LineListener>> start_line_listener(LineListenerOptions options, LinesHandler handler) {
  SENT_TRY_ASSIGN(FileDescriptor socket, bind_socket(options.host, options.port, SOCK_STREAM, "take lines"));
  if (::listen(socket.get(), 64) != 0)
    return fail_errno(errno, fmt::format("cannot listen on {} port {}", options.host, options.port));
  FileDescriptor stop(eventfd(0, EFD_CLOEXEC));
  if (!stop) return fail_errno(errno, "cannot make an eventfd");
  return std::make_unique<Listener>(std::move(socket), std::move(stop), std::move(options),
                                    std::move(handler));
}

}  // namespace sentinella::net
