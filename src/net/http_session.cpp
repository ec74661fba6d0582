#include "net/http_session.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "base/text.h"

namespace sentinella::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadPiece = 16u << 10;
constexpr std::size_t kWritePiece = 64u << 10;
constexpr std::size_t kJoinedBody = 16u << 10;  ///< up to this a body leaves in one write with its head
constexpr Duration kPeerLook = std::chrono::milliseconds(100);
constexpr Duration kFinishTimeout = std::chrono::seconds(1);

/// Whose handler runs on this thread right now.
thread_local const HttpSession* in_hand = nullptr;

/// Part of a body whose length is not known, as it goes out; an empty one is no part.
std::string chunk(const std::string& body, const HeadOptions& terms) {
  if (body.empty() || terms.minor_version == 0) return body;
  return fmt::format("{:x}\r\n{}\r\n", body.size(), body);
}

/// Hands the answer over once, from any thread; 500 when the handler never gave one.
class Responder {
 public:
  explicit Responder(std::move_only_function<void(Response)> deliver) : deliver_(std::move(deliver)) {}
  Responder(Responder&& other) noexcept : deliver_(std::exchange(other.deliver_, nullptr)) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder() {
    if (deliver_) deliver_(error_response(500, "internal", "the request was dropped without an answer"));
  }
  void operator()(Response response) {
    if (auto deliver = std::exchange(deliver_, nullptr)) deliver(std::move(response));
  }

 private:
  std::move_only_function<void(Response)> deliver_;
};

}  // namespace

HttpSession::HttpSession(std::unique_ptr<Transport> transport, std::string peer, SessionHost& host,
                         const asio::any_io_executor& executor)
    : transport_(std::move(transport)),
      peer_(std::move(peer)),
      host_(host),
      executor_(executor),
      buffer_(kReadPiece),
      timer_(executor),
      wake_(executor, Moment::max()) {}

HttpSession::~HttpSession() {
  host_.counts.buffered_bytes -= held_bytes_;
}

asio::awaitable<void> HttpSession::run() {
  set_deadline(host_.options.read_timeout);
  const bool shaken = co_await transport_->handshake();
  bool more = shaken && !timed_out_;
  while (more && !aborted_ && !draining_) more = co_await exchange();
  if (shaken && !aborted_) {
    set_deadline(kFinishTimeout);
    co_await transport_->finish();
  }
  timer_.cancel();
  transport_->close();
}

asio::awaitable<bool> HttpSession::exchange() {
  MessageParser parser(MessageKind::request, {host_.options.max_header_bytes, host_.options.max_body_bytes});
  const bool received = co_await receive(parser);
  receiving_ = false;
  if (!received) co_return false;
  Request request;
  if (const auto split = split_target(parser.target(), request); !split) {
    co_await refuse(error_response(split.error()));
    co_return false;
  }
  HeadOptions terms;
  terms.head_request = parser.method() == "HEAD";
  terms.minor_version = parser.minor_version();
  const bool keep_alive = parser.keep_alive();
  request.method = parser.method();
  request.headers = std::move(parser.headers());
  request.body = std::move(parser.body());
  request.peer = peer_;
  request.secure = transport_->secure();
  ++host_.counts.requests;

  clear_deadline();
  dispatch(std::move(request));
  co_await wait_for_response();
  hold(0);
  if (aborted_) co_return false;
  Response response = std::move(*response_);
  response_.reset();
  if (response.status < 200 || response.status > 599)
    response = error_response(500, "internal", "the handler gave a status that is not one");

  // HTTP/1.0 knows the end of a body of unknown length by the end of the connection.
  const bool ends_itself = !response.stream && (!response.pieces || terms.minor_version >= 1);
  terms.keep_alive = keep_alive && !draining_ && ends_itself;
  const bool sent = co_await send(response, terms);
  if (sent && response.stream && !terms.head_request) co_await send_stream(response, terms);
  bool whole = sent;
  if (sent && response.pieces && !terms.head_request) whole = co_await send_pieces(response, terms);
  const bool again = whole && terms.keep_alive;
  co_return again;
}

/// A whole request. Otherwise the refusal has been sent, or there is nobody to send it to.
asio::awaitable<bool> HttpSession::receive(MessageParser& parser) {
  bool expectation_seen = false;
  bool clock_runs = false;
  idle_ = input_.empty();
  receiving_ = true;
  set_deadline(host_.options.idle_timeout);
  for (;;) {
    if (!input_.empty()) {
      const auto used = parser.put(input_);
      if (!used) {
        co_await refuse(error_response(used.error()));
        co_return false;
      }
      input_.remove_prefix(*used);
      if (!hold(parser.body().size())) {
        Response busy =
            error_response(503, "unavailable", "too many request bodies are in memory, try again later");
        busy.headers.add("Retry-After", "1");
        co_await refuse(std::move(busy));
        co_return false;
      }
      idle_ = false;
      if (parser.done()) co_return true;
      if (!std::exchange(clock_runs, true)) set_deadline(host_.options.read_timeout);
      if (parser.head_done() && !std::exchange(expectation_seen, true)) {
        const bool go_on = co_await answer_expectation(parser);
        if (!go_on) co_return false;
      }
    }
    const std::size_t bytes = co_await transport_->read_some(buffer_);
    if (timed_out_ && !idle_) {
      co_await refuse(error_response(408, "unavailable", "the request did not arrive in time"));
      co_return false;
    }
    if (bytes == 0 || timed_out_ || aborted_) co_return false;
    input_ = std::string_view(buffer_.data(), bytes);
  }
}

