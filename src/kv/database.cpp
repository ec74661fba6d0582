#include "kv/database.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "kv/key.h"

namespace sentinella::kv {
namespace {

/// Sorts before every account's keys (those begin with an account id, and 0 is nobody).
const std::string kFormatKey = Key().u32(0).bytes("format").take();

constexpr std::size_t kFewestWaiting = 4, kUsualWaiting = kFewestWaiting * (32u << 20);

rocksdb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}
std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

/// What RocksDB calls an error stands in our log. A log file of its own could not be written on a full disk,
/// and Debian's build, with its assertions, ends the process when such a file is written to again.
class ErrorLog final : public rocksdb::Logger {
 public:
  explicit ErrorLog(std::string name)
      : rocksdb::Logger(rocksdb::InfoLogLevel::ERROR_LEVEL), name_(std::move(name)) {}
  using rocksdb::Logger::Logv;
  void Logv(const char* format, std::va_list arguments) override {
    char text[512];
    std::vsnprintf(text, sizeof text, format, arguments);
    log::error("store", "{}: {}", name_, text);
  }

 private:
  const std::string name_;
};

rocksdb::Options tuned_options(const DatabaseOptions& wanted) {
  rocksdb::Options options;
  options.info_log = std::make_shared<ErrorLog>(wanted.name);
  if (wanted.large_values) {
    // Compaction moves keys only; such values are packed already.
    options.enable_blob_files = true;
    options.min_blob_size = 4 << 10;
    options.blob_file_size = 64 << 20;
    options.enable_blob_garbage_collection = true;
    options.blob_garbage_collection_age_cutoff = 0.5;
  }
  options.create_if_missing = true;
  options.write_buffer_size = wanted.write_buffer_bytes;
  // As much waits for its compaction as with buffers of the usual size: more, and smaller, files.
  const auto waiting = static_cast<int>(
      std::clamp<std::size_t>(kUsualWaiting / wanted.write_buffer_bytes, kFewestWaiting, 4 * kFewestWaiting));
  options.level0_file_num_compaction_trigger = waiting;
  options.level0_slowdown_writes_trigger = 5 * waiting;
  options.level0_stop_writes_trigger = 9 * waiting;
  if (wanted.ascending_prefix_bytes > 0)
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(wanted.ascending_prefix_bytes));
  if (wanted.asks_for_absent_keys) {
    options.memtable_prefix_bloom_size_ratio = 0.02;
    options.memtable_whole_key_filtering = true;
  }
  options.max_background_jobs = 2;
  options.max_open_files = 512;
  options.level_compaction_dynamic_level_bytes = true;
  options.bytes_per_sync = 1 << 20;
  options.max_total_wal_size = 128 << 20;
  // A crash may tear the end of the log; anything else wrong in it must be told, not skipped.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(32 << 20);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  // Sealed chunks of one host are alike: a block wide enough to hold many of them compresses a fifth better.
  table.block_size = 64 << 10;
  options.compression = rocksdb::kZSTD;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

std::string after_prefix(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(next.back() + 1);
  return next;
}

struct WriteBatch::Impl {
  explicit Impl(std::size_t room) : batch(room) {}
  rocksdb::WriteBatch batch;
};

WriteBatch::WriteBatch(std::size_t room) : impl_(std::make_unique<Impl>(room)) {}
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;
WriteBatch::~WriteBatch() = default;
void WriteBatch::put(std::string_view key, std::string_view value) {
  impl_->batch.Put(slice(key), slice(value));
}
void WriteBatch::put_number(std::string_view key, std::uint64_t value) {
  put(key, Key().u64(value).str());
}
void WriteBatch::erase(std::string_view key) {
  impl_->batch.Delete(slice(key));
}
void WriteBatch::erase_range(std::string_view from, std::string_view until) {
  impl_->batch.DeleteRange(slice(from), slice(until));
}
std::size_t WriteBatch::bytes() const {
  return impl_->batch.GetDataSize();
}

struct Database::Impl {
  DatabaseOptions options;
  std::unique_ptr<rocksdb::DB> db;

  std::unexpected<Error> failure(std::string_view attempt, const rocksdb::Status& status) const {
    Errc code = Errc::kIo;
    if (status.IsNoSpace()) code = Errc::kNoSpace;
    if (status.IsCorruption()) code = Errc::kCorrupt;
    if (status.ToString().find("lock") != std::string::npos && status.IsIOError()) code = Errc::kConflict;
    return fail(code, "cannot {} the {} in {}: {}", attempt, options.name, options.directory.string(),
                status.ToString());
  }

