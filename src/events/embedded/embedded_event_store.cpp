#include "events/embedded/embedded_event_store.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <tuple>

#include "base/crypto.h"
#include "base/ids.h"
#include "base/text.h"
#include "events/change_filter.h"
#include "events/embedded/event_row.h"
#include "kv/database.h"
#include "kv/key.h"
#include "model/trait_types.h"

namespace sentinella::events {
namespace {

constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kMaxLimit = 10'000;
constexpr std::size_t kMaxGlobBytes = 256, kMaxResourceBytes = 255, kMaxConditions = 16;
constexpr std::size_t kMaxPageBytes = 64u << 20;
constexpr std::size_t kWriteBufferBytes = 8u << 20;
constexpr std::size_t kKeyBytes = 160;  // of one event's rows, about
constexpr std::size_t kMostWaitingBytes = 768u << 10;
const std::string kOffsetKey = kv::Key().u32(0).bytes("offset").take();
const std::string kBytesKey = kv::Key().u32(0).bytes("bytes").take();

kv::Key row_key(AccountId account, char kind) {
  return kv::Key().u32(static_cast<std::uint32_t>(account)).tag(kind);
}

/// Ids are the sender's and of any length; their digest is not.
Uuid digest(std::string_view id) {
  return uuid_from_name(id);
}
std::string_view bytes_of(const Uuid& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}
std::string event_key(AccountId account, Time time, std::string_view id_digest) {
  return row_key(account, 'e').time(time).bytes(id_digest).take();
}
std::string id_key(AccountId account, std::string_view id_digest) {
  return row_key(account, 'i').bytes(id_digest).take();
}
/// The events of one resource, by time; the value is empty.
std::string resource_prefix(AccountId account, const Uuid& resource) {
  return row_key(account, 'r').bytes(bytes_of(resource)).take();
}
std::string resource_key(AccountId account, const Uuid& resource, std::string_view event_key) {
  return resource_prefix(account, resource) + std::string(event_key.substr(5));
}
/// What an event is about: by these it is found without looking at others.
std::vector<Uuid> resources_of(const Event& event) {
  const std::string_view resource = trait(event, "resource_id"), instance = trait(event, "instance_id");
  std::vector<Uuid> out;
  if (!resource.empty()) out.push_back(digest(resource));
  if (!instance.empty() && instance != resource) out.push_back(digest(instance));
  return out;
}
std::size_t size_on_disk(std::string_view row) {
  return row.size() + 64;
}

/// An event that was appended and is not in the database yet.
struct Waiting {
  AccountId account;
  Uuid id;  ///< its digest
  Time time;
  std::string row;
  std::vector<Uuid> resources;
};

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
  if (query.resource.size() > kMaxResourceBytes)
    return fail_field(Errc::kInvalid, "resource", "has {} bytes, at most {}", query.resource.size(),
                      kMaxResourceBytes);
  if (query.traits.size() > kMaxConditions)
    return fail_field(Errc::kInvalid, "traits", "are {}, at most {}", query.traits.size(), kMaxConditions);
  for (const TraitCondition& condition : query.traits) SENT_TRY(check(condition));
  return {};
}

bool matches(const EventQuery& query, const Event& event) {
  return (query.host.empty() || event.host == query.host) &&
         (query.service.empty() || event.service == query.service) &&
         (query.type_glob.empty() || glob_match(query.type_glob, event.type)) &&
         (query.id.empty() || event.id == query.id) && (!query.changes_only || is_change(event)) &&
         std::ranges::all_of(query.traits, [&](const auto& condition) { return fits(condition, event); });
}

class EmbeddedEventStore final : public EventStore {
 public:
  explicit EmbeddedEventStore(EmbeddedEventOptions options) : options_(std::move(options)) {}

  Result<void> open() {
    SENT_TRY_ASSIGN(db_, kv::Database::open({.directory = options_.directory,
                                             .name = "event store",
                                             .format_version = kFormatVersion,
                                             .ascending_prefix_bytes = row_key({}, 'e').take().size(),
                                             .asks_for_absent_keys = true,
                                             .write_buffer_bytes = kWriteBufferBytes}));
    SENT_TRY_ASSIGN(applied_offset_, db_->get_number(kOffsetKey));
    SENT_TRY_ASSIGN(bytes_, db_->get_number(kBytesKey));
    durable_offset_ = applied_offset_;
    return {};
  }

