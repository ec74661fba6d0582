#include "logs/embedded/embedded_log_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/log.h"
#include "kv/database.h"
#include "kv/key.h"
#include "logs/embedded/account_log.h"
#include "logs/embedded/block_cache.h"
#include "logs/embedded/block_groups.h"
#include "logs/embedded/log_matcher.h"
#include "logs/embedded/log_page.h"
#include "logs/embedded/repacker.h"
#include "logs/embedded/stream_limits.h"
#include "logs/log_groups.h"
#include "logs/scan/block_scan.h"

namespace sentinella::logs {
namespace {

constexpr std::string_view kLog = "logs.store";
constexpr std::uint32_t kFormatVersion = 3;
constexpr std::size_t kMaxBlockRecords = 256u << 10;
/// Of the heads of all accounts together.
constexpr std::size_t kMaxHeadBytes = 64u << 20;
const std::string kOffsetKey = kv::Key().u32(0).bytes("offset").take();

class EmbeddedLogStore final : public LogStore {
 public:
  explicit EmbeddedLogStore(EmbeddedLogOptions options)
      : options_(std::move(options)),
        cache_(options_.cache_bytes),
        repacker_([this](const Repacker::Block& block) {
          if (const auto done = repack(block.first, block.second); !done)
            log::warning(kLog, "block {} of account {} stays as large as it is: {}", block.second,
                         static_cast<std::uint32_t>(block.first), describe(done.error()));
        }) {}

  Result<void> open() {
    SENT_TRY_ASSIGN(db_, kv::Database::open({.directory = options_.directory,
                                             .name = "log store",
                                             .format_version = kFormatVersion,
                                             .large_values = true}));
    SENT_TRY_ASSIGN(durable_offset_, db_->get_number(kOffsetKey));
    applied_offset_ = durable_offset_;
    SENT_TRY_ASSIGN(const auto accounts, db_->leading_numbers());
    for (const std::uint32_t account : accounts) SENT_TRY(load(AccountId{account}));
    if (repacks()) repacker_.start();
    return {};
  }

  Result<void> append(AccountId account, std::span<const RecordView> batch,
                      std::uint64_t journal_offset) override {
    const std::lock_guard one_writer(writer_);
    AccountLog& log = log_of(account);
    while (!batch.empty()) {
      if (log.head.raw_bytes >= options_.block_bytes || log.head.records >= kMaxBlockRecords)
        SENT_TRY(seal(account, log));
      // A lock for each would be dear, one for all would keep searches waiting.
      const auto some = batch.first(std::min<std::size_t>(batch.size(), 256));
      batch = batch.subspan(some.size());
      const std::unique_lock lock(mutex_);
      for (const RecordView& record : some) {
        // Records come in order of their ids: what is not newer is here already, and is being replayed.
        if (record.id <= log.newest) continue;
        log.head.add(record);
        log.newest = record.id;
      }
    }
    applied_offset_ = std::max(applied_offset_, journal_offset);
    return bound_heads();
  }

  Result<LogPage> search(AccountId account, const LogQuery& query) const override {
    SENT_TRY(check_query(query));
    SENT_TRY_ASSIGN(const auto after, parse_cursor(query.cursor));
    LogQuery narrowed = visible(query);
    if (after && query.newest_first && after->time < narrowed.range.until && after->time.ns < INT64_MAX)
      narrowed.range.until = after->time + Duration(1);
    if (after && !query.newest_first) narrowed.range.from = std::max(narrowed.range.from, after->time);
    const LogMatcher matcher(narrowed);
    PageBuilder page(query.limit, query.newest_first, after);

    const Snapshot snapshot = look(account, matcher, query.newest_first);
    for (const auto& buffer : snapshot.head) {
      SENT_TRY(check_wanted(query));
      if (page.is_beyond(query.newest_first ? buffer->header().last_time : buffer->header().first_time))
        break;
      SENT_TRY(each_match(*buffer, matcher, [&](const RecordView& view) {
        if (page.wants({view.time, view.id})) page.add(view);
        return true;
      }));
    }
    std::uint32_t unreadable = 0;
    for (const auto& block : snapshot.blocks) {
      SENT_TRY(check_wanted(query));
      if (page.is_beyond(query.newest_first ? block->header.last_time : block->header.first_time)) break;
      unreadable += with_block(account, *block, [&](const LogBlock& opened) {
        return add_to_page(opened, matcher, query.newest_first, page);
      });
    }
    LogPage found = page.take();
    found.unreadable = unreadable;
    return found;
  }

