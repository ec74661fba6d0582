// The OpenStack services the agent knows by name, and where their logs usually are (Debian, RHEL, Kolla).
#pragma once

#include <span>
#include <string_view>

namespace sentinella::agent {

struct KnownService {
  std::string_view name;
  std::string_view process;  ///< pattern of watch/process_match.h
  std::string_view log;      ///< Debian's path; others are derived from it (discover.h)
  bool asked_first = false;  ///< one of the services that `init` always asks for, found or not
};

/// In the order `init` asks.
std::span<const KnownService> known_services();

}  // namespace sentinella::agent