  Result<void> append(AccountId account, std::span<const Event> batch,
                      std::uint64_t journal_offset) override {
    const std::lock_guard one_writer(writer_);
    if (waiting_bytes_ >= kMostWaitingBytes) SENT_TRY(write_waiting());  // it failed the last time
    for (const Event& event : batch) {
      Waiting& one = waiting_.emplace_back(
          Waiting{account, digest(event.id), event.time, encode_event_row(event), resources_of(event)});
      waiting_bytes_ += sizeof one + size_on_disk(one.row);
    }
    something_waits_ = !waiting_.empty();
    applied_offset_ = std::max(applied_offset_, journal_offset);
    // The batch is taken, whatever becomes of this: the next one is told.
    if (waiting_bytes_ >= kMostWaitingBytes) std::ignore = write_waiting();
    return {};
  }

  Result<EventPage> search(AccountId account, const EventQuery& query) const override {
    SENT_TRY(check_query(query));
    // Reading goes on when writing cannot, on a full disk: what still waits is not found then.
    if (something_waits_) {
      const std::lock_guard one_writer(writer_);
      std::ignore = write_waiting();
    }
    if (!query.id.empty()) return search_id(account, query);
    SENT_TRY_ASSIGN(const auto after, place_after(account, query));
    // Events of one resource are found by an index whose keys end as theirs do.
    const std::string prefix = query.resource.empty() ? row_key(account, 'e').take()
                                                      : resource_prefix(account, digest(query.resource));
    const auto bound = [&](Time time) { return prefix + kv::Key().time(time).take(); };
    std::string from = bound(std::max(query.range.from, Time{horizon_}));
    std::string until = bound(query.range.until);
    if (after && query.newest_first) until = std::min(until, prefix + *after);
    if (after && !query.newest_first) from = std::max(from, prefix + *after + '\0');
    EventPage page;
    Result<void> outcome;
    std::string last_key;
    std::size_t bytes = 0;
    const auto visit = [&](std::string_view key, std::string_view row) {
      const std::string_view rest = key.substr(prefix.size());
      std::optional<std::string> looked_up;
      if (!query.resource.empty()) {
        auto found = db_->get(row_key(account, 'e').bytes(rest).take());
        if (!found) return outcome = std::unexpected(found.error()), false;
        if (!*found) return true;  // its event has gone meanwhile
        looked_up = *std::move(found);
        row = *looked_up;
      }
      auto event = decode_event_row(row);
      if (!event) return outcome = std::unexpected(event.error()), false;
      if (!matches(query, *event)) return true;
      if (page.events.size() == query.limit || bytes > kMaxPageBytes) {
        page.next_cursor = to_base64url(last_key);
        return false;
      }
      bytes += row.size();
      last_key = rest;
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
    std::uint64_t offset = 0;
    {
      const std::lock_guard one_writer(writer_);
      SENT_TRY(write_waiting());
      kv::WriteBatch batch;
      batch.put_number(kOffsetKey, offset = applied_offset_);
      SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    }
    SENT_TRY(db_->sync());  // nobody waits for the disk but who asked
    const std::lock_guard one_writer(writer_);
    durable_offset_ = std::max<std::uint64_t>(durable_offset_, offset);
    return {};
  }

  Result<void> enforce(const Retention& retention, Time now) override {
    {
      const std::lock_guard one_writer(writer_);
      SENT_TRY(write_waiting());
    }
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
    {
      const std::lock_guard one_writer(writer_);
      SENT_TRY(write_waiting());
    }
    return db_->copy_to(directory);
  }

 private:
  /// Where a page begins: time and digest of the event before it.
  Result<std::optional<std::string>> place_after(AccountId account, const EventQuery& query) const {
    if (query.after_id.empty()) return parse_cursor(query.cursor);
    SENT_TRY_ASSIGN(const auto key, db_->get(id_key(account, bytes_of(digest(query.after_id)))));
    if (!key) return fail_field(Errc::kInvalid, "after_id", "names no event");
    return key->substr(row_key(account, 'e').take().size());
  }

  Result<EventPage> search_id(AccountId account, const EventQuery& query) const {
    EventPage page;
    SENT_TRY_ASSIGN(const auto key, db_->get(id_key(account, bytes_of(digest(query.id)))));
    if (!key) return page;
    SENT_TRY_ASSIGN(const auto row, db_->get(*key));
    if (!row) return page;
    SENT_TRY_ASSIGN(auto event, decode_event_row(*row));
    const bool kept = event.time >= Time{horizon_} && query.range.contains(event.time);
    if (kept && matches(query, event)) page.events.push_back(std::move(event));
    return page;
  }

  /// Many at a time, and each kind of key in order: to a sorted run RocksDB gives its places almost for
  /// nothing. The last of several with one id holds. On failure all still wait.
  Result<void> write_waiting() const {
    if (waiting_.empty()) return {};
    std::vector<const Waiting*> by_id;
    by_id.reserve(waiting_.size());
    for (const Waiting& one : waiting_) by_id.push_back(&one);
    const auto id = [](const Waiting* one) { return std::pair(one->account, bytes_of(one->id)); };
    std::ranges::stable_sort(by_id, {}, id);
    kv::WriteBatch batch(waiting_bytes_ + waiting_.size() * kKeyBytes);
    std::uint64_t bytes = bytes_;
    std::vector<std::pair<std::string, const Waiting*>> rows;
    rows.reserve(by_id.size());
    for (std::size_t i = 0; i < by_id.size(); ++i) {
      if (i + 1 < by_id.size() && id(by_id[i]) == id(by_id[i + 1])) continue;
      const Waiting& one = *by_id[i];
      SENT_TRY(erase_old(one, batch, bytes));
      const auto& [key, event] = rows.emplace_back(event_key(one.account, one.time, bytes_of(one.id)), &one);
      batch.put(id_key(one.account, bytes_of(one.id)), key);
    }
    std::ranges::sort(rows);
    std::vector<std::string> resources;
    for (const auto& [key, event] : rows) {
      batch.put(key, event->row);
      bytes += size_on_disk(event->row);
      for (const Uuid& resource : event->resources)
        resources.push_back(resource_key(event->account, resource, key));
    }
    std::ranges::sort(resources);
    for (const std::string& key : resources) batch.put(key, "");
    batch.put_number(kOffsetKey, applied_offset_);
    batch.put_number(kBytesKey, bytes);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    bytes_ = bytes;
    waiting_ = {};
    waiting_bytes_ = 0;
    something_waits_ = false;
    return {};
  }

  /// What is known under the event's id makes place.
  Result<void> erase_old(const Waiting& event, kv::WriteBatch& batch, std::uint64_t& bytes) const {
    SENT_TRY_ASSIGN(const auto key, db_->get(id_key(event.account, bytes_of(event.id))));
    if (!key) return {};
    batch.erase(*key);
    SENT_TRY_ASSIGN(const auto row, db_->get(*key));
    if (!row) return {};
    bytes -= size_on_disk(*row);
    // Of one that is damaged nobody knows the resources; what they still point to is passed over.
    if (const auto old = decode_event_row(*row))
      for (const Uuid& resource : resources_of(*old))
        batch.erase(resource_key(event.account, resource, *key));
    return {};
  }

  /// Deletes events before `cutoff`, oldest first, until `enough` bytes are gone.
  Result<void> drop_oldest(AccountId account, Time cutoff, std::uint64_t enough) {
    const std::lock_guard one_writer(writer_);
    kv::WriteBatch batch;
    std::uint64_t gone = 0;
    SENT_TRY(db_->scan(event_key(account, {INT64_MIN}, ""), event_key(account, cutoff, ""),
                       [&](std::string_view key, std::string_view row) {
                         if (gone >= enough) return false;
                         gone += size_on_disk(row);
                         batch.erase(key);
                         batch.erase(id_key(account, key.substr(13)));
                         if (const auto event = decode_event_row(row))
                           for (const auto resource : resources_of(*event))
                             batch.erase(resource_key(account, resource, key));
                         return true;
                       }));
    if (gone == 0) return {};
    batch.put_number(kBytesKey, bytes_ - std::min<std::uint64_t>(gone, bytes_));
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    bytes_ -= std::min<std::uint64_t>(gone, bytes_);
    return {};
  }

  const EmbeddedEventOptions options_;
  std::unique_ptr<kv::Database> db_;
  std::atomic<std::int64_t> horizon_ = INT64_MIN;  // older events are not shown
  std::atomic<std::uint64_t> durable_offset_ = 0;

  mutable std::atomic<std::uint64_t> bytes_ = 0;       // of all events in the database
  mutable std::atomic<bool> something_waits_ = false;  // waiting_ is not empty

  mutable std::mutex writer_;             // one at a time changes the database; guards what follows
  std::uint64_t applied_offset_ = 0;      // of all that was appended
  mutable std::vector<Waiting> waiting_;  // is written before anybody reads
  mutable std::size_t waiting_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<EventStore>> open_embedded_event_store(EmbeddedEventOptions options) {
  auto store = std::make_unique<EmbeddedEventStore>(std::move(options));
  SENT_TRY(store->open());
  return store;
}

}  // namespace sentinella::events
