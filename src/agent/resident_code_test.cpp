#include "agent/resident_code.h"

#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace sentinella::agent {
namespace {

/// Resident pages of files (code and constants), kB.
long resident_file_pages() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
  return 0;
}

TEST(ResidentCode, WhatOnlyTheStartNeededLeavesMemoryAndTheProgramGoesOn) {
  const long before = resident_file_pages();
  release_unused_code();
  EXPECT_LT(resident_file_pages(), before);
}

}  // namespace
}  // namespace sentinella::agent
