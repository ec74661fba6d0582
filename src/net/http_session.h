// One connection of the server: reads a request, has it handled, writes the response, again and again.
//
// Everything here runs on the connection's I/O thread. Other threads reach a session through the Mailbox and
// a weak pointer, so that a session, its socket and its timers are only ever destroyed there.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/worker_pool.h"
#include "net/http_parser.h"
#include "net/http_server.h"
#include "net/mailbox.h"
#include "net/response_head.h"
#include "net/response_stream.h"
#include "net/transport.h"

namespace sentinella::net {

/// What the sessions of all I/O threads share.
struct ServerCounts {
  std::atomic<std::uint64_t> requests = 0;
  std::atomic<std::uint64_t> rejected = 0;
  std::atomic<std::size_t> buffered_bytes = 0;  ///< request bodies in memory
};

/// What the sessions of one I/O thread share; outlives them.
struct SessionHost {
  const ListenOptions& options;
  const Handler& handler;
  WorkerPool& workers;
  ServerCounts& counts;
  std::shared_ptr<Mailbox> mailbox;
};

class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(std::unique_ptr<Transport> transport, std::string peer, SessionHost& host,
              const boost::asio::any_io_executor& executor);
  ~HttpSession();

  /// Until the connection ends. The caller keeps the session alive.
  boost::asio::awaitable<void> run();
  /// Finishes the request under way, then closes; closes at once between requests; ends a stream.
  void drain();
  /// Drops the connection; run() returns soon after.
  void abort();

 private:
  using Moment = std::chrono::steady_clock::time_point;

  /// One request and its response; false: the connection has served its purpose.
  boost::asio::awaitable<bool> exchange();
  boost::asio::awaitable<bool> receive(MessageParser& parser);
  boost::asio::awaitable<bool> answer_expectation(MessageParser& parser);
  boost::asio::awaitable<void> refuse(Response response);
  boost::asio::awaitable<bool> send(Response& response, HeadOptions terms);
  boost::asio::awaitable<void> send_stream(Response& response, HeadOptions terms);
  boost::asio::awaitable<bool> send_pieces(const Response& response, HeadOptions terms);
  boost::asio::awaitable<void> watch_peer(std::shared_ptr<HttpSession> self);
  boost::asio::awaitable<bool> write_all(std::string_view data);
  boost::asio::awaitable<void> sleep();
  /// Until there is a response; tells the handler when the peer leaves meanwhile.
  boost::asio::awaitable<void> wait_for_response();

  bool hold(std::size_t body_bytes);
  void dispatch(Request request);
  static void handle(const Handler& handler, Request request, Respond respond);
  Respond responder();
  void answer_later(const Response& promise);
  void deliver(Response response);
  void wake();

  void set_deadline(Duration from_now);
  void clear_deadline() { deadline_ = Moment::max(); }
  void arm_timer();
  void on_timer();

  std::unique_ptr<Transport> transport_;
  const std::string peer_;
  SessionHost& host_;
  const boost::asio::any_io_executor executor_;

  std::vector<char> buffer_;
  std::string_view input_;  ///< of buffer_: read, not yet parsed
  std::optional<Response> response_;
  std::shared_ptr<std::atomic<bool>> abandoned_;  ///< of a request on a worker thread
  std::shared_ptr<ResponseStream> stream_;
  std::size_t held_bytes_ = 0;  ///< our part of the buffered bytes

  bool idle_ = true;        ///< no byte of the next request is here
  bool receiving_ = false;  ///< a request that is late gets 408
  bool draining_ = false;
  bool aborted_ = false;
  bool timed_out_ = false;

  boost::asio::steady_timer timer_;
  bool timer_armed_ = false;
  Moment deadline_ = Moment::max();
  boost::asio::steady_timer wake_;  ///< never expires: cancelling it wakes sleep()
};

}  // namespace sentinella::net
