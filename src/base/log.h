// Our own log, in oslo.log's format so that Sentinella can read itself:
//   2026-03-02 10:11:12.345 2712 INFO ingest.journal [-] segment 42 opened
// Local time, as oslo does. Thread-safe; a line is one write(2). No secret ever goes in.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sentinella::log {

enum class Level { debug, info, warning, error, critical };

/// Lines below `level` are not written. `path` empty = standard error. Call once, before threads start.
Result<void> configure(Level level, std::string_view path = {});
Result<Level> parse_level(std::string_view text);
/// Opens the file again, after a rotation.
void reopen();
bool enabled(Level level);
void write(Level level, std::string_view component, std::string_view message);

template <typename... Args>
void line(Level level, std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(level)) write(level, component, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void debug(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  line(Level::debug, component, text, std::forward<Args>(args)...);
}
template <typename... Args>
void info(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  line(Level::info, component, text, std::forward<Args>(args)...);
}
template <typename... Args>
void warning(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  line(Level::warning, component, text, std::forward<Args>(args)...);
}
template <typename... Args>
void error(std::string_view component, fmt::format_string<Args...> text, Args&&... args) {
  line(Level::error, component, text, std::forward<Args>(args)...);
}

}  // namespace sentinella::log
