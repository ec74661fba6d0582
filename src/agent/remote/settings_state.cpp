#include "agent/remote/settings_state.h"

#include <utility>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

namespace sentinella::agent {
namespace {

constexpr Duration kTryAgain = std::chrono::hours(1);
constexpr std::size_t kMaxFile = 1 << 20;

void write_given(JsonWriter& json, std::string_view key, const GivenSettings& given) {
  json.key(key).object().field("version", given.version);
  json.key("settings").raw(boost::json::serialize(given.body)).end();
}

Result<std::uint64_t> natural_in(const boost::json::object& object, std::string_view name) {
  SENT_TRY_ASSIGN(const auto number, optional_number(object, name));
  if (number && !(*number >= 0 && *number <= 1e15))
    return fail_field(Errc::kInvalid, name, "{} is out of range", *number);
  return static_cast<std::uint64_t>(number.value_or(0));
}

Result<GivenSettings> read_given(const boost::json::value& value) {
  if (!value.is_object()) return fail(Errc::kInvalid, "settings are an object");
  GivenSettings given;
  SENT_TRY_ASSIGN(given.version, natural_in(value.get_object(), "version"));
  const auto* body = value.get_object().if_contains("settings");
  if (!body || !body->is_object()) return fail_field(Errc::kInvalid, "settings", "an object is expected");
  given.body = body->get_object();
  return given;
}

}  // namespace

bool SettingsState::wants(std::uint64_t version, Time now) const {
  if (version == in_use().version) return false;
  const bool again = now - refused_at >= kTryAgain || now < refused_at;
  return version != refused || again;
}

void SettingsState::try_out(GivenSettings settings) {
  trial = std::move(settings);
  trial_starts = 0;
}

void SettingsState::confirm() {
  if (trial) current = *std::exchange(trial, std::nullopt);
  refused = trial_starts = 0;
  problem.clear();
}

void SettingsState::refuse(std::uint64_t version, std::string why, Time now) {
  trial.reset();
  trial_starts = 0;
  refused = version;
  problem = std::move(why);
  refused_at = now;
}

std::string to_json(const SettingsState& state) {
  JsonWriter json;
  json.object();
  write_given(json, "current", state.current);
  if (state.trial) write_given(json, "trial", *state.trial);
  json.field("trial_starts", state.trial_starts).field("refused", state.refused);
  json.field("problem", state.problem).field("refused_at_ns", state.refused_at.ns).end();
  return json.take();
}

Result<SettingsState> parse_settings_state(std::string_view text) {
  SENT_TRY_ASSIGN(const boost::json::object root, parse_json_object(text));
  SettingsState state;
  if (const auto* current = root.if_contains("current")) {
    SENT_TRY_ASSIGN(state.current, read_given(*current));
  }
  if (const auto* trial = root.if_contains("trial")) {
    SENT_TRY_ASSIGN(state.trial, read_given(*trial));
  }
  SENT_TRY_ASSIGN(state.trial_starts, natural_in(root, "trial_starts"));
  SENT_TRY_ASSIGN(state.refused, natural_in(root, "refused"));
  SENT_TRY_ASSIGN(const auto problem, optional_string(root, "problem"));
  state.problem = problem.value_or("");
  if (const auto* at = root.if_contains("refused_at_ns"); at && at->is_int64())
    state.refused_at = {at->get_int64()};
  return state;
}

std::filesystem::path settings_file(const std::filesystem::path& state_dir) {
  return state_dir / "settings.json";
}

SettingsState load_settings(const std::filesystem::path& file) {
  const auto text = read_file(file, kMaxFile);
  if (!text) {
    if (text.error().code != Errc::kNotFound)
      log::warning("agent.remote", "the server's settings are not used: {}", describe(text.error()));
    return {};
  }
  auto state = parse_settings_state(*text);
  if (state) return *std::move(state);
  log::warning("agent.remote", "the server's settings are asked for anew, {} is damaged: {}", file.string(),
               describe(state.error()));
  return {};
}

Result<void> save_settings(const std::filesystem::path& file, const SettingsState& state) {
  return write_file_atomic(file, to_json(state) + "\n", 0640);
}

}  // namespace sentinella::agent
