#include "net/stream_listener.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <unordered_set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "net/stream_connection.h"
#include "net/tcp_socket.h"

namespace sentinella::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwaitConnection = asio::as_tuple(asio::use_awaitable);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  ///< after a failed accept

sockaddr_storage storage_of(const tcp::endpoint& endpoint) {
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.data(), std::min<std::size_t>(endpoint.size(), sizeof storage));
  return storage;
}

class Listener final : public StreamListener {
 public:
  Listener(StreamListenOptions options, OpenSession open)
      : options_(std::move(options)),
        open_(std::move(open)),
        acceptor_(io_),
        pause_(io_),
        mailbox_(std::make_shared<Mailbox>(io_)) {}
  ~Listener() override {
    mailbox_->close();
    asio::post(io_, [this] {
      stopping_ = true;
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      for (StreamConnection* connection : connections_) connection->abort();
    });
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start() {
    if (options_.tls) SENT_TRY(reload_tls());
    SENT_TRY_ASSIGN(port_, listen_on(acceptor_, options_.host, options_.port));
    asio::co_spawn(io_, accept_loop(), asio::detached);
    thread_ = std::thread([this] { run(); });
    return {};
  }
  std::uint16_t port() const override { return port_; }
  StreamStatistics statistics() const override { return {accepted_, open_now_, refused_}; }
  Result<void> reload_tls() override {
    if (!options_.tls) return {};
    SENT_TRY_ASSIGN(TlsContext context, load_tls_context(*options_.tls));
    Lock lock(mutex_);
    tls_ = std::move(context);
    return {};
  }

 private:
  void run() {
    for (;;) {
      try {
        io_.run();
        return;
      } catch (const std::exception& e) {
        log::error("net.stream", "the I/O thread of port {} caught: {}", port_, e.what());
      }
    }
  }

  asio::awaitable<void> accept_loop() {
    while (!stopping_) {
      auto [error, socket] = co_await acceptor_.async_accept(kAwaitConnection);
      if (stopping_) co_return;
      if (!error) {
        admit(std::move(socket));
        continue;
      }
      log::warning("net.stream", "cannot accept on port {}: {}", port_, error.message());
      pause_.expires_after(kAcceptPause);
      co_await pause_.async_wait(kAwaitConnection);
    }
  }

  void admit(tcp::socket socket) {
    error_code error;
    const tcp::endpoint remote = socket.remote_endpoint(error);
    if (error) return;
    const sockaddr_storage from = storage_of(remote);
    const bool allowed =
        std::ranges::any_of(options_.allow, [&](const AddressRange& range) { return range.contains(from); });
    if (!allowed || connections_.size() >= options_.max_connections) {
      ++refused_;  // the socket closes as it goes
      return;
    }
    set_connection_options(socket);
    TlsContext tls;
    {
      Lock lock(mutex_);
      tls = tls_;
    }
    ++accepted_;
    asio::co_spawn(io_,
                   serve(std::make_shared<StreamConnection>(std::move(socket), address_text(from), options_,
                                                            open_, std::move(tls), mailbox_)),
                   asio::detached);
  }

  asio::awaitable<void> serve(std::shared_ptr<StreamConnection> connection) {
    connections_.insert(connection.get());
    ++open_now_;
    try {
      if (!co_await connection->run()) ++refused_;
    } catch (const std::exception& e) {
      log::error("net.stream", "a connection was dropped: {}", e.what());
      connection->abort();
    }
    connections_.erase(connection.get());
    --open_now_;
  }

  const StreamListenOptions options_;
  const OpenSession open_;
  std::uint16_t port_ = 0;
  std::atomic<std::uint64_t> accepted_ = 0, open_now_ = 0, refused_ = 0;
  asio::io_context io_{1};
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  const std::shared_ptr<Mailbox> mailbox_;
  bool stopping_ = false;                              ///< the I/O thread's
  std::unordered_set<StreamConnection*> connections_;  ///< the I/O thread's
  Mutex mutex_;
  TlsContext tls_ SENT_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<StreamListener>> start_stream_listener(StreamListenOptions options,
                                                              OpenSession open) try {
  auto listener = std::make_unique<Listener>(std::move(options), std::move(open));
  SENT_TRY(listener->start());
  return listener;
} catch (const std::exception& e) {
  return fail(Errc::kUnavailable, "cannot start a listener: {}", e.what());
}

}  // namespace sentinella::net
