// Helpers shared by the agent's tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/temporary_directory.h"
#include "base/time.h"

namespace sentinella::agent {

inline void append_to(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::app) << text;
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline constexpr Time kSomeTime{1'790'000'000'000'000'000};

}  // namespace sentinella::agent