  Result<LogCounts> aggregate(AccountId account, const LogQuery& query,
                              const Aggregation& aggregation) const override {
    const LogMatcher matcher(visible(query));
    const Snapshot snapshot = look(account, matcher, query.newest_first);
    GroupCounter counter(aggregation);
    for (const auto& buffer : snapshot.head) {
      SENT_TRY(check_wanted(query));
      SENT_TRY(each_match(*buffer, matcher, [&](const RecordView& view) { return counter.add(view); }));
    }
    LogCounts counts;
    for (const auto& block : snapshot.blocks) {
      SENT_TRY(check_wanted(query));
      counts.unreadable += with_block(account, *block, [&](const LogBlock& opened) -> Result<void> {
        BlockScan scan(opened, matcher.expression());
        SENT_TRY_ASSIGN(const Selection found, scan.run(matcher.range()));
        return found.empty() ? Result<void>{} : count_groups(opened, scan, found, aggregation, counter);
      });
    }
    SENT_TRY_ASSIGN(counts.groups, counter.take());
    return counts;
  }

  Result<LogRecord> get(AccountId account, RecordId id) const override {
    const auto none = [&] {
      return fail(Errc::kNotFound, "there is no log record {} (any more)", to_text(id));
    };
    std::shared_ptr<const StoredBlock> block;
    Snapshot snapshot;
    {
      const std::shared_lock lock(mutex_);
      const auto at = accounts_.find(account);
      if (at == accounts_.end()) return none();
      const auto& blocks = at->second.blocks;
      const auto found =
          std::ranges::lower_bound(blocks, id, {}, [](const auto& b) { return b->header.last_id; });
      if (found != blocks.end()) {
        block = *found;
      } else {
        snapshot.head = at->second.head.view();
      }
    }
    if (block) return get_from(account, *block, id);
    std::optional<LogRecord> record;
    for (const auto& buffer : snapshot.head)
      if (buffer->header().first_id <= id && id <= buffer->header().last_id)
        SENT_TRY(each_in(*buffer, [&](const RecordView& view) {
          if (view.id == id && view.time.ns >= horizon_) record = to_record(view);
          return !record;
        }));
    if (!record) return none();
    return std::move(*record);
  }

  std::uint64_t durable_offset() const override { return durable_offset_; }

  Result<void> flush() override {
    const std::lock_guard one_writer(writer_);
    kv::WriteBatch batch;
    for (auto& [account, log] : accounts_) {
      const Head& head = log.head;
      if (!head.dirty) continue;
      for (std::size_t i = head.on_disk; i < head.full.size(); ++i)
        batch.put(row_key(account, 'o').u64(i).str(), encode_buffer(*head.full[i]));
      if (!head.open.empty())
        batch.put(row_key(account, 'o').u64(head.full.size()).str(), encode_buffer(head.open));
    }
    batch.put_number(kOffsetKey, applied_offset_);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::yes));
    const std::unique_lock lock(mutex_);
    for (auto& [account, log] : accounts_) {
      log.head.on_disk = log.head.full.size();
      log.head.dirty = false;
    }
    durable_offset_ = applied_offset_;
    return {};
  }

