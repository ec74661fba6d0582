#include "agent/plugin/plugins.h"

#include <algorithm>

#include <unistd.h>

#include "agent/plugin/declared_run.h"
#include "agent/plugin/output.h"
#include "base/ids.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr int kUnknownState = 3;

Result<PluginOutput> parse(PluginFormat format, std::string_view text, const std::vector<Label>& labels,
                           Time now) {
  switch (format) {
    case PluginFormat::json:
      return parse_plugin_json(text, labels, now);
    case PluginFormat::line:
      return parse_plugin_lines(text, labels, now);
    case PluginFormat::nagios:
      return parse_nagios(text, labels, now);
  }
  return PluginOutput{};
}

/// The first line of what it wrote to standard error, for people.
std::string first_words(std::string_view text) {
  text = trim(text);
  return std::string(text.substr(0, std::min<std::size_t>(text.find('\n'), 200)));
}

}  // namespace

bool is_built_in(std::string_view module) {
  return module == "sentinella.metrics" || module == "sentinella.openstack_logs";
}

Plugins::Plugins(const std::filesystem::path& directory, const EnabledPlugins& enabled,
                 const std::filesystem::path& settings, const Clock& due)
    : due_(due) {
  for (const auto& [name, functions] : enabled) {
    if (is_built_in(name)) continue;
    const auto plugin = load_plugin(directory / name);
    if (!plugin) {
      static_problems_.push_back(fmt::format("plug-in {}: {}", name, describe(plugin.error())));
      continue;
    }
    for (const std::string& wanted : functions) {
      const auto function = std::ranges::find(plugin->functions, wanted, &PluginFunction::name);
      if (function == plugin->functions.end()) {
        static_problems_.push_back(fmt::format("plug-in {} has no function {}", name, wanted));
        continue;
      }
      Task task;
      task.plugin = name;
      task.function = *function;
      task.directory = directory / name;
      const std::filesystem::path own = settings / (name + ".conf");
      if (::access(own.c_str(), R_OK) == 0) task.settings = own;
      if (const auto* call = std::get_if<PatternCall>(&task.function.declared)) {
        if (auto pattern = TextPattern::create(*call)) task.pattern = std::move(*pattern);
        if (!call->file.empty()) task.appended.emplace(call->file);
      }
      tasks_.push_back(std::move(task));
    }
  }
  problems_ = static_problems_;
}

bool Plugins::any_due() const {
  const Time now = due_.now();
  return std::ranges::any_of(tasks_, [&](const Task& task) { return task.next <= now; });
}

Result<ChildResult> Plugins::run_program(const Task& task, const std::string& host) const {
  ChildOptions options;
  options.arguments = task.function.command;
  if (options.arguments[0].starts_with("./"))
    options.arguments[0] = task.directory / options.arguments[0].substr(2);
  options.environment = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                         "SENTINELLA_HOST=" + host};
  if (!task.settings.empty())
    options.environment.push_back("SENTINELLA_PLUGIN_CONFIG=" + task.settings.string());
  options.directory = task.directory;
  options.timeout = task.function.timeout;
  SENT_TRY_ASSIGN(ChildResult result, run_child(options));
  if (task.function.format != PluginFormat::nagios && result.exit_code != 0)
    return fail(Errc::kUnavailable, "it ended with {}: {}", result.exit_code, first_words(result.errors));
  return result;
}

Result<PluginOutput> Plugins::run_pattern(Task& task, const std::string& host,
                                          const std::vector<Label>& labels, Time now, SourceRound& round) {
  std::string text;
  if (task.appended) {
    SENT_TRY_ASSIGN(text, task.appended->read());
  } else {
    SENT_TRY_ASSIGN(ChildResult result, run_program(task, host));
    text = std::move(result.output);
  }
  PatternMatches matches = task.pattern->read(text, labels, now);
  task.matches += matches.lines;
  SampleWriter(round.batch.series, host, now)
      .add(metric("plugin_matches_total"), static_cast<double>(task.matches),
           {{"plugin", task.plugin}, {"function", task.function.name}});
  const auto& call = std::get<PatternCall>(task.function.declared);
  const auto announce = [&](std::string summary) {
    Event event;
    event.id = to_text(random_uuid());
    event.type = call.event_type;
    event.time = now;
    event.host = host;
    event.summary = std::move(summary);
    event.origin = "agent";
    event.traits = {{"plugin", task.plugin}, {"function", task.function.name}};
    round.batch.events.push_back(std::move(event));
  };
  for (PatternMatches::Found& found : matches.events) announce(std::move(found.summary));
  if (matches.more_events > 0)
    announce(fmt::format("{} more of these within {}", matches.more_events, to_text(task.function.interval)));
  return std::move(matches.output);
}

Result<void> Plugins::run_one(Task& task, const std::string& host, Time now, SourceRound& round) {
  const PluginFunction& function = task.function;
  const std::vector<Label> labels = {{"host", host}, {"plugin", task.plugin}};
  const auto ask = [&]() -> Result<PluginOutput> {
    if (const auto* http = std::get_if<HttpCall>(&function.declared))
      return run_http(*http, labels, now, function.timeout);
    if (const auto* sql = std::get_if<SqlCall>(&function.declared))
      return run_sql(*sql, labels, now, function.timeout);
    if (task.pattern) return run_pattern(task, host, labels, now, round);
    SENT_TRY_ASSIGN(const ChildResult result, run_program(task, host));
    if (function.format == PluginFormat::nagios) {
      const int state =
          result.exit_code >= 0 && result.exit_code < kUnknownState ? result.exit_code : kUnknownState;
      SampleWriter(round.batch.series, host, now)
          .add(metric("plugin_state"), state, {{"plugin", task.plugin}, {"function", function.name}});
    }
    return parse(function.format, result.output, labels, now);
  };
  SENT_TRY_ASSIGN(PluginOutput output, ask());
  for (SeriesSamples& s : output.samples) round.batch.series.push_back(std::move(s));
  if (output.refused > 0)
    return fail(Errc::kInvalid, "{} measurements are none: {}", output.refused, output.reason);
  return {};
}

SourceRound Plugins::run(const std::string& host, Time now) {
  SourceRound round;
  const Time started = due_.now();
  for (Task& task : tasks_) {
    if (task.next > started) continue;
    task.next = started + task.function.interval - 500ms;
    const auto begun = std::chrono::steady_clock::now();
    const auto ran = run_one(task, host, now, round);
    const Duration took = std::chrono::steady_clock::now() - begun;
    SampleWriter out(round.batch.series, host, now);
    out.add(metric("plugin_up"), ran ? 1 : 0, {{"plugin", task.plugin}, {"function", task.function.name}});
    out.add(metric("plugin_seconds"), std::chrono::duration<double>(took).count(),
            {{"plugin", task.plugin}, {"function", task.function.name}});
    const std::string problem =
        ran ? "" : fmt::format("plug-in {}={}: {}", task.plugin, task.function.name, describe(ran.error()));
    if (!problem.empty() && task.problem.empty()) round.new_problems.push_back(problem);
    task.problem = problem;
  }
  Lock lock(mutex_);
  problems_ = static_problems_;
  for (const Task& task : tasks_)
    if (!task.problem.empty()) problems_.push_back(task.problem);
  return round;
}

std::vector<std::string> Plugins::problems() const {
  Lock lock(mutex_);
  return problems_;
}

}  // namespace sentinella::agent
