// Ordered keys and values on disk, in atomic batches: RocksDB, whose headers stay in one file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sentinella::kv {

/// Changes that happen together or not at all. Not thread-safe.
class WriteBatch {
 public:
  /// `room`: bytes that it takes without growing.
  explicit WriteBatch(std::size_t room = 0);
  WriteBatch(WriteBatch&&) noexcept;
  WriteBatch& operator=(WriteBatch&&) noexcept;
  ~WriteBatch();
  void put(std::string_view key, std::string_view value);
  void put_number(std::string_view key, std::uint64_t value);
  void erase(std::string_view key);
  /// from <= key < until.
  void erase_range(std::string_view from, std::string_view until);
  std::size_t bytes() const;

 private:
  friend class Database;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

enum class Sync : std::uint8_t {
  no,   ///< survives the process, not the machine; never overtakes an earlier write
  yes,  ///< this and every earlier write is on disk
};

struct DatabaseOptions {
  std::filesystem::path directory;
  std::string name;                  ///< for messages: "series store"
  std::uint32_t format_version = 1;  ///< of the keys and values that the caller writes
  bool large_values = false;         ///< keep values of 4 KiB and more apart from the keys, written only once
  /// Keys that begin with the same so many bytes are written in ascending order, batch by batch: each finds
  /// its place from the one before. 0 = they are not.
  std::size_t ascending_prefix_bytes = 0;
  bool asks_for_absent_keys = false;           ///< mostly: a filter in memory says so
  std::size_t write_buffer_bytes = 32u << 20;  ///< of the newest writes, in memory, until they become a file
};

/// Thread-safe. Every method may do disk I/O; errors name the directory: kNoSpace, kIo, kCorrupt.
class Database {
 public:
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;

  /// Makes it when it is not there. kUnsupported: written by a newer program. kConflict: another process has
  /// it open.
  static Result<std::unique_ptr<Database>> open(DatabaseOptions options);
  ~Database();

  Result<std::optional<std::string>> get(std::string_view key) const;
  /// What put_number() wrote; 0 when there is none.
  Result<std::uint64_t> get_number(std::string_view key) const;
  /// Calls `visit` for from <= key < until in order, until it returns false. Sees one moment's state.
  Result<void> scan(std::string_view from, std::string_view until, const Visitor& visit) const;
  /// The same, greatest key first.
  Result<void> scan_back(std::string_view from, std::string_view until, const Visitor& visit) const;
  /// The distinct Key().u32() other than 0 that keys begin with, ascending; what lies between is skipped, not
  /// read.
  Result<std::vector<std::uint32_t>> leading_numbers() const;
  Result<void> write(WriteBatch batch, Sync sync);
  /// Every earlier write is on disk.
  Result<void> sync();
  std::uint64_t bytes_on_disk() const;
  /// A copy of this moment's state, every earlier write in it, that open() takes: made of second names for
  /// files where that is possible. `directory` must not exist. Writes go on meanwhile.
  Result<void> copy_to(const std::filesystem::path& directory) const;

 private:
  Database();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sentinella::kv