  Result<void> enforce(const Retention& retention, Time now) override {
    SENT_TRY(keep_limits(retention.limits, now));
    const std::lock_guard one_writer(writer_);
    const Time cutoff = now - retention.max_age;
    horizon_ = cutoff.ns;
    struct Candidate {
      Time last_time;
      std::uint64_t bytes;
      AccountId account;
      std::uint64_t number;
    };
    std::vector<Candidate> candidates;
    std::uint64_t total = 0;
    for (const auto& [account, log] : accounts_)
      for (const auto& block : log.blocks) {
        candidates.push_back({block->header.last_time, block->bytes, account, block->number});
        total += block->bytes;
      }
    std::ranges::sort(candidates, {}, &Candidate::last_time);
    for (const Candidate& candidate : candidates) {
      if (candidate.last_time >= cutoff && total <= retention.max_bytes) break;
      SENT_TRY(drop(candidate.account, candidate.number));
      total -= candidate.bytes;
    }
    return drop_old_heads(cutoff);
  }

  std::vector<LogUsage> usage(AccountId account) const override {
    std::map<std::string, LogUsage> services;
    const std::shared_lock lock(mutex_);
    const auto at = accounts_.find(account);
    if (at == accounts_.end()) return {};
    for (const auto& block : at->second.blocks) {
      const BlockHeader& header = block->header;
      for (std::size_t i = 0; i < header.services.size(); ++i) {
        LogUsage& used = services[header.services[i]];
        const bool first = used.raw_bytes == 0;
        used.raw_bytes += header.service_bytes[i];
        used.bytes += share_of(*block, i);
        used.oldest = first ? header.first_time : std::min(used.oldest, header.first_time);
        used.newest = first ? header.last_time : std::max(used.newest, header.last_time);
      }
    }
    std::vector<LogUsage> all;
    for (auto& [name, used] : services) {
      used.service = name;
      all.push_back(std::move(used));
    }
    return all;
  }

  Statistics statistics() const override {
    Statistics statistics;
    const auto count = [&](const BlockHeader& header) {
      statistics.records += header.records;
      statistics.raw_bytes += header.raw_bytes;
      if (header.records > 0)
        statistics.oldest = std::min(statistics.oldest.value_or(header.first_time), header.first_time);
    };
    const std::shared_lock lock(mutex_);
    for (const auto& [account, log] : accounts_) {
      for (const auto& buffer : log.head.full) count(buffer->header());
      count(log.head.open.header());
      for (const auto& block : log.blocks) count(block->header);
    }
    statistics.bytes_on_disk = db_->bytes_on_disk();
    return statistics;
  }

  Result<void> copy_to(const std::filesystem::path& directory) const override {
    return db_->copy_to(directory);
  }

 private:
  struct Snapshot {
    // Most promising first.
    std::vector<std::shared_ptr<const RecordBuffer>> head;
    std::vector<std::shared_ptr<const StoredBlock>> blocks;
  };

  bool repacks() const { return options_.rest_level > options_.seal_level; }

  Result<void> load(AccountId account) {
    AccountLog& log = accounts_[account];
    Result<void> outcome;
    const std::string prefix = row_key(account, 'i').take();
    SENT_TRY(db_->scan(prefix, kv::after_prefix(prefix), [&](std::string_view key, std::string_view row) {
      auto block = decode_index_row(kv::KeyReader(key.substr(prefix.size())).u64(), row);
      if (!block) return outcome = std::unexpected(block.error()), false;
      log.newest = std::max(log.newest, block->header.last_id);
      log.next_number = block->number + 1;
      if (repacks() && block->level < options_.rest_level) repacker_.add({account, block->number});
      log.blocks.push_back(std::make_shared<const StoredBlock>(std::move(*block)));
      return true;
    }));
    SENT_TRY(outcome);
    std::ranges::sort(log.blocks, {}, [](const auto& block) { return block->header.first_id; });
    const std::string heads = row_key(account, 'o').take();
    SENT_TRY(db_->scan(heads, kv::after_prefix(heads), [&](std::string_view, std::string_view row) {
      auto buffer = decode_buffer(row);
      if (!buffer) return outcome = std::unexpected(buffer.error()), false;
      log.newest = std::max(log.newest, buffer->header().last_id);
      log.head.raw_bytes += buffer->header().raw_bytes;
      log.head.records += buffer->header().records;
      log.head.full.push_back(std::make_shared<const RecordBuffer>(std::move(*buffer)));
      return true;
    }));
    log.head.on_disk = log.head.full.size();
    return outcome;
  }

