// Runs another program to its end: bounded in time and output, never through a shell. Blocking.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace sentinella {

struct ChildOptions {
  std::vector<std::string> arguments;    ///< the program first, by its path or looked up in the child's PATH
  std::vector<std::string> environment;  ///< all of it, "NAME=value"; empty = a fixed PATH and LANG=C only
  std::string directory;                 ///< "" = ours
  std::string input;                     ///< for its standard input, at most a few KiB
  Duration timeout = std::chrono::seconds(10);
  std::size_t max_output = 1 << 20;
  const std::atomic<bool>* cancelled = nullptr;  ///< set by whoever no longer wants it: kUnavailable
};

struct ChildResult {
  int exit_code = 0;   ///< 128 + signal when a signal ended it
  std::string output;  ///< of standard output
  std::string errors;  ///< of standard error, the first 4 KiB
};

/// kNotFound: no such program; kUnavailable: it took too long, or is no longer wanted, and was killed with
/// all it had started; kTooLarge: so was one that wrote too much. One that we may not kill (sudo makes it
/// another user's) is waited for another second, then left to end by itself. Thread-safe.
Result<ChildResult> run_child(const ChildOptions& options);

}  // namespace sentinella
