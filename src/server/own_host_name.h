// What this machine calls itself.
#pragma once

#include <array>
#include <string>

#include <unistd.h>

namespace sentinella::server {

inline std::string own_host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "sentinella-server";
}

}  // namespace sentinella::server
