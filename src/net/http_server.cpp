#include "net/http_server.h"

#include <sys/socket.h>

#include <thread>
#include <unordered_map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "base/worker_pool.h"
#include "net/http_session.h"
#include "net/tcp_socket.h"

namespace sentinella::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kAcceptPause =
    std::chrono::milliseconds(100);  ///< after a failed accept, such as out of descriptors

std::string address_text(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  const asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

/// One I/O thread with the connections that are its own.
class Loop {
 public:
  using Ended = std::function<void()>;

  /// `ended` is called on this loop's thread after each connection.
  Loop(const ListenOptions& options, const Handler& handler, WorkerPool& workers, ServerCounts& counts,
       Ended ended)
      : work_(io_.get_executor()),
        host_{.options = options,
              .handler = handler,
              .workers = workers,
              .counts = counts,
              .mailbox = std::make_shared<Mailbox>(io_)},
        ended_(std::move(ended)) {}

  asio::io_context& io() { return io_; }
  void start() {
    thread_ = std::thread([this] { run(); });
  }
  /// From any thread. The socket must have been made for io().
  void serve(tcp::socket socket, std::string peer, TlsContext tls) {
    asio::post(io_, [this, socket = std::move(socket), peer = std::move(peer),
                     tls = std::move(tls)]() mutable { admit(std::move(socket), std::move(peer), tls); });
  }
  void drain() {
    asio::post(io_, [this] {
      draining_ = true;
      for (const auto& [session, owner] : sessions_) session->drain();
    });
  }
  /// Drops what is left and waits for the thread.
  void stop() {
    asio::post(io_, [this] {
      for (const auto& [session, owner] : sessions_) session->abort();
    });
    host_.mailbox->close();
    work_.reset();
    thread_.join();
  }

 private:
  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& e) {
        log::error("net.http", "an I/O thread caught: {}", e.what());
      }
    }
  }

  void admit(tcp::socket socket, std::string peer, const TlsContext& tls) {
    if (draining_) return ended_();
    auto transport =
        tls ? make_tls_transport(std::move(socket), tls) : make_plain_transport(std::move(socket));
    auto session =
        std::make_shared<HttpSession>(std::move(transport), std::move(peer), host_, io_.get_executor());
    sessions_.emplace(session.get(), session);
    asio::co_spawn(io_, converse(session), asio::detached);
  }

  asio::awaitable<void> converse(std::shared_ptr<HttpSession> session) {
    try {
      co_await session->run();
    } catch (const std::exception& e) {
      log::error("net.http", "a connection was dropped: {}", e.what());
      session->abort();
    }
    sessions_.erase(session.get());
    ended_();
  }

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  SessionHost host_;
  const Ended ended_;
  bool draining_ = false;                                                    ///< this thread's
  std::unordered_map<HttpSession*, std::shared_ptr<HttpSession>> sessions_;  ///< this thread's; uses host_
  std::thread thread_;
};

class Server final : public HttpServer {
 public:
  Server(ListenOptions options, Handler handler, std::size_t worker_threads)
      : options_(std::move(options)), handler_(std::move(handler)), workers_(worker_threads) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options_.io_threads, 1); ++i)
      loops_.push_back(
          std::make_unique<Loop>(options_, handler_, workers_, counts_, [this] { connection_ended(); }));
    asio::io_context& first = loops_.front()->io();
    acceptor_.emplace(first);
    room_.emplace(first, std::chrono::steady_clock::time_point::max());
    pause_.emplace(first);
  }

  ~Server() override { stop(Duration::zero()); }

  Result<void> start() {
    if (options_.tls) {
      SENT_TRY_ASSIGN(TlsContext context, load_tls_context(*options_.tls));
      Lock lock(mutex_);
      tls_ = std::move(context);
    }
    SENT_TRY_ASSIGN(port_, listen_on(*acceptor_, options_.host, options_.port));
    asio::co_spawn(acceptor_->get_executor(), accept_loop(), asio::detached);
    for (const auto& loop : loops_) loop->start();
    Lock lock(stop_mutex_);
    running_ = true;
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop(Duration grace) override {
    Lock once(stop_mutex_);
    if (!std::exchange(running_, false)) return;
    const auto deadline = std::chrono::steady_clock::now() + grace;
    asio::post(acceptor_->get_executor(), [this] { stop_accepting(); });
    for (const auto& loop : loops_) loop->drain();
    {
      Lock lock(mutex_);
      while (active_ > 0 && ended_.wait_until(mutex_, deadline) != std::cv_status::timeout) {
      }
    }
    // The first one last: the others tell it of each connection that has ended.
    for (std::size_t i = loops_.size(); i-- > 0;) loops_[i]->stop();
  }

  Result<void> reload_tls() override {
    if (!options_.tls) return fail(Errc::kInvalid, "the listener on port {} does not speak TLS", port_);
    SENT_TRY_ASSIGN(TlsContext context, load_tls_context(*options_.tls));
    Lock lock(mutex_);
    tls_ = std::move(context);
    return {};
  }

  ServerStatistics statistics() const override {
    return {.connections = connections_, .requests = counts_.requests, .rejected = counts_.rejected};
  }

 private:
  asio::awaitable<void> accept_loop() {
    for (std::size_t turn = 0; !draining_; ++turn) {
      while (full() && !draining_) co_await room_->async_wait(kAwait);
      Loop& loop = *loops_[turn % loops_.size()];
      auto [error, socket] = co_await acceptor_->async_accept(loop.io(), kAwait);
      if (draining_) co_return;
      if (!error) {
        hand_over(loop, std::move(socket));
        continue;
      }
      log::warning("net.http", "cannot accept on port {}: {}", port_, error.message());
      pause_->expires_after(kAcceptPause);
      co_await pause_->async_wait(kAwait);
    }
  }

  void hand_over(Loop& loop, tcp::socket socket) {
    set_connection_options(socket);
    std::string peer = address_text(socket);
    TlsContext tls;
    {
      Lock lock(mutex_);
      tls = tls_;
      ++active_;
    }
    ++connections_;
    loop.serve(std::move(socket), std::move(peer), std::move(tls));
  }

  bool full() {
    Lock lock(mutex_);
    return active_ >= options_.max_connections;
  }

  /// On the thread of the connection's loop.
  void connection_ended() {
    {
      Lock lock(mutex_);
      if (--active_ == 0) ended_.notify_all();
    }
    asio::post(acceptor_->get_executor(), [this] { room_->cancel(); });
  }

  void stop_accepting() {
    draining_ = true;
    error_code ignored;
    acceptor_->close(ignored);
    room_->cancel();
    pause_->cancel();
  }

  const ListenOptions options_;
  const Handler handler_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  ServerCounts counts_;
  WorkerPool workers_;
  std::vector<std::unique_ptr<Loop>> loops_;

  // The first loop's thread only; they end before it does.
  std::optional<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> room_;  ///< never expires: cancelled when a connection ends
  std::optional<asio::steady_timer> pause_;
  bool draining_ = false;

  Mutex mutex_;
  CondVar ended_;
  std::size_t active_ SENT_GUARDED_BY(mutex_) = 0;
  TlsContext tls_ SENT_GUARDED_BY(mutex_);
  Mutex stop_mutex_;
  bool running_ SENT_GUARDED_BY(stop_mutex_) = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> start_http_server(ListenOptions options, Handler handler,
                                                      std::size_t worker_threads) try {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler), worker_threads);
  SENT_TRY(server->start());
  return server;
} catch (const std::exception& e) {
  return fail(Errc::kUnavailable, "cannot start the HTTP server: {}", e.what());
}

}  // namespace sentinella::net
