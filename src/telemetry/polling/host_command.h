// What a pollster runs on this host instead of asking an API (Ceilometer's host_command): words, never a
// shell.
//
//   host_command: "get-vm --name ${sample.name}"            split at blanks, quotes keep them together
//   host_command: [get-vm, --name, "${sample.name}"]        (ours) split already
//
// How it is kept safe:
// - Commands are taken only from a file that nobody but root can have written (polling/definition_file.h).
// - No shell reads them: | ; & < > $ ` * ? ( ) outside of quotes are refused, so that nobody believes they
// work.
// - A value of a sample is one argument, or a part of one, whatever it holds; one that could be taken for an
//   option, or that holds a control character, makes no command at all.
// - Time and output are bounded, nothing of our environment is passed on (base/child_process.h).
#pragma once

#include <atomic>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "telemetry/filled_text.h"

namespace sentinella::telemetry {

/// Immutable, thread-safe.
class HostCommand {
 public:
  static constexpr std::size_t kMaxOutput = 16u << 20;

  /// A text, or a list of words. kInvalid.
  static Result<HostCommand> compile(const boost::json::value& spec);
  bool has_places() const;
  /// The words for one sample. kNotFound: a value is not there; kInvalid: one is not fit to be an argument.
  Result<std::vector<std::string>> words_for(const boost::json::value& scope) const;

 private:
  std::vector<FilledText> words_;
};

/// What it wrote, without the last line's end. kUnavailable: it failed, with what it said, took too long, or
/// `cancelled` was set.
Result<std::string> run_host_command(std::vector<std::string> words, Duration timeout,
                                     const std::atomic<bool>* cancelled = nullptr);

}  // namespace sentinella::telemetry
