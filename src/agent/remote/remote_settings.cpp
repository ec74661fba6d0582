#include "agent/remote/remote_settings.h"

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "codec/agent_settings.h"

namespace sentinella::agent {
namespace {

constexpr int kFirstQuestion = 2;  // the agent has enrolled by then
constexpr int kQuestionEvery = 6;
constexpr int kProvenAfter = 2;
constexpr int kTrialRounds = 6;
constexpr Duration kShortestTrial = 5s;

int rounds_of_trial(Duration interval) {
  const auto least = (kShortestTrial + interval - Duration(1)) / std::max(interval, Duration(1));
  return std::max(kTrialRounds, static_cast<int>(least));
}

Result<GivenSettings> read_offer(std::string_view answer) {
  SENT_TRY_ASSIGN(const auto root, parse_json_object(answer));
  SENT_TRY_ASSIGN(const auto version, optional_number(root, "version"));
  if (!version || !(*version >= 0 && *version <= 1e15))
    return fail_field(Errc::kInvalid, "version", "a version is missing");
  GivenSettings given;
  given.version = static_cast<std::uint64_t>(*version);
  if (const auto* settings = root.if_contains("settings")) {
    if (!settings->is_object()) return fail_field(Errc::kInvalid, "settings", "an object is expected");
    given.body = settings->get_object();
  }
  return given;
}

}  // namespace

RemoteSettings::RemoteSettings(std::filesystem::path file, std::string host, Duration interval,
                               Callbacks callbacks)
    : file_(std::move(file)),
      host_(std::move(host)),
      callbacks_(std::move(callbacks)),
      trial_rounds_(rounds_of_trial(interval)),
      state_(load_settings(file_)),
      next_question_(kFirstQuestion) {}

RemoteSettings::Next RemoteSettings::save(Next next) {
  if (const auto saved = save_settings(file_, state_); !saved) {
    log::error("agent.remote", "the server's settings are not used: {}", describe(saved.error()));
    state_ = load_settings(file_);
    return Next::go_on;
  }
  return next;
}

RemoteSettings::Next RemoteSettings::round(Time now) {
  ++rounds_;
  if (state_.trial) return judge_trial(now);
  if (const auto answer = callbacks_.answer(); answer && *answer)
    if (const Next next = take_answer(**answer, now); next != Next::go_on) return next;
  if (rounds_ < next_question_) return Next::go_on;
  next_question_ = rounds_ + kQuestionEvery;
  JsonWriter json;
  json.object().field("host", host_).field("version", state_.current.version);
  json.field("refused", state_.refused).field("problem", state_.problem).end();
  callbacks_.ask(json.take());
  return Next::go_on;
}

RemoteSettings::Next RemoteSettings::judge_trial(Time now) {
  const std::uint64_t version = state_.trial->version;
  if (rounds_ >= kProvenAfter && callbacks_.in_contact()) {
    log::info("agent.remote", "the server's settings of version {} are in use", version);
    state_.confirm();
    next_question_ = rounds_;
    return save(Next::go_on);
  }
  if (rounds_ < trial_rounds_) return Next::go_on;
  log::warning("agent.remote", "back to the settings before version {}: the server was not reached with them",
               version);
  state_.refuse(version, fmt::format("the server was not reached in {} rounds with them", rounds_), now);
  return save(Next::begin_anew);
}

RemoteSettings::Next RemoteSettings::take_answer(std::string_view answer, Time now) {
  auto offered = read_offer(answer);
  if (!offered) {
    log::warning("agent.remote", "the server's answer about settings is none: {}", describe(offered.error()));
    return Next::go_on;
  }
  if (!state_.wants(offered->version, now)) return Next::go_on;
  return consider(*std::move(offered), now);
}

RemoteSettings::Next RemoteSettings::consider(GivenSettings offered, Time now) {
  // Another layer changed: nothing is different here but the number.
  if (offered.body == state_.current.body) {
    state_.current.version = offered.version;
    state_.confirm();
    next_question_ = rounds_;
    return save(Next::go_on);
  }
  if (const auto fit = callbacks_.fits(offered.body); !fit) {
    log::warning("agent.remote", "the server's settings of version {} cannot be used: {}", offered.version,
                 describe(fit.error()));
    state_.refuse(offered.version, describe(fit.error()), now);
    next_question_ = rounds_;
    return save(Next::go_on);
  }
  log::info("agent.remote", "the server's settings of version {} are tried", offered.version);
  state_.try_out(std::move(offered));
  return save(Next::begin_anew);
}

SettingsStatus RemoteSettings::status() const {
  SettingsStatus status{state_.in_use().version, state_.trial.has_value(), ""};
  if (state_.refused != 0)
    status.problem =
        fmt::format("the server's settings of version {} are not used: {}", state_.refused, state_.problem);
  return status;
}

}  // namespace sentinella::agent