/// RFC 9110, 10.1.1: a client may wait for a nod before it sends the body.
asio::awaitable<bool> HttpSession::answer_expectation(MessageParser& parser) {
  const std::string_view expectation = parser.headers().get("expect");
  if (expectation.empty() || parser.minor_version() == 0 || !input_.empty()) co_return true;
  if (iequals(expectation, "100-continue")) co_return co_await write_all("HTTP/1.1 100 Continue\r\n\r\n");
  co_await refuse(error_response(417, "unsupported", "the only expectation met here is 100-continue"));
  co_return false;
}

asio::awaitable<void> HttpSession::refuse(Response response) {
  ++host_.counts.rejected;
  hold(0);
  receiving_ = false;
  timed_out_ = false;
  HeadOptions terms;
  terms.keep_alive = false;
  co_await send(response, terms);
}

asio::awaitable<bool> HttpSession::send(Response& response, HeadOptions terms) {
  terms.now = system_clock().now();
  const bool bodiless =
      terms.head_request || response.status < 200 || response.status == 204 || response.status == 304;
  std::string out = serialize_head(response, terms);
  if (bodiless) co_return co_await write_all(out);
  if (response.stream || response.pieces) {
    out += chunk(response.body, terms);
    co_return co_await write_all(out);
  }
  if (response.body.size() <= kJoinedBody) {
    out += response.body;
    co_return co_await write_all(out);
  }
  const bool head_sent = co_await write_all(out);
  if (!head_sent) co_return false;
  co_return co_await write_all(response.body);
}

/// The body that response.pieces gives; false: the peer has not all of it.
asio::awaitable<bool> HttpSession::send_pieces(const Response& response, HeadOptions terms) {
  for (bool more = true; more;) {
    abandoned_ = std::make_shared<std::atomic<bool>>(false);
    host_.workers.post([next = response.pieces, abandoned = abandoned_, respond = responder()]() mutable {
      try {
        Response answer;
        if (auto piece = next(*abandoned))
          answer.body = *std::move(piece);
        else
          answer = error_response(piece.error());
        respond(std::move(answer));
      } catch (const std::exception& e) {
        log::error("net.http", "a piece of an answer failed: {}", e.what());
      }
    });
    clear_deadline();
    co_await wait_for_response();
    if (aborted_) co_return false;
    const Response piece = std::move(*response_);
    response_.reset();
    if (piece.status != 200) {
      log::info("net.http", "an answer to {} was cut short: {}", peer_, piece.body);
      transport_->reset();
      aborted_ = true;
      co_return false;
    }
    more = !piece.body.empty();
    std::string out = chunk(piece.body, terms);
    if (!more && terms.minor_version >= 1) out = "0\r\n\r\n";
    const bool sent = co_await write_all(out);
    if (!sent) co_return false;
  }
  co_return true;
}

asio::awaitable<void> HttpSession::send_stream(Response& response, HeadOptions terms) {
  auto notify = [mailbox = host_.mailbox, weak = weak_from_this()] {
    mailbox->post([weak] {
      if (const auto self = weak.lock()) self->wake();
    });
  };
  stream_ = std::make_shared<ResponseStream>(terms.minor_version >= 1, std::move(notify));
  host_.workers.post([start = std::move(response.stream), stream = stream_] {
    try {
      start(make_stream_writer(stream));
    } catch (const std::exception& e) {
      log::error("net.http", "a streaming handler failed: {}", e.what());
    }
  });
  if (draining_) stream_->close();
  asio::co_spawn(executor_, watch_peer(shared_from_this()), asio::detached);

  while (!aborted_) {
    const std::string batch = stream_->take();
    if (batch.empty()) {
      if (stream_->finished()) break;
      clear_deadline();
      co_await sleep();
      continue;
    }
    const bool sent = co_await write_all(batch);
    stream_->sent(batch.size());
    if (!sent) break;
  }
  if (stream_->overrun() || timed_out_) {
    log::info("net.http", "cut a stream: {} reads too slowly", peer_);
    transport_->reset();
  }
  stream_->cut();
  // watch_peer() still reads, and must be the only one: there is no finish(), and nothing unread that needs
  // it.
  aborted_ = true;
  transport_->close();
}

