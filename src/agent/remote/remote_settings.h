// Remote configuration, once a round: asks the server now and then whether there are other settings, has them
// tried, and judges the trial. A trial is a new beginning of the program with them; when the server takes
// data again they are kept, when it does not the program begins anew with the ones before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "agent/remote/settings_state.h"
#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

struct SettingsStatus {
  std::uint64_t version = 0;  ///< in use
  bool on_trial = false;
  std::string problem;  ///< of a version that could not be used
};

/// Not thread-safe.
class RemoteSettings {
 public:
  struct Callbacks {
    /// Sends this body to the server's door for settings; the answer comes later.
    std::function<void(std::string body)> ask;
    /// What the server said since the last call.
    std::function<std::optional<Result<std::string>>()> answer;
    /// Whether the server has taken data since the program began.
    std::function<bool()> in_contact;
    /// Whether the agent could begin with these.
    std::function<Result<void>(const boost::json::object& settings)> fits;
  };
  enum class Next { go_on, begin_anew };

  RemoteSettings(std::filesystem::path file, std::string host, Duration interval, Callbacks callbacks);
  Next round(Time now);
  SettingsStatus status() const;

 private:
  Next judge_trial(Time now);
  Next take_answer(std::string_view answer, Time now);
  Next consider(GivenSettings offered, Time now);
  Next save(Next next);

  const std::filesystem::path file_;
  const std::string host_;
  const Callbacks callbacks_;
  const int trial_rounds_;
  SettingsState state_;
  int rounds_ = 0;
  int next_question_;
};

}  // namespace sentinella::agent
