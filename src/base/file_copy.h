// Copies of files that are there after a power failure too. Errors name the path; kConflict: the target
// exists.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace sentinella {

/// The first `bytes` of a file, or all of it, with its mode; on disk when this returns. kCorrupt: it is
/// shorter.
Result<void> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to);
Result<void> copy_durably(const std::filesystem::path& from, const std::filesystem::path& to,
                          std::uint64_t bytes);
/// For files that never change again: a second name, which costs nothing, or a copy where the file system has
/// no such thing.
Result<void> link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace sentinella
