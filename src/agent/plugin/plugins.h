// Runs the functions of the enabled plug-ins, each in its own time, one after the other.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/collect/sources.h"
#include "agent/plugin/appended_text.h"
#include "agent/plugin/manifest.h"
#include "agent/plugin/text_pattern.h"
#include "base/child_process.h"
#include "base/mutex.h"

namespace sentinella::agent {

/// What the configuration enables: module -> functions.
using EnabledPlugins = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// Used by one thread at a time, but for problems().
class Plugins {
 public:
  /// `directory`: of the installed ones. `settings`: where NAME.conf may stand, told to the plug-in as
  /// SENTINELLA_PLUGIN_CONFIG. Names that are built in are left out. `due` says whose time has come.
  Plugins(const std::filesystem::path& directory, const EnabledPlugins& enabled,
          const std::filesystem::path& settings, const Clock& due = monotonic_clock());
  bool empty() const { return tasks_.empty(); }
  bool any_due() const;
  /// Runs what is due. Takes as long as they take. `now`: of the samples.
  SourceRound run(const std::string& host, Time now);
  /// Why one does not work, in words. Thread-safe.
  std::vector<std::string> problems() const;

 private:
  struct Task {
    std::string plugin;
    PluginFunction function;
    std::filesystem::path directory;
    std::filesystem::path settings;
    Time next;  ///< by due_
    std::string problem;
    std::optional<TextPattern> pattern;    ///< compiled
    std::optional<AppendedText> appended;  ///< of a pattern's file
    std::uint64_t matches = 0;             ///< of the pattern, since the start
  };
  Result<void> run_one(Task& task, const std::string& host, Time now, SourceRound& round);
  Result<ChildResult> run_program(const Task& task, const std::string& host) const;
  Result<PluginOutput> run_pattern(Task& task, const std::string& host, const std::vector<Label>& labels,
                                   Time now, SourceRound& round);

  const Clock& due_;
  std::vector<Task> tasks_;
  std::vector<std::string> static_problems_;
  mutable Mutex mutex_;
  std::vector<std::string> problems_ SENT_GUARDED_BY(mutex_);
};

/// The modules of release 1.1, whose work the agent does itself.
bool is_built_in(std::string_view module);

}  // namespace sentinella::agent