  Result<void> check_format() {
    std::string found;
    const auto status = db->Get({}, kFormatKey, &found);
    if (status.IsNotFound()) {
      rocksdb::WriteOptions synced;
      synced.sync = true;
      const auto written = db->Put(synced, kFormatKey, std::to_string(options.format_version));
      return written.ok() ? Result<void>{} : failure("mark the format of", written);
    }
    if (!status.ok()) return failure("read the format of", status);
    if (parse_uint(found) != options.format_version)
      return fail(
          Errc::kUnsupported,
          "the {} in {} has format version {}, this program knows {}: run the newer program, or restore a "
          "backup made by this one",
          options.name, options.directory.string(), found, options.format_version);
    return {};
  }

  Result<void> finish_scan(const rocksdb::Iterator& iterator) const {
    return iterator.status().ok() ? Result<void>{} : failure("read", iterator.status());
  }
};

Database::Database() : impl_(std::make_unique<Impl>()) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options) {
  SENT_TRY(make_directories(options.directory, 0750));
  std::unique_ptr<Database> database(new Database());
  database->impl_->options = std::move(options);
  rocksdb::DB* db = nullptr;
  const auto& wanted = database->impl_->options;
  const auto status = rocksdb::DB::Open(tuned_options(wanted), wanted.directory.string(), &db);
  if (!status.ok()) return database->impl_->failure("open", status);
  database->impl_->db.reset(db);
  SENT_TRY(database->impl_->check_format());
  return database;
}

Result<std::optional<std::string>> Database::get(std::string_view key) const {
  std::string value;
  const auto status = impl_->db->Get({}, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return impl_->failure("read", status);
  return value;
}

Result<std::uint64_t> Database::get_number(std::string_view key) const {
  SENT_TRY_ASSIGN(const auto value, get(key));
  return value ? KeyReader(*value).u64() : 0;
}

Result<void> Database::scan(std::string_view from, std::string_view until, const Visitor& visit) const {
  rocksdb::ReadOptions options;
  const rocksdb::Slice upper = slice(until);
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator(options));
  for (at->Seek(slice(from)); at->Valid(); at->Next())
    if (!visit(view(at->key()), view(at->value()))) break;
  return impl_->finish_scan(*at);
}

Result<void> Database::scan_back(std::string_view from, std::string_view until, const Visitor& visit) const {
  rocksdb::ReadOptions options;
  const rocksdb::Slice lower = slice(from);
  const rocksdb::Slice upper = slice(until);
  options.iterate_lower_bound = &lower;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator(options));
  for (at->SeekToLast(); at->Valid(); at->Prev())
    if (!visit(view(at->key()), view(at->value()))) break;
  return impl_->finish_scan(*at);
}

Result<std::vector<std::uint32_t>> Database::leading_numbers() const {
  const std::unique_ptr<rocksdb::Iterator> at(impl_->db->NewIterator({}));
  std::vector<std::uint32_t> numbers;
  for (std::uint64_t from = 1; from <= UINT32_MAX; from = std::uint64_t{numbers.back()} + 1) {
    const std::string key = Key().u32(static_cast<std::uint32_t>(from)).take();
    at->Seek(key);
    if (!at->Valid()) break;
    numbers.push_back(KeyReader(view(at->key())).u32());
  }
  SENT_TRY(impl_->finish_scan(*at));
  return numbers;
}

Result<void> Database::write(WriteBatch batch, Sync sync) {
  rocksdb::WriteOptions options;
  options.sync = sync == Sync::yes;
  const auto status = impl_->db->Write(options, &batch.impl_->batch);
  if (status.ok()) return {};
  // After a full disk RocksDB refuses writes until told that there is room again.
  if (impl_->db->Resume().ok() && impl_->db->Write(options, &batch.impl_->batch).ok()) return {};
  return impl_->failure("write to", status);
}

Result<void> Database::sync() {
  const auto status = impl_->db->SyncWAL();
  return status.ok() ? Result<void>{} : impl_->failure("sync", status);
}

std::uint64_t Database::bytes_on_disk() const {
  std::uint64_t tables = 0;
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &tables);
  std::uint64_t blobs = 0;
  impl_->db->GetIntProperty(rocksdb::DB::Properties::kTotalBlobFileSize, &blobs);
  tables += blobs;
  rocksdb::VectorLogPtr logs;
  if (impl_->db->GetSortedWalFiles(logs).ok())
    for (const auto& log : logs) tables += log->SizeFileBytes();
  return tables;
}

Result<void> Database::copy_to(const std::filesystem::path& directory) const {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(impl_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory.string());
  if (!status.ok()) return impl_->failure(fmt::format("copy to {}", directory.string()), status);
  return {};
}

}  // namespace sentinella::kv