  AccountLog& log_of(AccountId account) {
    const std::unique_lock lock(mutex_);
    return accounts_[account];
  }

  /// Moves the head to the disk as a block. Its records may get there before the offset that covers them:
  /// append() knows them again by their ids.
  Result<void> seal(AccountId account, AccountLog& log) {
    BlockEncoder encoder;
    for (const auto& buffer : log.head.view())
      SENT_TRY(each_in(*buffer, [&](const RecordView& view) { return encoder.add(view), true; }));
    kv::WriteBatch batch;
    const auto block = std::make_shared<const StoredBlock>(
        put_block(batch, account, log.next_number, encoder.finish(), options_.seal_level));
    const std::string heads = row_key(account, 'o').take();
    batch.erase_range(heads, kv::after_prefix(heads));
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    if (repacks()) repacker_.add({account, block->number});
    const std::unique_lock lock(mutex_);
    log.blocks.push_back(block);
    log.head = Head();
    ++log.next_number;
    return {};
  }

  /// With many accounts the largest head is sealed before its time.
  Result<void> bound_heads() {
    std::size_t total = 0;
    auto largest = accounts_.begin();
    for (auto at = accounts_.begin(); at != accounts_.end(); ++at) {
      total += at->second.head.raw_bytes;
      if (at->second.head.raw_bytes > largest->second.head.raw_bytes) largest = at;
    }
    return total > kMaxHeadBytes ? seal(largest->first, largest->second) : Result<void>{};
  }

  Result<void> drop(AccountId account, std::uint64_t number) {
    kv::WriteBatch batch;
    erase_block(batch, account, number);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    cache_.forget({account, number});
    const std::unique_lock lock(mutex_);
    std::erase_if(accounts_[account].blocks, [&](const auto& block) { return block->number == number; });
    return {};
  }

  Result<void> keep_limits(const std::vector<LogLimit>& limits, Time now) {
    if (limits.empty()) return {};
    std::map<AccountId, std::vector<std::shared_ptr<const StoredBlock>>> blocks;
    {
      const std::shared_lock lock(mutex_);
      for (const auto& [account, log] : accounts_) blocks[account] = log.blocks;
    }
    for (const auto& [account, of_account] : blocks)
      for (const Purge& purge : plan_purges(account, of_account, limits, now))
        SENT_TRY(carry_out(account, purge));
    return {};
  }

  /// The work is done without the lock, as in repack(). What a replay may bring again must stay.
  Result<void> carry_out(AccountId account, const Purge& purge) {
    if (purge.block->header.last_id.offset > durable_offset_) return {};
    std::optional<EncodedBlock> rest;
    if (!purge.everything) {
      SENT_TRY_ASSIGN(rest, encode_without(*open_block(*db_, account, *purge.block), purge.services));
    }
    const std::lock_guard one_writer(writer_);
    AccountLog& log = log_of(account);
    const auto place = std::ranges::find(log.blocks, purge.block);
    if (place == log.blocks.end()) return {};  // its turn comes again
    if (!rest) return drop(account, purge.block->number);
    // A new number: who reads the old block must not find sections of the new one.
    kv::WriteBatch batch;
    erase_block(batch, account, purge.block->number);
    auto block = std::make_shared<const StoredBlock>(
        put_block(batch, account, log.next_number, std::move(*rest), options_.seal_level));
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    cache_.forget({account, purge.block->number});
    if (repacks()) repacker_.add({account, block->number});
    const std::unique_lock lock(mutex_);
    *place = std::move(block);
    ++log.next_number;
    return {};
  }

  /// Those of accounts that fell silent: nothing will seal them.
  Result<void> drop_old_heads(Time cutoff) {
    for (auto& [account, log] : accounts_) {
      const auto buffers = log.head.view();
      const auto is_old = [&](const auto& buffer) { return buffer->header().last_time < cutoff; };
      if (buffers.empty() || !std::ranges::all_of(buffers, is_old)) continue;
      kv::WriteBatch batch;
      const std::string heads = row_key(account, 'o').take();
      batch.erase_range(heads, kv::after_prefix(heads));
      SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
      const std::unique_lock lock(mutex_);
      log.head = Head();
    }
    return {};
  }

