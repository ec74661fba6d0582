// All systems that are asked for their figures, each in its own time, one after the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/collect/source.h"
#include "agent/config/config.h"
#include "base/mutex.h"
#include "model/batch.h"

namespace sentinella::agent {

struct SourceRound {
  Batch batch;
  std::vector<std::string> new_problems;  ///< that were not there at the last round
};

class Sources {
 public:
  /// `due` says when the next round of each has come; times of samples are told to collect().
  explicit Sources(std::vector<std::unique_ptr<Source>> sources, const Clock& due = monotonic_clock());
  bool empty() const { return sources_.empty(); }
  /// The one of this kind that was added without being told is at `url`. By the thread that collects.
  void move(std::string_view kind, const std::string& url);
  /// Asks those that are due. By one thread at a time; takes as long as they take.
  SourceRound collect(const std::string& host, Time now);
  /// Thread-safe.
  std::vector<std::string> problems() const;

 private:
  struct Known {
    std::unique_ptr<Source> source;
    Time next;  ///< by due_
    bool ever_answered = false;
    std::string problem;
  };
  void collect_one(Known& known, const std::string& host, Time now, SourceRound& round);

  const Clock& due_;
  std::vector<Known> sources_;
  mutable Mutex mutex_;
  std::vector<std::string> problems_ SENT_GUARDED_BY(mutex_);
};

/// Those of the configuration, and those that need none: memcached, HAProxy, libvirt, Open vSwitch and OVN
/// when they are watched services, systemd's units where it runs.
std::vector<std::unique_ptr<Source>> make_sources(const Config& config,
                                                  const std::vector<ServiceConfig>& services);

/// The password itself, or the first line of its file. kIo, kForbidden: it cannot be read.
Result<std::string> password_of(const SourceConfig& config);

}  // namespace sentinella::agent
