#include "api/forward/forward_door.h"

#include "base/crypto.h"
#include "codec/forward_message.h"
#include "codec/msgpack.h"
#include "codec/shipped_record.h"

namespace sentinella::api::forward {
namespace {

constexpr std::size_t kMaxUnpacked = 64u << 20;

class Reader {
 public:
  Reader(const ForwardOptions& options, std::string peer)
      : options_(options), peer_(std::move(peer)), known_(options.shared_key.empty()) {
    if (!known_) nonce_ = random_bytes(16);
  }

  std::string greeting() const { return known_ ? "" : codec::forward_helo(nonce_); }
  StreamReading read(std::string_view unread, LogBatch& batch) {
    StreamReading reading;
    for (;;) {
      const auto size = extent_.find(unread.substr(reading.taken));
      if (!size) return failed(std::move(reading), size.error());
      if (!*size) return reading;
      const auto done = take(unread.substr(reading.taken, **size), batch, reading.answer);
      reading.taken += **size;
      if (!done) return failed(std::move(reading), done.error());
      // What is behind waits for this to be durable; it may be large.
      if (batch.records() > kMaxRecords) return reading;
    }
  }
  void finish(std::string_view, LogBatch&) {}

 private:
  static constexpr std::size_t kMaxRecords = 10'000;

  static StreamReading failed(StreamReading reading, Error error) {
    reading.error = std::move(error);
    return reading;
  }

  Result<void> take(std::string_view message, LogBatch& batch, std::string& answer) {
    if (!known_) {
      SENT_TRY_ASSIGN(const auto ping, codec::read_forward_ping(message, nonce_, options_.shared_key));
      answer += codec::forward_pong(ping, options_.our_host, nonce_, options_.shared_key);
      if (!ping.knows_key) return fail(Errc::kUnauthorized, "{} does not know the shared_key", ping.host);
      known_ = true;
      return {};
    }
    // The tag stands before the entries, but is told after them.
    std::vector<LogRecord> records;
    codec::ShippedDocument document;
    const auto head =
        codec::read_forward_message(message, kMaxUnpacked, [&](const codec::ForwardEvent& event) {
          document.clear();
          if (const auto read = document.read_msgpack(event.record); !read)
            return batch.refuse(1, read.error().message);
          records.push_back(codec::shipped_record(
              document, {.time = event.time, .host = peer_, .service = "", .line = {}}));
        });
    for (LogRecord& record : records) {
      if (record.service.empty() && head) record.service = head->tag;
      batch.add_line(std::move(record));
    }
    if (!head) {
      batch.refuse(1, head.error().message);
      return {};
    }
    if (!head->chunk.empty()) answer += codec::forward_ack(head->chunk);
    return {};
  }

  ForwardOptions options_;
  std::string peer_;
  bool known_;  ///< the client has shown that it has the key
  std::string nonce_;
  codec::MsgpackExtent extent_;
};

}  // namespace

std::unique_ptr<net::StreamSession> open_session(Context& server, const ForwardOptions& options,
                                                 std::shared_ptr<net::StreamLink> link,
                                                 const std::string& peer) {
  return std::make_unique<DurableSession<Reader>>(server, options.batch, std::move(link),
                                                  Reader(options, peer));
}

}  // namespace sentinella::api::forward
