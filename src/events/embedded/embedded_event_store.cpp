#include "events/embedded/embedded_event_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/text.h"
#include "events/embedded/event_row.h"
#include "kv/database.h"
#include "kv/key.h"

namespace sentinella::events {
namespace {

constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kMaxLimit = 10'000;
constexpr std::size_t kMaxGlobBytes = 256;
constexpr std::size_t kMaxPageBytes = 64u << 20;
const std::string kOffsetKey = kv::Key().u32(0).bytes("offset").take();
const std::string kBytesKey = kv::Key().u32(0).bytes("bytes").take();

kv::Key row_key(AccountId account, char kind) {
  return kv::Key().u32(static_cast<std::uint32_t>(account)).tag(kind);
}

/// Ids are the sender's and of any length; their digest is not.
std::string digest(std::string_view id) {
  const Uuid uuid = uuid_from_name(id);
  return {uuid.bytes.begin(), uuid.bytes.end()};
}
std::string event_key(AccountId account, Time time, std::string_view id_digest) {
  return row_key(account, 'e').time(time).bytes(id_digest).take();
}
std::string id_key(AccountId account, std::string_view id_digest) {
  return row_key(account, 'i').bytes(id_digest).take();
}
std::size_t size_on_disk(std::string_view row) {
  return row.size() + 64;
}

/// A cursor is the rest of the last event's key: time and digest.
Result<std::optional<std::string>> parse_cursor(std::string_view cursor) {
  if (cursor.empty()) return std::nullopt;
  auto bytes = from_base64url(cursor);
  if (!bytes || bytes->size() != 24)
    return fail_field(Errc::kInvalid, "cursor", "is not one that this server gave");
  return bytes;
}

Result<void> check_query(const EventQuery& query) {
  if (query.limit == 0 || query.limit > kMaxLimit)
    return fail_field(Errc::kInvalid, "limit", "is {}, must be 1 to {}", query.limit, kMaxLimit);
  if (query.type_glob.size() > kMaxGlobBytes)
    return fail_field(Errc::kInvalid, "type", "has {} bytes, at most {}", query.type_glob.size(),
                      kMaxGlobBytes);
  return {};
}

bool matches(const EventQuery& query, const Event& event) {
  return (query.host.empty() || event.host == query.host) &&
         (query.service.empty() || event.service == query.service) &&
         (query.type_glob.empty() || glob_match(query.type_glob, event.type));
}

class EmbeddedEventStore final : public EventStore {
 public:
  explicit EmbeddedEventStore(EmbeddedEventOptions options) : options_(std::move(options)) {}

  Result<void> open() {
    SENT_TRY_ASSIGN(db_, kv::Database::open({options_.directory, "event store", kFormatVersion}));
    SENT_TRY_ASSIGN(applied_offset_, db_->get_number(kOffsetKey));
    SENT_TRY_ASSIGN(bytes_, db_->get_number(kBytesKey));
    durable_offset_ = applied_offset_;
    return {};
  }

  Result<void> append(AccountId account, std::span<const Event> batch,
                      std::uint64_t journal_offset) override {
    const std::lock_guard one_writer(writer_);
    const std::uint64_t offset = std::max(applied_offset_, journal_offset);
    if (!batch.empty()) SENT_TRY(write(account, batch, offset));
    applied_offset_ = offset;
    return {};
  }

  Result<EventPage> search(AccountId account, const EventQuery& query) const override {
    SENT_TRY(check_query(query));
    SENT_TRY_ASSIGN(const auto after, parse_cursor(query.cursor));
    std::string from = event_key(account, std::max(query.range.from, Time{horizon_}), "");
    std::string until = event_key(account, query.range.until, "");
    if (after) {
      const std::string last = row_key(account, 'e').bytes(*after).take();
      if (query.newest_first) {
        until = std::min(until, last);
      } else {
        from = std::max(from, last + '\0');
      }
    }
    EventPage page;
    Result<void> outcome;
    std::string last_key;
    std::size_t bytes = 0;
    const auto visit = [&](std::string_view key, std::string_view row) {
      auto event = decode_event_row(row);
      if (!event) return outcome = std::unexpected(event.error()), false;
      if (!matches(query, *event)) return true;
      if (page.events.size() == query.limit || bytes > kMaxPageBytes) {
        page.next_cursor = to_base64url(std::string_view(last_key).substr(5));
        return false;
      }
      bytes += row.size();
      last_key = key;
      page.events.push_back(std::move(*event));
      return true;
    };
    if (from < until)
      SENT_TRY(query.newest_first ? db_->scan_back(from, until, visit) : db_->scan(from, until, visit));
    SENT_TRY(outcome);
    return page;
  }

