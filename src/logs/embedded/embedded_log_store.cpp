#include "logs/embedded/embedded_log_store.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/bytes.h"
#include "base/compress.h"
#include "kv/database.h"
#include "kv/key.h"
#include "logs/embedded/log_block.h"
#include "logs/embedded/log_matcher.h"
#include "logs/embedded/log_page.h"

namespace sentinella::logs {
namespace {

constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kBlockBytes = 1u << 20;
const std::string kOffsetKey = kv::Key().u32(0).bytes("offset").take();

kv::Key row_key(AccountId account, char kind) {
  return kv::Key().u32(static_cast<std::uint32_t>(account)).tag(kind);
}

/// A sealed block on disk.
struct Block {
  std::uint64_t number = 0;  ///< ascending within an account
  std::uint64_t bytes = 0;   ///< on disk
  BlockHeader header;
};

struct AccountLog {
  std::vector<std::shared_ptr<const Block>> blocks;  ///< in order of number, and so of record ids
  BlockBuilder open;   ///< the newest records, also on disk as of the last flush
  bool dirty = false;  ///< `open` has changed since
  RecordId newest;
  std::uint64_t next_number = 1;
};

struct OpenRow {
  BlockHeader header;
  std::string records;
};

std::string encode_open_row(const BlockBuilder& block) {
  std::string row;
  ByteWriter(row).text(encode_header(block.header()));
  return row + zstd_compress(block.records());
}

Result<OpenRow> decode_open_row(std::string_view row) {
  ByteReader reader(row);
  OpenRow open;
  SENT_TRY_ASSIGN(open.header, decode_header(reader.text()));
  SENT_TRY_ASSIGN(open.records, zstd_decompress(reader.rest(), open.header.raw_bytes + 1));
  return open;
}

std::string encode_index_row(const Block& block) {
  std::string row;
  ByteWriter(row).varint(block.bytes);
  return row + encode_header(block.header);
}

Result<Block> decode_index_row(std::uint64_t number, std::string_view row) {
  ByteReader reader(row);
  Block block;
  block.number = number;
  block.bytes = reader.varint();
  SENT_TRY_ASSIGN(block.header, decode_header(reader.rest()));
  return block;
}

class EmbeddedLogStore final : public LogStore {
 public:
  explicit EmbeddedLogStore(EmbeddedLogOptions options) : options_(std::move(options)) {}

  Result<void> open() {
    SENT_TRY_ASSIGN(db_, kv::Database::open({options_.directory, "log store", kFormatVersion}));
    SENT_TRY_ASSIGN(durable_offset_, db_->get_number(kOffsetKey));
    applied_offset_ = durable_offset_;
    SENT_TRY_ASSIGN(const auto accounts, db_->leading_numbers());
    for (const std::uint32_t account : accounts) SENT_TRY(load(AccountId{account}));
    return {};
  }

  Result<void> append(AccountId account, std::span<const LogRecord> batch,
                      std::uint64_t journal_offset) override {
    const std::lock_guard one_writer(writer_);
    AccountLog& log = log_of(account);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const RecordId id{journal_offset, static_cast<std::uint32_t>(i)};
      // Records come in order of their ids: what is not newer is here already, and is being replayed.
      if (id <= log.newest) continue;
      if (log.open.records().size() >= kBlockBytes) SENT_TRY(seal(account, log));
      const std::unique_lock lock(mutex_);
      log.open.add(id, batch[i]);
      log.newest = id;
      log.dirty = true;
    }
    applied_offset_ = std::max(applied_offset_, journal_offset);
    return {};
  }

  Result<LogPage> search(AccountId account, const LogQuery& query) const override {
    SENT_TRY(check_query(query));
    SENT_TRY_ASSIGN(const auto after, parse_cursor(query.cursor));
    LogQuery narrowed = query;
    narrowed.range.from = std::max(query.range.from, Time{horizon_});
    if (after && query.newest_first && after->time < narrowed.range.until && after->time.ns < INT64_MAX)
      narrowed.range.until = after->time + Duration(1);
    if (after && !query.newest_first) narrowed.range.from = std::max(narrowed.range.from, after->time);
    const LogMatcher matcher(narrowed);
    PageBuilder page(query.limit, query.newest_first, after);

    const Snapshot snapshot = look(account, matcher, query.newest_first);
    SENT_TRY(search_records(snapshot.open, matcher, page));
    for (const auto& block : snapshot.blocks) {
      if (page.is_beyond(query.newest_first ? block->header.last_time : block->header.first_time)) break;
      SENT_TRY_ASSIGN(const std::string records, read(account, *block));
      SENT_TRY(search_records(records, matcher, page));
    }
    return page.take();
  }

