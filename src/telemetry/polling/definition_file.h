// A file of definitions, read once, and whether nobody but root can have written it: only then may it name
// commands.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace sentinella::telemetry {

struct DefinitionFile {
  std::string text;
  /// kForbidden: who else could have changed the file, a link to it, or a folder on the way.
  Result<void> is_roots_alone;
};

/// The way is walked folder by folder, each looked at while it is held open, links followed by us; what is
/// looked at last is what is read. So nothing can be exchanged between the look and the reading. A folder
/// with the sticky bit may be written by others: what is root's in it stays where it is. kNotFound, kIo,
/// kInvalid: not a file; kTooLarge.
Result<DefinitionFile> read_definition_file(const std::filesystem::path& file, std::size_t max_size);

}  // namespace sentinella::telemetry
