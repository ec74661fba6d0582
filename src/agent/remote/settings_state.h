// The settings that the server gave this agent, and those that are being tried: settings.json in the state
// directory. Settings on trial count only once the server was reached with them; until then the ones before
// are kept, to go back to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "base/result.h"
#include "base/time.h"

namespace sentinella::agent {

struct GivenSettings {
  std::uint64_t version = 0;  ///< 0: the agent's own file alone
  boost::json::object body;   ///< codec/agent_settings.h
};

struct SettingsState {
  GivenSettings current;               ///< they have proven themselves
  std::optional<GivenSettings> trial;  ///< tried instead of them
  std::uint64_t trial_starts = 0;      ///< how often the program has begun with those on trial
  std::uint64_t refused = 0;  ///< the last version that could not be used, 0 = none since the last change
  std::string problem;        ///< why
  Time refused_at;

  const GivenSettings& in_use() const { return trial ? *trial : current; }
  /// Whether this version is to be tried. One that was refused is tried again after an hour: what was in its
  /// way may have been another's outage.
  bool wants(std::uint64_t version, Time now) const;
  void try_out(GivenSettings settings);
  void confirm();
  /// Goes back to the ones before.
  void refuse(std::uint64_t version, std::string why, Time now);
};

std::string to_json(const SettingsState& state);
/// kInvalid, kCorrupt: not such a document.
Result<SettingsState> parse_settings_state(std::string_view text);

std::filesystem::path settings_file(const std::filesystem::path& state_dir);
/// A missing file is an empty state; so is a damaged one, with a warning.
SettingsState load_settings(const std::filesystem::path& file);
Result<void> save_settings(const std::filesystem::path& file, const SettingsState& state);

}  // namespace sentinella::agent