  /// The work is done without the lock; whether the block is still there is asked again with it.
  Result<void> repack(AccountId account, std::uint64_t number) {
    const auto find = [&]() -> std::shared_ptr<const StoredBlock> {
      const std::shared_lock lock(mutex_);
      const auto& blocks = accounts_.at(account).blocks;
      const auto at = std::ranges::find(blocks, number, [](const auto& b) { return b->number; });
      return at != blocks.end() ? *at : nullptr;
    };
    const auto block = find();
    if (!block || block->level >= options_.rest_level) return {};
    kv::WriteBatch batch;
    SENT_TRY_ASSIGN(auto repacked, put_repacked(batch, *db_, account, *block, options_.rest_level));
    if (!repacked) return {};
    const std::lock_guard one_writer(writer_);
    if (find() != block) return {};
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    const std::unique_lock lock(mutex_);
    auto& blocks = accounts_[account].blocks;
    *std::ranges::find(blocks, block) = std::make_shared<const StoredBlock>(std::move(*repacked));
    return {};
  }

  static Result<void> check_wanted(const LogQuery& query) {
    if (query.cancelled == nullptr || !query.cancelled->load(std::memory_order_relaxed)) return {};
    return fail(Errc::kUnavailable, "the search was cancelled");
  }

  LogQuery visible(const LogQuery& query) const {
    LogQuery narrowed = query;
    narrowed.range.from = std::max(query.range.from, Time{horizon_});
    return narrowed;
  }

  Snapshot look(AccountId account, const LogMatcher& matcher, bool newest_first) const {
    Snapshot snapshot;
    {
      const std::shared_lock lock(mutex_);
      const auto at = accounts_.find(account);
      if (at == accounts_.end()) return snapshot;
      snapshot.head = at->second.head.view();
      std::ranges::copy_if(at->second.blocks, std::back_inserter(snapshot.blocks),
                           [&](const auto& block) { return matcher.may_match(block->header, block->ids); });
    }
    std::erase_if(snapshot.head,
                  [&](const auto& buffer) { return !matcher.may_match(buffer->header(), {}); });
    const auto comes_first = [newest_first](const BlockHeader& a, const BlockHeader& b) {
      return newest_first ? a.last_time > b.last_time : a.first_time < b.first_time;
    };
    std::ranges::sort(snapshot.blocks,
                      [&](const auto& a, const auto& b) { return comes_first(a->header, b->header); });
    std::ranges::sort(snapshot.head,
                      [&](const auto& a, const auto& b) { return comes_first(a->header(), b->header()); });
    return snapshot;
  }

  template <typename Visit>
  static Result<void> each_in(const RecordBuffer& buffer, Visit&& visit) {
    RecordReader reader(buffer.records());
    RecordView view;
    for (;;) {
      SENT_TRY_ASSIGN(const bool more, reader.next(view));
      if (!more || !visit(view)) return {};
    }
  }

