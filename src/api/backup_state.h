// What the server says of the backup it takes, or took last.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace sentinella::api {

struct BackupState {
  enum class Phase : std::uint8_t { none, running, done, failed };
  Phase phase = Phase::none;
  std::string directory{};
  std::string part{};  ///< what is copied now, or was when it failed
  Time started{}, finished{};
  std::uint64_t journal_offset = 0;  ///< of the last record in it
  std::uint64_t bytes = 0;
  std::string error{};
};

}  // namespace sentinella::api
