// The services of an OpenStack cloud, and of what it stands on, as data: how each is recognised, where it
// logs, where it listens, which unit starts it, which file configures it.
//
// Sources: Debian 12's packages (units, uWSGI ports), RDO's packages (units, logs), kolla-ansible (ports,
// health checks, log directories), the projects' own documentation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sentinella::agent {

/// Alternatives in one column are separated by '|', the usual one first.
struct KnownService {
  std::string_view name;
  std::string_view process;  ///< patterns of watch/process_match.h
  std::string_view
      logs;  ///< below /var/log: Debian's, RHEL's, Kolla's; HOST = the host's name. "" = none of its own
  std::uint16_t port = 0;  ///< TCP, where it listens by default; 0 = nowhere
  std::string_view probe;  ///< "/path" (HTTP), or a scheme of check/check_target.h: "mysql", "tcp". "" = none
  std::string_view units;  ///< without ".service"; "" = the name is the unit's
  std::string_view configuration;  ///< absolute path
  bool asked_first = false;        ///< one of the services that `init` always asks for, found or not
};

/// In the order `init` asks; names are unique.
std::span<const KnownService> known_services();
const KnownService* find_known_service(std::string_view name);

/// Whether the service works for others only through the message broker: it has no port of its own where it
/// could be asked, and kolla-ansible too takes its connection to the broker for a sign of health.
bool lives_on_broker(const KnownService& service);

/// The alternatives of a column.
std::vector<std::string_view> alternatives(std::string_view column);

/// Where the service's log may be, the likeliest first, absolute.
std::vector<std::string> usual_logs(const KnownService& service, std::string_view host);

/// Further logs of the service, absolute; they may hold * and ?.
std::vector<std::string> logs_beside(std::string_view service);

}  // namespace sentinella::agent
