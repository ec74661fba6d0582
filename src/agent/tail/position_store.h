// How far each log has been read *and acknowledged by the server*: positions.json in the state directory.
// Newer positions, of batches still waiting, lie with these batches in the spool.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/tail/file_identity.h"
#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

/// A path once seen is known until it is forgotten: when a file appears there later, it is read from its
/// beginning. Of one path the positions of the last 16 files are kept, newest last.
class PositionTable {
 public:
  void merge(const FilePosition& position);
  void mark_known(const std::string& path) { files_[path]; }
  void forget(const std::string& path) { files_.erase(path); }
  bool is_known(const std::string& path) const { return files_.contains(path); }
  std::vector<std::string> paths() const;
  std::vector<FilePosition> of(const std::string& path) const;
  /// When what is on disk was written: what happened since may be missing.
  std::optional<Time> saved() const { return saved_; }
  void set_saved(Time at) { saved_ = at; }

  std::string to_json() const;
  /// kInvalid, kCorrupt: not such a document.
  static Result<PositionTable> from_json(std::string_view text);

 private:
  std::map<std::string, std::vector<FilePosition>> files_;
  std::optional<Time> saved_;
};

/// Thread-safe: the uplink acknowledges, the spool saves before it forgets.
class PositionStore {
 public:
  /// A missing file is an empty table; one that is damaged or cannot be read is put aside with a warning.
  explicit PositionStore(std::filesystem::path file);
  /// Positions of a batch that the server has taken (FilePosition's encode_positions()); "" = none.
  void acknowledged(std::string_view encoded_positions);
  void mark_known(const std::string& path);
  /// Of a path that is gone for good.
  void forget(const std::string& path);
  /// Where reading of a file begins; ignored when there is a position of it already.
  void started_at(const FilePosition& position);
  /// Durable on return; does nothing when nothing changed.
  Result<void> save();
  PositionTable table() const;

 private:
  const std::filesystem::path file_;
  mutable Mutex mutex_;
  PositionTable table_ SENT_GUARDED_BY(mutex_);
  bool changed_ SENT_GUARDED_BY(mutex_) = false;
};

}  // namespace sentinella::agent
