// How far each log has been imported, so that doing it again does nothing twice: STATE_DIR/imported.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/result.h"

namespace sentinella::agent {

/// Not thread-safe.
class ImportPositions {
 public:
  /// kCorrupt: the file is none of ours.
  static Result<ImportPositions> load(std::filesystem::path file);

  std::uint64_t of(const std::string& key) const;
  /// Durable on return.
  Result<void> advance(const std::string& key, std::uint64_t position);

 private:
  std::filesystem::path file_;
  std::map<std::string, std::uint64_t> positions_;
};

/// Tells one log from another by its beginning, whatever the file is called, packed or not.
std::string import_key(std::string_view beginning, std::string_view host, std::string_view service);

}  // namespace sentinella::agent
