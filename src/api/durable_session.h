// A connection of a log door: what it reads is handed in, and only then taken off the connection and
// acknowledged. One batch at a time: meanwhile the peer's window fills, and it waits. What intake does not
// take is tried again until it does, or the peer gives up.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/log_batch.h"
#include "base/log.h"
#include "net/stream_listener.h"

namespace sentinella::api {

/// What a protocol found in the bytes at the front of a connection.
struct StreamReading {
  std::size_t taken = 0;       ///< bytes of whole messages
  std::string answer;          ///< for when what they hold is durable
  std::optional<Error> error;  ///< nothing behind `taken` makes sense: the connection ends
};

/// A protocol's state between messages; copied, to be able to read the same again.
template <typename T>
concept StreamReader = std::copyable<T> && requires(T reader, std::string_view unread, LogBatch& batch) {
  { reader.read(unread, batch) } -> std::same_as<StreamReading>;
  { reader.finish(unread, batch) };  ///< nothing follows
  { reader.greeting() } -> std::convertible_to<std::string>;
};

template <StreamReader Reader>
class DurableSession final : public net::StreamSession {
 public:
  DurableSession(Context& server, LogBatch::Options options, std::shared_ptr<net::StreamLink> link,
                 Reader reader)
      : server_(server), options_(std::move(options)), link_(std::move(link)), reader_(std::move(reader)) {
    if (std::string greeting = reader_.greeting(); !greeting.empty()) link_->send(std::move(greeting));
  }

  Result<std::size_t> take(std::string_view unread) override {
    const State before = flight_->state.exchange(State::idle);
    if (before == State::durable) return settle();
    if (before == State::refused) reader_ = before_;
    before_ = reader_;
    LogBatch batch(server_, options_);
    reading_ = reader_.read(unread, batch);
    if (batch.refused() > 0)
      log::warning("api.logs", "{}: {} records were refused: {}", to_string(options_.door), batch.refused(),
                   batch.reasons().front());
    if (batch.empty() && batch.refused() == 0) return settle();
    flight_->state = State::waiting;
    std::move(batch).submit(
        [flight = flight_, link = link_, &counts = server_.log_doors->of(options_.door)](Result<void> kept) {
          if (!kept) ++counts.waits;
          flight->state = kept ? State::durable : State::refused;
          link->resume_after(kept ? Duration::zero() : kRetry);
        });
    return 0;
  }
  bool paused() const override { return flight_->state != State::idle; }
  void ended(std::string_view unread) override {
    LogBatch batch(server_, options_);
    reader_.finish(unread, batch);
    if (batch.empty()) return;
    std::move(batch).submit([&counts = server_.log_doors->of(options_.door)](const Result<void>& kept) {
      if (!kept) ++counts.lost;
    });
  }

 private:
  static constexpr Duration kRetry = std::chrono::seconds(1);
  enum class State : std::uint8_t { idle, waiting, durable, refused };
  struct Flight {
    std::atomic<State> state = State::idle;
  };

  Result<std::size_t> settle() {
    if (!reading_.answer.empty()) link_->send(std::exchange(reading_.answer, {}));
    if (reading_.error) return std::unexpected(*std::move(reading_.error));
    return std::exchange(reading_.taken, 0);
  }

  Context& server_;
  const LogBatch::Options options_;
  const std::shared_ptr<net::StreamLink> link_;
  Reader reader_;
  Reader before_ = reader_;
  StreamReading reading_;
  /// Shared with the answer, which may come after the end of the connection.
  const std::shared_ptr<Flight> flight_ = std::make_shared<Flight>();
};

}  // namespace sentinella::api
