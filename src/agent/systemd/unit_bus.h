// What systemd says of its units, over D-Bus (org.freedesktop.systemd1(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/systemd/library.h"

namespace sentinella::agent {

struct UnitState {
  std::string id;      ///< its first name: "nova-api.service"
  std::string load;    ///< "loaded", "not-found", "masked"
  std::string active;  ///< "active", "reloading", "inactive", "failed", "activating", "deactivating"
  std::string sub;     ///< "running", "auto-restart", ...
  std::string result;  ///< of services: "success", "exit-code", "start-limit-hit", ...
  std::optional<std::uint32_t> restarts;  ///< of services: automatic ones
  std::string file;  ///< "enabled", "disabled", "static", ...; "" when it was not asked for

  friend bool operator==(const UnitState&, const UnitState&) = default;
};

/// A connection to the system's bus, kept from one question to the next. Used by one thread at a time.
class UnitBus {
 public:
  UnitBus() = default;
  ~UnitBus();
  UnitBus(const UnitBus&) = delete;
  UnitBus& operator=(const UnitBus&) = delete;

  /// The state of these units; what is not installed is there as "not-found". `with_files`: `file` too, which
  /// costs systemd a look at the disk. kUnavailable: no bus, or nobody answers on it in time.
  Result<std::vector<UnitState>> ask(const std::vector<std::string>& units, bool with_files);

 private:
  Result<void> open();
  void close();
  Result<std::vector<UnitState>> list(const std::vector<std::string>& units, std::vector<std::string>& paths);
  /// nullopt: it has no such property.
  std::optional<std::string> text_property(const std::string& path, const char* interface, const char* name);
  std::optional<std::uint32_t> number_property(const std::string& path, const char* interface,
                                               const char* name);
  sd_bus_message* get_property(const std::string& path, const char* interface, const char* name,
                               const char* type);

  const SystemdLibrary* library_ = nullptr;
  sd_bus* bus_ = nullptr;
};

}  // namespace sentinella::agent