  std::uint64_t durable_offset() const override { return durable_offset_; }

  Result<void> flush() override {
    const std::lock_guard one_writer(writer_);
    kv::WriteBatch batch;
    batch.put_number(kOffsetKey, applied_offset_);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::yes));
    durable_offset_ = applied_offset_;
    return {};
  }

  Result<void> enforce(const Retention& retention, Time now) override {
    const std::lock_guard one_writer(writer_);
    const Time cutoff = now - retention.max_age;
    horizon_ = cutoff.ns;
    SENT_TRY_ASSIGN(const auto accounts, db_->leading_numbers());
    for (const std::uint32_t account : accounts)
      SENT_TRY(drop_oldest(AccountId{account}, cutoff, UINT64_MAX));
    // Accounts give alike, those that have nothing left aside, until all fits.
    while (bytes_ > retention.max_bytes) {
      const std::uint64_t before = bytes_;
      const std::uint64_t share =
          (before - retention.max_bytes) / std::max<std::size_t>(accounts.size(), 1) + 1;
      for (const std::uint32_t account : accounts) {
        if (bytes_ <= retention.max_bytes) break;
        SENT_TRY(drop_oldest(AccountId{account}, {INT64_MAX}, share));
      }
      if (bytes_ == before) break;
    }
    return {};
  }

  Result<void> copy_to(const std::filesystem::path& directory) const override {
    return db_->copy_to(directory);
  }

 private:
  Result<void> write(AccountId account, std::span<const Event> events, std::uint64_t offset) {
    // The last of several with one id holds, within a batch too.
    std::map<std::string, const Event*> by_digest;
    for (const Event& event : events) by_digest[digest(event.id)] = &event;
    kv::WriteBatch batch;
    std::uint64_t bytes = bytes_;
    for (const auto& [id_digest, event] : by_digest) {
      SENT_TRY_ASSIGN(const auto old_key, db_->get(id_key(account, id_digest)));
      if (old_key) {
        SENT_TRY_ASSIGN(const auto old_row, db_->get(*old_key));
        if (old_row) bytes -= size_on_disk(*old_row);
        batch.erase(*old_key);
      }
      const std::string key = event_key(account, event->time, id_digest);
      const std::string row = encode_event_row(*event);
      batch.put(key, row);
      batch.put(id_key(account, id_digest), key);
      bytes += size_on_disk(row);
    }
    batch.put_number(kOffsetKey, offset);
    batch.put_number(kBytesKey, bytes);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    bytes_ = bytes;
    return {};
  }

  /// Deletes events before `cutoff`, oldest first, until `enough` bytes are gone.
  Result<void> drop_oldest(AccountId account, Time cutoff, std::uint64_t enough) {
    kv::WriteBatch batch;
    std::uint64_t gone = 0;
    SENT_TRY(db_->scan(event_key(account, {INT64_MIN}, ""), event_key(account, cutoff, ""),
                       [&](std::string_view key, std::string_view row) {
                         if (gone >= enough) return false;
                         gone += size_on_disk(row);
                         batch.erase(key);
                         batch.erase(id_key(account, key.substr(13)));
                         return true;
                       }));
    if (gone == 0) return {};
    batch.put_number(kBytesKey, bytes_ - std::min(gone, bytes_));
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    bytes_ -= std::min(gone, bytes_);
    return {};
  }

  const EmbeddedEventOptions options_;
  std::unique_ptr<kv::Database> db_;
  std::atomic<std::int64_t> horizon_ = INT64_MIN;  // older events are not shown
  std::atomic<std::uint64_t> durable_offset_ = 0;

  std::mutex writer_;                 // append, flush, enforce: one at a time
  std::uint64_t applied_offset_ = 0;  // guarded by writer_
  std::uint64_t bytes_ = 0;           // guarded by writer_; of all events
};

}  // namespace

Result<std::unique_ptr<EventStore>> open_embedded_event_store(EmbeddedEventOptions options) {
  auto store = std::make_unique<EmbeddedEventStore>(std::move(options));
  SENT_TRY(store->open());
  return store;
}

}  // namespace sentinella::events
