// The head (sample_head.h) as of one place in the journal, in one file, written and read from front to back
// (format: docs/formats/series.md). Only the journal's records after that place must be replayed then.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "series/embedded/sample_head.h"

namespace sentinella::series {

struct SnapshotHeader {
  std::uint64_t journal_offset = 0;
  std::uint64_t last_id = 0;  ///< ids up to here have been given out
};

/// Beside `path` until finish() puts it in its place; dropped when that is not called. Not thread-safe.
class SnapshotWriter {
 public:
  enum class Form : std::uint8_t { raw, packed };
  static Result<SnapshotWriter> create(std::filesystem::path path, const SnapshotHeader& header,
                                       Form form = Form::raw);
  SnapshotWriter(SnapshotWriter&&) noexcept = default;
  SnapshotWriter& operator=(SnapshotWriter&&) noexcept = default;
  ~SnapshotWriter();

  Result<void> add(SeriesId id, const SampleHead::State& state);
  /// Another snapshot's block, as it is.
  Result<void> add_block(std::string payload);
  /// The file is on disk, and is the snapshot from now on.
  Result<void> finish();

 private:
  SnapshotWriter() = default;
  Result<void> write_block();

  std::filesystem::path path_;
  FileDescriptor file_;
  std::string block_;
  std::uint64_t before_ = 0;  ///< id in this block
};

/// Writes the snapshot anew with its longer streams as chunks (chunk_codec.h), a third of the size, and puts
/// that in its place. For one that will stay for a while: it costs about as much as taking the samples did.
/// Nothing happens when there is none, or a part of it is damaged.
Result<void> pack_snapshot(const std::filesystem::path& path);

/// What the snapshot knows of one series.
struct RestoredSeries {
  SeriesId id{};
  std::uint8_t flags = 0;
  OpenStream open;
  Columns late;
};
struct SnapshotReport {
  SnapshotHeader header;
  std::size_t damaged_blocks = 0;  ///< left out; the series in them lack the samples since their last chunk
};
/// nullopt: there is no snapshot. kCorrupt: its header is damaged. kUnsupported: of a newer program.
Result<std::optional<SnapshotReport>> read_snapshot(const std::filesystem::path& path,
                                                    const std::function<void(RestoredSeries)>& take);

}  // namespace sentinella::series