  Result<LogRecord> get(AccountId account, RecordId id) const override {
    SENT_TRY_ASSIGN(const std::string records, records_around(account, id));
    BlockReader reader(records);
    RecordView view;
    for (;;) {
      SENT_TRY_ASSIGN(const bool more, reader.next(view));
      if (!more) return fail(Errc::kNotFound, "there is no log record {} (any more)", to_text(id));
      if (view.id == id && view.time.ns >= horizon_) return to_record(view);
    }
  }

  std::uint64_t durable_offset() const override { return durable_offset_; }

  Result<void> flush() override {
    const std::lock_guard one_writer(writer_);
    kv::WriteBatch batch;
    for (auto& [account, log] : accounts_) {
      if (!log.dirty) continue;
      batch.put(row_key(account, 'o').str(), encode_open_row(log.open));
    }
    batch.put_number(kOffsetKey, applied_offset_);
    SENT_TRY(db_->write(std::move(batch), kv::Sync::yes));
    for (auto& [account, log] : accounts_) log.dirty = false;
    durable_offset_ = applied_offset_;
    return {};
  }

  Result<void> enforce(const Retention& retention, Time now) override {
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
    return drop_old_open_blocks(cutoff);
  }

  Statistics statistics() const override {
    Statistics statistics;
    const auto count = [&](const BlockHeader& header) {
      statistics.records += header.records;
      if (header.records > 0)
        statistics.oldest = std::min(statistics.oldest.value_or(header.first_time), header.first_time);
    };
    const std::shared_lock lock(mutex_);
    for (const auto& [account, log] : accounts_) {
      count(log.open.header());
      for (const auto& block : log.blocks) count(block->header);
    }
    statistics.bytes_on_disk = db_->bytes_on_disk();
    return statistics;
  }

 private:
  struct Snapshot {
    std::string open;
    std::vector<std::shared_ptr<const Block>> blocks;  ///< most promising first
  };

  Result<void> load(AccountId account) {
    AccountLog& log = accounts_[account];
    Result<void> outcome;
    const std::string prefix = row_key(account, 'i').take();
    SENT_TRY(db_->scan(prefix, kv::after_prefix(prefix), [&](std::string_view key, std::string_view row) {
      auto block = decode_index_row(kv::KeyReader(key.substr(prefix.size())).u64(), row);
      if (!block) return outcome = std::unexpected(block.error()), false;
      log.newest = std::max(log.newest, block->header.last_id);
      log.next_number = block->number + 1;
      log.blocks.push_back(std::make_shared<const Block>(std::move(*block)));
      return true;
    }));
    SENT_TRY(outcome);
    SENT_TRY_ASSIGN(const auto row, db_->get(row_key(account, 'o').str()));
    if (!row) return {};
    SENT_TRY_ASSIGN(auto open, decode_open_row(*row));
    log.newest = std::max(log.newest, open.header.last_id);
    log.open.restore(std::move(open.header), std::move(open.records));
    return {};
  }

  AccountLog& log_of(AccountId account) {
    const std::unique_lock lock(mutex_);
    return accounts_[account];
  }

  /// Moves the open block to the disk. Its records may get there before the offset that covers them: append()
  /// knows them again by their ids.
  Result<void> seal(AccountId account, AccountLog& log) {
    const std::string compressed = zstd_compress(log.open.records());
    const auto block =
        std::make_shared<const Block>(Block{log.next_number, compressed.size(), log.open.header()});
    kv::WriteBatch batch;
    batch.put(row_key(account, 'b').u64(block->number).str(), compressed);
    batch.put(row_key(account, 'i').u64(block->number).str(), encode_index_row(*block));
    batch.erase(row_key(account, 'o').str());
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    const std::unique_lock lock(mutex_);
    log.blocks.push_back(block);
    log.open.clear();
    ++log.next_number;
    return {};
  }

