// What the kernel tells beyond processors, memory and devices: pressure, sockets, faults, open files. Pure;
// formats: proc(5), the kernel's documents on PSI and SNMP counters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sentinella::agent {

/// /proc/pressure/{cpu,memory,io}.
struct PressureFigures {
  struct Line {
    double ratio = 0;    ///< over the last 10 s, 0 to 1
    double seconds = 0;  ///< since the host's start
  };
  std::optional<Line> some;
  std::optional<Line> full;
};
PressureFigures parse_pressure(std::string_view text);

/// The value after `name` in a file of lines "name value" (/proc/vmstat).
std::optional<double> parse_named_value(std::string_view text, std::string_view name);

/// The number after `key` in the line that begins with `line`: ("TCP:", "tw") in /proc/net/sockstat.
std::optional<double> parse_keyed_value(std::string_view text, std::string_view line, std::string_view key);

/// /proc/net/snmp and netstat: a line of names, a line of values, both beginning with `section` ("Tcp:").
std::optional<double> parse_counter(std::string_view text, std::string_view section, std::string_view name);

/// /proc/sys/fs/file-nr: open, (unused), limit.
struct OpenFileFigures {
  double open = 0;
  double limit = 0;
};
std::optional<OpenFileFigures> parse_file_nr(std::string_view text);

}  // namespace sentinella::agent
