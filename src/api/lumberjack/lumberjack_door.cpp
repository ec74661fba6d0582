#include "api/lumberjack/lumberjack_door.h"

#include "base/compress.h"
#include "codec/lumberjack_frame.h"
#include "codec/shipped_record.h"

namespace sentinella::api::lumberjack {
namespace {

using codec::LumberjackFrame;

constexpr std::size_t kMaxPayload = 16u << 20;
constexpr std::size_t kMaxUnpacked = 64u << 20;
constexpr std::size_t kMaxRecords = 10'000;

class Reader {
 public:
  Reader(const Clock& clock, std::string peer) : clock_(&clock), peer_(std::move(peer)) {}

  std::string greeting() const { return {}; }
  StreamReading read(std::string_view unread, LogBatch& batch) {
    StreamReading reading;
    while (batch.records() <= kMaxRecords) {
      const auto frame = codec::read_lumberjack_frame(unread.substr(reading.taken), kMaxPayload);
      if (frame && !*frame) break;
      const auto done = frame ? take(**frame, batch, true) : std::unexpected(frame.error());
      if (!done) {
        reading.error = done.error();
        break;
      }
      reading.taken += (*frame)->size;
    }
    // Of a window under way too: the peer sees that we are alive, and sends less again.
    acknowledge();
    reading.answer = std::exchange(answer_, {});
    return reading;
  }
  void finish(std::string_view, LogBatch&) {}

 private:
  Result<void> take(const LumberjackFrame& frame, LogBatch& batch, bool may_unpack) {
    version_ = frame.version;
    switch (frame.kind) {
      case LumberjackFrame::Kind::window:
        acknowledge();
        seen_ = acknowledged_ = 0;  // sequences begin anew
        return {};
      case LumberjackFrame::Kind::compressed:
        return may_unpack ? unpack(frame.payload, batch)
                          : fail(Errc::kInvalid, "a compressed Lumberjack frame within another");
      case LumberjackFrame::Kind::pairs:
      case LumberjackFrame::Kind::json:
        break;
    }
    codec::ShippedDocument document;
    const auto read = frame.kind == LumberjackFrame::Kind::json
                          ? document.read_json(frame.payload)
                          : codec::read_lumberjack_pairs(frame.payload, document);
    if (read)
      batch.add_line(
          codec::shipped_record(document, {.time = clock_->now(), .host = peer_, .service = "", .line = {}}));
    else
      batch.refuse(1, read.error().message);
    seen_ = frame.number;
    return {};
  }

  Result<void> unpack(std::string_view payload, LogBatch& batch) {
    SENT_TRY_ASSIGN(const std::string frames, gzip_decompress(payload, kMaxUnpacked));
    for (std::string_view rest = frames; !rest.empty();) {
      SENT_TRY_ASSIGN(const auto frame, codec::read_lumberjack_frame(rest, kMaxUnpacked));
      if (!frame) return fail(Errc::kInvalid, "a compressed Lumberjack frame holds half a frame");
      SENT_TRY(take(*frame, batch, false));
      rest.remove_prefix(frame->size);
    }
    return {};
  }

  void acknowledge() {
    if (seen_ > acknowledged_) answer_ += codec::lumberjack_ack(version_, seen_);
    acknowledged_ = seen_;
  }

  const Clock* clock_;
  std::string peer_;
  std::string answer_;
  char version_ = '2';
  std::uint32_t seen_ = 0, acknowledged_ = 0;  ///< of the window
};

}  // namespace

std::unique_ptr<net::StreamSession> open_session(Context& server, const LogBatch::Options& options,
                                                 std::shared_ptr<net::StreamLink> link,
                                                 const std::string& peer) {
  return std::make_unique<DurableSession<Reader>>(server, options, std::move(link),
                                                  Reader(server.clock, peer));
}

}  // namespace sentinella::api::lumberjack