  Result<void> drop(AccountId account, std::uint64_t number) {
    kv::WriteBatch batch;
    batch.erase(row_key(account, 'b').u64(number).str());
    batch.erase(row_key(account, 'i').u64(number).str());
    SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
    const std::unique_lock lock(mutex_);
    std::erase_if(accounts_[account].blocks, [&](const auto& block) { return block->number == number; });
    return {};
  }

  /// Those of accounts that fell silent: nothing will seal them.
  Result<void> drop_old_open_blocks(Time cutoff) {
    for (auto& [account, log] : accounts_) {
      if (log.open.empty() || log.open.header().last_time >= cutoff) continue;
      kv::WriteBatch batch;
      batch.erase(row_key(account, 'o').str());
      SENT_TRY(db_->write(std::move(batch), kv::Sync::no));
      const std::unique_lock lock(mutex_);
      log.open.clear();
      log.dirty = false;
    }
    return {};
  }

  Snapshot look(AccountId account, const LogMatcher& matcher, bool newest_first) const {
    Snapshot snapshot;
    {
      const std::shared_lock lock(mutex_);
      const auto at = accounts_.find(account);
      if (at == accounts_.end()) return snapshot;
      if (matcher.may_match(at->second.open.header())) snapshot.open = at->second.open.records();
      std::ranges::copy_if(at->second.blocks, std::back_inserter(snapshot.blocks),
                           [&](const auto& block) { return matcher.may_match(block->header); });
    }
    std::ranges::sort(snapshot.blocks, [&](const auto& a, const auto& b) {
      return newest_first ? a->header.last_time > b->header.last_time
                          : a->header.first_time < b->header.first_time;
    });
    return snapshot;
  }

  static Result<void> search_records(std::string_view records, const LogMatcher& matcher, PageBuilder& page) {
    BlockReader reader(records);
    RecordView view;
    for (;;) {
      SENT_TRY_ASSIGN(const bool more, reader.next(view));
      if (!more) return {};
      if (page.wants({view.time, view.id}) && matcher.matches(view)) page.add(view);
    }
  }

  /// "" when retention has deleted it meanwhile.
  Result<std::string> read(AccountId account, const Block& block) const {
    SENT_TRY_ASSIGN(const auto compressed, db_->get(row_key(account, 'b').u64(block.number).str()));
    if (!compressed) return std::string();
    auto records = zstd_decompress(*compressed, block.header.raw_bytes + 1);
    if (!records)
      return fail(Errc::kCorrupt, "log block {} of account {} is damaged: {}", block.number,
                  static_cast<std::uint32_t>(account), records.error().message);
    return records;
  }

  /// The records of the block that has, or would have, `id`; "" when none would.
  Result<std::string> records_around(AccountId account, RecordId id) const {
    std::shared_ptr<const Block> block;
    {
      const std::shared_lock lock(mutex_);
      const auto at = accounts_.find(account);
      if (at == accounts_.end()) return std::string();
      const AccountLog& log = at->second;
      if (!log.open.empty() && id >= log.open.header().first_id) return log.open.records();
      const auto found =
          std::ranges::lower_bound(log.blocks, id, {}, [](const auto& b) { return b->header.last_id; });
      if (found == log.blocks.end()) return std::string();
      block = *found;
    }
    return read(account, *block);
  }

  const EmbeddedLogOptions options_;
  std::unique_ptr<kv::Database> db_;
  std::atomic<std::int64_t> horizon_ = INT64_MIN;  // older records are not shown
  std::atomic<std::uint64_t> durable_offset_ = 0;

  std::mutex writer_;                 // append, flush, enforce: one at a time
  std::uint64_t applied_offset_ = 0;  // guarded by writer_

  mutable std::shared_mutex mutex_;
  std::map<AccountId, AccountLog> accounts_;  // changed under both locks, read under either
};

}  // namespace

Result<std::unique_ptr<LogStore>> open_embedded_log_store(EmbeddedLogOptions options) {
  auto store = std::make_unique<EmbeddedLogStore>(std::move(options));
  SENT_TRY(store->open());
  return store;
}

}  // namespace sentinella::logs
