#include "api/syslog/syslog_door.h"

#include "codec/syslog_head.h"

namespace sentinella::api::syslog {
namespace {

constexpr std::size_t kMaxBatch = 1u << 20;

class Reader {
 public:
  Reader(Context& server, const SyslogOptions& options, std::string peer)
      : server_(&server), options_(options), peer_(std::move(peer)), framer_(options.max_message) {}

  std::string greeting() const { return {}; }
  StreamReading read(std::string_view unread, LogBatch& batch) {
    return {.taken = framer_.read(unread, into(batch)), .answer = {}, .error = {}};
  }
  void finish(std::string_view unread, LogBatch& batch) { framer_.finish(unread, into(batch)); }

 private:
  codec::SyslogFramer::Sink into(LogBatch& batch) const {
    return [this, &batch, now = server_->clock.now()](std::string_view message, bool cut) {
      LogRecord record = record_of(message, peer_, now);
      if (cut) {
        record.flags |= LogRecord::kTruncated;
        ++server_->log_doors->of(options_.batch.door).cut;
      }
      batch.add(std::move(record));
    };
  }

  Context* server_;
  SyslogOptions options_;
  std::string peer_;
  codec::SyslogFramer framer_;
};

}  // namespace

LogRecord record_of(std::string_view message, std::string_view peer, Time received) {
  LogRecord record;
  record.time = received;
  record.raw = message;
  record.source = "syslog";
  const std::string_view line = message.substr(0, message.find('\n'));
  if (const auto head = codec::scan_syslog_head(line, received)) {
    record.host = head->host;
    record.service = head->tag;
  } else if (const auto severity = codec::syslog_severity(line)) {
    record.severity = *severity;
  }
  if (record.host.empty()) record.host = peer;
  return record;
}

std::unique_ptr<net::StreamSession> open_session(Context& server, const SyslogOptions& options,
                                                 std::shared_ptr<net::StreamLink> link,
                                                 const std::string& peer) {
  return std::make_unique<DurableSession<Reader>>(server, options.batch, std::move(link),
                                                  Reader(server, options, peer));
}

DatagramDoor::DatagramDoor(Context& server, SyslogOptions options)
    : server_(server), options_(std::move(options)) {}

void DatagramDoor::take(std::string_view datagram, std::string_view peer) {
  while (!datagram.empty() && (datagram.back() == '\n' || datagram.back() == '\r' || datagram.back() == '\0'))
    datagram.remove_suffix(1);
  if (datagram.empty()) return;
  LogDoorCounts& counts = server_.log_doors->of(options_.batch.door);
  if (*in_flight_ + batch_bytes_ > kMaxInFlight) {
    ++counts.lost;
    return;
  }
  if (!batch_) batch_.emplace(server_, options_.batch);
  const bool cut = datagram.size() > options_.max_message;
  LogRecord record = record_of(datagram.substr(0, options_.max_message), peer, server_.clock.now());
  if (cut) {
    record.flags |= LogRecord::kTruncated;
    ++counts.cut;
  }
  batch_bytes_ += record.raw.size();
  batch_->add(std::move(record));
  if (batch_bytes_ > kMaxBatch) flush();
}

void DatagramDoor::flush() {
  if (!batch_) return;
  const std::size_t bytes = std::exchange(batch_bytes_, 0), records = batch_->records();
  LogBatch batch = *std::move(batch_);
  batch_.reset();
  *in_flight_ += bytes;
  std::move(batch).submit([in_flight = in_flight_, bytes, records,
                           &counts = server_.log_doors->of(options_.batch.door)](const Result<void>& kept) {
    *in_flight -= bytes;
    if (!kept) counts.lost += records;
  });
}

}  // namespace sentinella::api::syslog
