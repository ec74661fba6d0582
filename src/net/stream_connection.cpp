#include "net/stream_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "net/proxy_protocol.h"

namespace sentinella::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kLeastRead = 4u << 10, kMostRead = 256u << 10;
constexpr std::size_t kMaxOutgoing = 1u << 20;
constexpr auto kProxyPause = std::chrono::milliseconds(5);  ///< a header in pieces is looked at again

class Link final : public StreamLink {
 public:
  Link(std::weak_ptr<StreamConnection> connection, std::shared_ptr<Mailbox> mailbox)
      : connection_(std::move(connection)), mailbox_(std::move(mailbox)) {}
  void send(std::string bytes) override {
    tell([bytes = std::move(bytes)](StreamConnection& connection) { connection.send(bytes); });
  }
  void close() override {
    tell([](StreamConnection& connection) { connection.close_after_sending(); });
  }
  void resume_after(Duration wait) override {
    tell([wait](StreamConnection& connection) { connection.resume_after(wait); });
  }

 private:
  template <typename Do>
  void tell(Do what) {
    mailbox_->post([weak = connection_, what = std::move(what)] {
      if (const auto connection = weak.lock()) what(*connection);
    });
  }

  const std::weak_ptr<StreamConnection> connection_;
  const std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace

StreamConnection::StreamConnection(tcp::socket socket, std::string peer, const StreamListenOptions& options,
                                   const OpenSession& open, TlsContext tls, std::shared_ptr<Mailbox> mailbox)
    : socket_(std::move(socket)),
      peer_(std::move(peer)),
      options_(options),
      open_(open),
      tls_(std::move(tls)),
      mailbox_(std::move(mailbox)),
      executor_(socket_->get_executor()),
      wake_(executor_, std::chrono::steady_clock::time_point::max()),
      read_bytes_(kLeastRead) {}

asio::awaitable<bool> StreamConnection::run() {
  const auto self = shared_from_this();
  asio::steady_timer limit(executor_, options_.greeting);
  limit.async_wait([weak = weak_from_this()](error_code error) {
    const auto connection = error ? nullptr : weak.lock();
    if (connection) connection->abort();
  });
  const bool greeted = co_await greet();
  limit.cancel();
  if (!greeted || gone_) {
    abort();
    co_return false;
  }
  session_ = open_(std::make_shared<Link>(weak_from_this(), mailbox_), peer_);
  co_await converse();
  session_.reset();
  co_return true;
}

asio::awaitable<bool> StreamConnection::greet() {
  if (options_.proxy_protocol && !co_await read_proxy()) co_return false;
  if (gone_) co_return false;
  transport_ =
      tls_ ? make_tls_transport(*std::move(socket_), tls_) : make_plain_transport(*std::move(socket_));
  socket_.reset();
  const bool shaken = co_await transport_->handshake();
  if (!shaken) log::info("net.stream", "{} did not finish its TLS handshake", peer_);
  co_return shaken;
}

/// Looks at what came without taking it, so that not a byte of TLS is taken with the header.
asio::awaitable<bool> StreamConnection::read_proxy() {
  std::array<char, kMaxProxyHeader> buffer;
  for (;;) {
    const auto [error] = co_await socket_->async_wait(tcp::socket::wait_read, kAwait);
    if (error || gone_) co_return false;
    const ssize_t seen =
        recv(socket_->native_handle(), buffer.data(), buffer.size(), MSG_PEEK | MSG_DONTWAIT);
    if (seen <= 0) co_return false;
    const auto header = read_proxy_header({buffer.data(), static_cast<std::size_t>(seen)});
    if (!header) {
      log::warning("net.stream", "{}: {}", peer_, header.error().message);
      co_return false;
    }
    if (!*header) {
      asio::steady_timer pause(executor_, kProxyPause);
      co_await pause.async_wait(kAwait);
      if (gone_) co_return false;
      continue;
    }
    if (recv(socket_->native_handle(), buffer.data(), (*header)->size, MSG_DONTWAIT) !=
        static_cast<ssize_t>((*header)->size))
      co_return false;
    if (!(*header)->peer.empty()) peer_ = (*header)->peer;
    co_return true;
  }
}

asio::awaitable<void> StreamConnection::converse() {
  while (!gone_) {
    while (session_->paused() && !resumed_ && !gone_) {
      wake_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await wake_.async_wait(kAwait);
    }
    resumed_ = false;
    const std::size_t had = unread_.size();
    if (had > 0) {
      if (!take()) break;
      // There may be more to take, or to wait for, before anything is read.
      if (session_->paused() || unread_.size() < had) continue;
    }
    unread_.resize(had + read_bytes_);
    const std::size_t bytes = co_await transport_->read_some(std::span(unread_).subspan(had));
    unread_.resize(had + bytes);
    if (gone_) break;
    if (bytes == 0) {
      session_->ended(unread_);
      break;
    }
    read_bytes_ = bytes == read_bytes_ ? std::min(2 * bytes, kMostRead) : std::max(kLeastRead, bytes);
  }
  // What the session said last is on its way through the mailbox.
  co_await asio::post(executor_, kAwait);
  if (gone_) co_return;
  closing_ = true;
  while (writing_ && !gone_) {
    wake_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await wake_.async_wait(kAwait);
  }
  abort();
}

bool StreamConnection::take() {
  const auto taken = session_->take(unread_);
  if (!taken) {
    log::warning("net.stream", "the connection of {} is closed: {}", peer_, describe(taken.error()));
    return false;
  }
  unread_.erase(0, *taken);
  if (unread_.size() <= options_.max_unread) return true;
  log::warning("net.stream", "the connection of {} is closed: one message has over {} bytes", peer_,
               options_.max_unread);
  return false;
}

void StreamConnection::send(const std::string& bytes) {
  if (gone_ || closing_ || !transport_) return;
  outgoing_ += bytes;
  if (outgoing_.size() > kMaxOutgoing) return abort();
  if (std::exchange(writing_, true)) return;
  asio::co_spawn(executor_, [self = shared_from_this()] { return self->write(); }, asio::detached);
}

asio::awaitable<void> StreamConnection::write() {
  while (!outgoing_.empty() && !gone_) {
    const std::string now = std::exchange(outgoing_, {});
    for (std::string_view left = now; !left.empty() && !gone_;) {
      const std::size_t sent = co_await transport_->write_some(left);
      if (sent == 0) abort();
      left.remove_prefix(sent);
    }
  }
  writing_ = false;
  if (closing_) abort();
}

void StreamConnection::close_after_sending() {
  closing_ = true;
  if (!writing_) abort();
}

void StreamConnection::resume() {
  resumed_ = true;
  wake_.cancel();
}

void StreamConnection::resume_after(Duration wait) {
  if (wait <= Duration::zero()) return resume();
  auto timer = std::make_shared<asio::steady_timer>(executor_, wait);
  timer->async_wait([timer, weak = weak_from_this()](error_code) {
    if (const auto connection = weak.lock()) connection->resume();
  });
}

void StreamConnection::abort() {
  if (std::exchange(gone_, true)) return;
  error_code ignored;
  if (socket_) socket_->close(ignored);
  if (transport_) transport_->close();
  wake_.cancel();
}

}  // namespace sentinella::net
