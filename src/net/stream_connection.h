// One connection of a stream listener: greeting, reading, pausing, writing. On the I/O thread only.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/mailbox.h"
#include "net/stream_listener.h"
#include "net/transport.h"

namespace sentinella::net {

class StreamConnection : public std::enable_shared_from_this<StreamConnection> {
 public:
  /// The references and `tls` must outlive it.
  StreamConnection(boost::asio::ip::tcp::socket socket, std::string peer, const StreamListenOptions& options,
                   const OpenSession& open, TlsContext tls, std::shared_ptr<Mailbox> mailbox);

  /// The whole conversation. False: the greeting failed.
  boost::asio::awaitable<bool> run();
  void abort();

  void send(const std::string& bytes);
  void close_after_sending();
  void resume_after(Duration wait);

 private:
  void resume();
  boost::asio::awaitable<bool> greet();
  boost::asio::awaitable<bool> read_proxy();
  boost::asio::awaitable<void> converse();
  boost::asio::awaitable<void> write();
  bool take();
  void cut();

  std::optional<boost::asio::ip::tcp::socket> socket_;  ///< until the greeting is over
  std::string peer_;
  const StreamListenOptions& options_;
  const OpenSession& open_;
  const TlsContext tls_;
  const std::shared_ptr<Mailbox> mailbox_;
  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer wake_;  ///< cancelled when there may be something to do
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<StreamSession> session_;
  std::string unread_;
  std::size_t read_bytes_;  ///< asked for at a time: more when more was there
  std::string outgoing_;
  bool resumed_ = false;  ///< told to look at the session again, and did not yet
  bool writing_ = false;
  bool closing_ = false;  ///< once what is outgoing has left
  bool gone_ = false;
};

}  // namespace sentinella::net
