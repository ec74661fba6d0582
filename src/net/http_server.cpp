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

namespace sentinella::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kAcceptPause =
    std::chrono::milliseconds(100);  ///< after a failed accept, such as out of descriptors
constexpr int kKeepAliveIdleSeconds = 60;

std::string address_text(const tcp::socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  const asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

/// Small answers leave at once, and a peer that vanished without a word is noticed.
void set_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveIdleSeconds,
             sizeof kKeepAliveIdleSeconds);
}

class Server final : public HttpServer {
 public:
  Server(ListenOptions options, Handler handler, std::size_t worker_threads)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(io_),
        room_(io_, std::chrono::steady_clock::time_point::max()),
        pause_(io_),
        work_(io_.get_executor()),
        workers_(worker_threads),
        host_{.options = options_,
              .handler = handler_,
              .workers = workers_,
              .mailbox = std::make_shared<Mailbox>(io_)} {}

  ~Server() override { stop(Duration::zero()); }

  Result<void> start() {
    if (options_.tls) {
      SENT_TRY_ASSIGN(TlsContext context, load_tls_context(*options_.tls));
      Lock lock(mutex_);
      tls_ = std::move(context);
    }
    SENT_TRY(listen());
    asio::co_spawn(io_, accept_loop(), asio::detached);
    thread_ = std::thread([this] { run(); });
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void stop(Duration grace) override {
    Lock once(stop_mutex_);
    if (!thread_.joinable()) return;
    const auto deadline = std::chrono::steady_clock::now() + grace;
    asio::post(io_, [this] { begin_drain(); });
    {
      Lock lock(mutex_);
      while (active_ > 0 && ended_.wait_until(mutex_, deadline) != std::cv_status::timeout) {
      }
    }
    asio::post(io_, [this] {
      for (const auto& [session, owner] : sessions_) session->abort();
    });
    host_.mailbox->close();
    work_.reset();
    thread_.join();
  }

  Result<void> reload_tls() override {
    if (!options_.tls) return fail(Errc::kInvalid, "the listener on port {} does not speak TLS", port_);
    SENT_TRY_ASSIGN(TlsContext context, load_tls_context(*options_.tls));
    Lock lock(mutex_);
    tls_ = std::move(context);
    return {};
  }

  ServerStatistics statistics() const override {
    return {.connections = connections_, .requests = host_.requests, .rejected = host_.rejected};
  }

 private:
  Result<void> listen() {
    error_code error;
    const std::string text = options_.host == "localhost" ? "127.0.0.1" : options_.host;
    const asio::ip::address address = asio::ip::make_address(text, error);
    if (error)
      return fail_field(Errc::kInvalid, "host", "'{}' is not an address to listen on", options_.host);
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      const bool wrong =
          error == asio::error::access_denied || error == boost::system::errc::address_not_available;
      return fail(wrong ? Errc::kInvalid : Errc::kUnavailable, "cannot listen on {} port {}: {}",
                  options_.host, options_.port, error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    return {};
  }

  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& e) {
        log::error("net.http", "the I/O thread caught: {}", e.what());
      }
    }
  }

  asio::awaitable<void> accept_loop() {
    while (!draining_) {
      if (sessions_.size() >= options_.max_connections) {
        co_await room_.async_wait(kAwait);
        continue;
      }
      auto [error, socket] = co_await acceptor_.async_accept(kAwait);
      if (draining_) co_return;
      if (!error) {
        admit(std::move(socket));
        continue;
      }
      log::warning("net.http", "cannot accept on port {}: {}", port_, error.message());
      pause_.expires_after(kAcceptPause);
      co_await pause_.async_wait(kAwait);
    }
  }

  void admit(tcp::socket socket) {
    set_options(socket);
    std::string peer = address_text(socket);
    TlsContext tls;
    {
      Lock lock(mutex_);
      tls = tls_;
      ++active_;
    }
    ++connections_;
    auto transport =
        tls ? make_tls_transport(std::move(socket), tls) : make_plain_transport(std::move(socket));
    auto session =
        std::make_shared<HttpSession>(std::move(transport), std::move(peer), host_, io_.get_executor());
    sessions_.emplace(session.get(), session);
    asio::co_spawn(io_, serve(session), asio::detached);
  }

  asio::awaitable<void> serve(std::shared_ptr<HttpSession> session) {
    try {
      co_await session->run();
    } catch (const std::exception& e) {
      log::error("net.http", "a connection was dropped: {}", e.what());
      session->abort();
    }
    sessions_.erase(session.get());
    room_.cancel();
    Lock lock(mutex_);
    if (--active_ == 0) ended_.notify_all();
  }

  void begin_drain() {
    draining_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    room_.cancel();
    pause_.cancel();
    for (const auto& [session, owner] : sessions_) session->drain();
  }

  const ListenOptions options_;
  const Handler handler_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;

  asio::io_context io_{1};
  // Used on the I/O thread only.
  tcp::acceptor acceptor_;
  asio::steady_timer room_;  ///< never expires: cancelled when a connection ends
  asio::steady_timer pause_;
  bool draining_ = false;

  asio::executor_work_guard<asio::io_context::executor_type> work_;
  WorkerPool workers_;
  SessionHost host_;
  std::unordered_map<HttpSession*, std::shared_ptr<HttpSession>> sessions_;  ///< I/O thread only; uses host_

  Mutex mutex_;
  CondVar ended_;
  std::size_t active_ SENT_GUARDED_BY(mutex_) = 0;
  TlsContext tls_ SENT_GUARDED_BY(mutex_);
  Mutex stop_mutex_;
  std::thread thread_;
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