/// Notices that the peer of a stream has left although nothing is being sent to it.
asio::awaitable<void> HttpSession::watch_peer(std::shared_ptr<HttpSession> self) {
  std::vector<char> sink(512);
  for (;;) {
    const std::size_t bytes = co_await self->transport_->read_some(sink);
    if (bytes == 0) break;
  }
  self->abort();
}

asio::awaitable<bool> HttpSession::write_all(std::string_view data) {
  while (!data.empty()) {
    set_deadline(host_.options.read_timeout);
    const std::size_t bytes = co_await transport_->write_some(data.substr(0, kWritePiece));
    if (bytes == 0 || timed_out_ || aborted_) co_return false;
    data.remove_prefix(bytes);
  }
  co_return true;
}

asio::awaitable<void> HttpSession::wait_for_response() {
  while (!response_ && !aborted_) {
    // What takes longer than this is worth the looks.
    if (abandoned_) wake_.expires_after(kPeerLook);
    co_await sleep();
    if (abandoned_ && !response_ && transport_->peer_left()) *abandoned_ = true;
  }
  if (!abandoned_) co_return;
  if (aborted_) *abandoned_ = true;
  abandoned_.reset();
  wake_.expires_at(Moment::max());
}

asio::awaitable<void> HttpSession::sleep() {
  co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
}

/// Accounts for the body in memory; false, and nothing changes, when all sessions together would hold too
/// much.
bool HttpSession::hold(std::size_t body_bytes) {
  auto& buffered = host_.counts.buffered_bytes;
  if (body_bytes > held_bytes_) {
    const std::size_t more = body_bytes - held_bytes_;
    if (buffered.fetch_add(more) + more > host_.options.max_buffered_bytes) return buffered -= more, false;
  } else if (body_bytes < held_bytes_) {
    buffered -= held_bytes_ - body_bytes;
  }
  held_bytes_ = body_bytes;
  return true;
}

Respond HttpSession::responder() {
  return Responder([this, mailbox = host_.mailbox, weak = weak_from_this()](Response response) {
    // Only then `this` is sure to be alive.
    if (in_hand == this) return deliver(std::move(response));
    mailbox->post([weak, answer = std::move(response)]() mutable {
      if (const auto self = weak.lock()) self->deliver(std::move(answer));
    });
  });
}

void HttpSession::dispatch(Request request) {
  const auto& quick = host_.options.quick;
  request.quick = quick && quick(request);
  if (request.quick) {
    in_hand = this;
    handle(host_.handler, std::move(request), responder());
    in_hand = nullptr;
    return;
  }
  abandoned_ = std::make_shared<std::atomic<bool>>(false);
  request.abandoned = abandoned_;
  host_.workers.post(
      [&handler = host_.handler, request = std::move(request), respond = responder()]() mutable {
        handle(handler, std::move(request), std::move(respond));
      });
}

void HttpSession::answer_later(const Response& promise) {
  abandoned_ = std::make_shared<std::atomic<bool>>(false);
  host_.workers.post([later = promise.later, abandoned = abandoned_, respond = responder()]() mutable {
    try {
      respond(later(std::move(abandoned)));
    } catch (const std::exception& e) {
      log::error("net.http", "an answer failed: {}", e.what());
    }
  });
  wake_.cancel();  // from here on somebody looks after the peer
}

void HttpSession::handle(const Handler& handler, Request request, Respond respond) {
  const std::string what = request.method + " " + request.path;
  try {
    handler(std::move(request), std::move(respond));
  } catch (const std::exception& e) {
    log::error("net.http", "{} failed: {}", to_valid_utf8(what), e.what());
  }
}

void HttpSession::deliver(Response response) {
  if (response.later) return answer_later(response);
  response_ = std::move(response);
  wake_.cancel();
}

void HttpSession::wake() {
  if (stream_ && stream_->overrun()) {
    aborted_ = true;
    transport_->reset();
  }
  wake_.cancel();
}

void HttpSession::drain() {
  draining_ = true;
  if (idle_) transport_->close();
  if (stream_) stream_->close();
}

void HttpSession::abort() {
  aborted_ = true;
  if (stream_) stream_->cut();
  transport_->reset();
  wake_.cancel();
}

void HttpSession::set_deadline(Duration from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
  // A timer that fires early looks at the deadline again; only one that would fire late must be set anew.
  if (!timer_armed_ || deadline_ < timer_.expiry()) arm_timer();
}

void HttpSession::arm_timer() {
  timer_armed_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer();
  });
}

void HttpSession::on_timer() {
  timer_armed_ = false;
  if (deadline_ == Moment::max()) return;
  if (std::chrono::steady_clock::now() < deadline_) return arm_timer();
  timed_out_ = true;
  // Only a late request is told so; then the connection must still be there.
  if (receiving_)
    transport_->cancel();
  else
    transport_->close();
}

}  // namespace sentinella::net
