// Runs the functions of the enabled plug-ins, each in its own time, one after the other.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/collect/sources.h"
#include "agent/plugin/manifest.h"
#include "base/mutex.h"

namespace sentinella::agent {

/// What the configuration enables: module -> functions.
using EnabledPlugins = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// Used by one thread at a time, but for problems().
class Plugins {
 public:
  /// `directory`: of the installed ones. `settings`: where NAME.conf may stand, told to the plug-in as
  /// SENTINELLA_PLUGIN_CONFIG. Names that are built in are left out.
  Plugins(const std::filesystem::path& directory, const EnabledPlugins& enabled,
          const std::filesystem::path& settings);
  bool empty() const { return tasks_.empty(); }
  bool any_due(Time now) const;
  /// Runs what is due. Takes as long as they take.
  SourceRound run(const std::string& host, Time now);
  /// Why one does not work, in words. Thread-safe.
  std::vector<std::string> problems() const;

 private:
  struct Task {
    std::string plugin;
    PluginFunction function;
    std::filesystem::path directory;
    std::filesystem::path settings;
    Time next;
    std::string problem;
  };
  Result<void> run_one(Task& task, const std::string& host, Time now, std::vector<SeriesSamples>& samples);

  std::vector<Task> tasks_;
  std::vector<std::string> static_problems_;
  mutable Mutex mutex_;
  std::vector<std::string> problems_ SENT_GUARDED_BY(mutex_);
};

/// The modules of release 1.1, whose work the agent does itself.
bool is_built_in(std::string_view module);

}  // namespace sentinella::agent
