// The open body of a streaming response, between the threads that write it and the session that sends it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "net/http.h"

namespace sentinella::net {

/// A peer further behind than this is cut. One chunk may be larger; it counts once it is queued.
inline constexpr std::size_t kMaxStreamBacklog = 1u << 20;

/// Thread-safe.
class ResponseStream {
 public:
  /// `wake` tells the session that there is something to do; called from any thread, without a lock held.
  ResponseStream(bool chunked, std::function<void()> wake) : chunked_(chunked), wake_(std::move(wake)) {}

  // The writer's side.
  bool write(std::string_view chunk);
  void close();
  bool open() const;

  // The session's side.
  /// Everything queued, framed for the wire. "" = nothing to send now.
  std::string take();
  /// Bytes of an earlier take() that have left.
  void sent(std::size_t bytes);
  /// Nothing more is taken or accepted: the peer is gone.
  void cut();
  bool finished() const;  ///< closed by the writer, and everything was taken
  bool overrun() const;   ///< the peer fell too far behind

 private:
  enum class State { open, closed, overrun, cut };

  const bool chunked_;
  const std::function<void()> wake_;
  mutable Mutex mutex_;
  State state_ SENT_GUARDED_BY(mutex_) = State::open;
  std::string queued_ SENT_GUARDED_BY(mutex_);
  std::size_t in_flight_ SENT_GUARDED_BY(mutex_) = 0;  ///< taken, not yet sent
};

/// What the handler gets. Closes the stream when the last reference goes.
std::shared_ptr<StreamWriter> make_stream_writer(std::shared_ptr<ResponseStream> stream);

}  // namespace sentinella::net