  /// Reads only the records around the texts of which a match must have one.
  template <typename Visit>
  static Result<void> each_match(const RecordBuffer& buffer, const LogMatcher& matcher, Visit&& visit) {
    const std::vector<std::string>& texts = matcher.needed_texts();
    if (texts.empty())
      return each_in(buffer, [&](const RecordView& view) { return !matcher.matches(view) || visit(view); });
    const std::string_view records = buffer.records();
    std::vector<std::size_t> next(texts.size(), 0);  // where each text is next
    RecordView view;
    for (std::size_t done = 0;;) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        if (done == 0 || next[i] < done) next[i] = find_ignoring_case(records, texts[i], done);
      const std::size_t at = *std::ranges::min_element(next);
      if (at == records.npos) return {};
      const auto [begin, end] = buffer.record_around(at);
      RecordReader reader(records.substr(begin, end - begin));
      SENT_TRY(reader.next(view));
      if (matcher.matches(view) && !visit(view)) return {};
      done = end;
    }
  }

  /// Works on a block. 1 when it could not be read: the others still can.
  template <typename Work>
  std::uint32_t with_block(AccountId account, const StoredBlock& block, Work&& work) const {
    const BlockCache::Key key{account, block.number};
    const auto opened = cache_.get(key, [&] { return open_block(*db_, account, block); });
    const Result<void> done = work(*opened);
    cache_.settle(key);
    if (done || done.error().code == Errc::kNotFound) return 0;
    log::error(kLog, "log block {} of account {} cannot be read: {}", block.number,
               static_cast<std::uint32_t>(account), describe(done.error()));
    return 1;
  }

  static Result<void> add_to_page(const LogBlock& block, const LogMatcher& matcher, bool newest_first,
                                  PageBuilder& page) {
    BlockScan scan(block, matcher.expression());
    SENT_TRY_ASSIGN(const Selection found, scan.run(page.within(matcher.range())));
    SENT_TRY_ASSIGN(const RowTable* rows, block.rows());
    std::vector<std::pair<Position, std::size_t>> wanted;
    found.each([&](std::size_t row) {
      const Position position{Time{rows->time_ns[row]}, rows->ids[row]};
      if (page.wants(position)) wanted.emplace_back(position, row);
    });
    if (wanted.empty()) return {};
    const std::size_t most = std::min(wanted.size(), page.limit());
    const auto middle = wanted.begin() + static_cast<std::ptrdiff_t>(most);
    // One more than the page holds tells it that there are more.
    const auto end = middle == wanted.end() ? middle : middle + 1;
    if (newest_first) {
      std::ranges::partial_sort(wanted, end, std::greater());
    } else {
      std::ranges::partial_sort(wanted, end);
    }
    SENT_TRY_ASSIGN(const RecordAssembler* records, scan.assembler());
    AssembledRecord record;
    for (auto at = wanted.begin(); at != end; ++at) {
      if (!page.wants(at->first)) break;
      records->record(at->second, record);
      page.add(record.view);
    }
    return {};
  }

  Result<LogRecord> get_from(AccountId account, const StoredBlock& block, RecordId id) const {
    Result<LogRecord> outcome = fail(Errc::kNotFound, "there is no log record {} (any more)", to_text(id));
    const BlockCache::Key key{account, block.number};
    const auto opened = cache_.get(key, [&] { return open_block(*db_, account, block); });
    SENT_TRY_ASSIGN(const RowTable* rows, opened->rows());
    const auto at = std::ranges::lower_bound(rows->ids, id);
    const auto row = static_cast<std::size_t>(at - rows->ids.begin());
    if (at != rows->ids.end() && *at == id && rows->time_ns[row] >= horizon_) {
      SENT_TRY_ASSIGN(const RecordAssembler records, RecordAssembler::open(*opened));
      AssembledRecord record;
      records.record(row, record);
      outcome = to_record(record.view);
    }
    cache_.settle(key);
    return outcome;
  }

  const EmbeddedLogOptions options_;
  std::unique_ptr<kv::Database> db_;
  std::atomic<std::int64_t> horizon_ = INT64_MIN;  // older records are not shown
  std::atomic<std::uint64_t> durable_offset_ = 0;
  mutable BlockCache cache_;

  std::mutex writer_;                 // append, flush, enforce, the end of repack: one at a time
  std::uint64_t applied_offset_ = 0;  // guarded by writer_

  mutable std::shared_mutex mutex_;
  std::map<AccountId, AccountLog> accounts_;  // changed under both locks, read under either

  Repacker repacker_;  // last: its thread uses all of the above
};

}  // namespace

Result<std::unique_ptr<LogStore>> open_embedded_log_store(EmbeddedLogOptions options) {
  auto store = std::make_unique<EmbeddedLogStore>(std::move(options));
  SENT_TRY(store->open());
  return store;
}

}  // namespace sentinella::logs
