#include "net/response_stream.h"

#include <fmt/format.h>

namespace sentinella::net {
namespace {

class Writer final : public StreamWriter {
 public:
  explicit Writer(std::shared_ptr<ResponseStream> stream) : stream_(std::move(stream)) {}
  ~Writer() override { stream_->close(); }
  bool write(std::string chunk) override { return stream_->write(chunk); }
  void close() override { stream_->close(); }
  bool open() const override { return stream_->open(); }

 private:
  const std::shared_ptr<ResponseStream> stream_;
};

}  // namespace

bool ResponseStream::write(std::string_view chunk) {
  bool idle = false;
  bool accepted = true;
  {
    Lock lock(mutex_);
    if (state_ != State::open) return false;
    if (queued_.size() + in_flight_ > kMaxStreamBacklog) {
      state_ = State::overrun;
      queued_ = {};
      accepted = false;
    } else if (chunk.empty()) {
      return true;  // an empty chunk would end the body
    } else {
      idle = queued_.empty();
      if (chunked_) fmt::format_to(std::back_inserter(queued_), "{:x}\r\n", chunk.size());
      queued_ += chunk;
      if (chunked_) queued_ += "\r\n";
    }
  }
  if (idle || !accepted) wake_();
  return accepted;
}

void ResponseStream::close() {
  {
    Lock lock(mutex_);
    if (state_ != State::open) return;
    state_ = State::closed;
    if (chunked_) queued_ += "0\r\n\r\n";
  }
  wake_();
}

bool ResponseStream::open() const {
  Lock lock(mutex_);
  return state_ == State::open;
}

std::string ResponseStream::take() {
  Lock lock(mutex_);
  in_flight_ += queued_.size();
  return std::exchange(queued_, {});
}

void ResponseStream::sent(std::size_t bytes) {
  Lock lock(mutex_);
  in_flight_ -= bytes;
}

void ResponseStream::cut() {
  Lock lock(mutex_);
  state_ = State::cut;
  queued_ = {};
}

bool ResponseStream::finished() const {
  Lock lock(mutex_);
  return state_ != State::open && queued_.empty();
}

bool ResponseStream::overrun() const {
  Lock lock(mutex_);
  return state_ == State::overrun;
}

std::shared_ptr<StreamWriter> make_stream_writer(std::shared_ptr<ResponseStream> stream) {
  return std::make_shared<Writer>(std::move(stream));
}

}  // namespace sentinella::net
