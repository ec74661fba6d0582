#include "agent/plugin/plugins.h"

#include <algorithm>

#include <unistd.h>

#include "agent/plugin/output.h"
#include "agent/process/child_process.h"
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
      tasks_.push_back(std::move(task));
    }
  }
  problems_ = static_problems_;
}

bool Plugins::any_due() const {
  const Time now = due_.now();
  return std::ranges::any_of(tasks_, [&](const Task& task) { return task.next <= now; });
}

Result<void> Plugins::run_one(Task& task, const std::string& host, Time now,
                              std::vector<SeriesSamples>& samples) {
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
  SENT_TRY_ASSIGN(const ChildResult result, run_child(options));
  const bool nagios = task.function.format == PluginFormat::nagios;
  if (nagios) {
    const int state =
        result.exit_code >= 0 && result.exit_code < kUnknownState ? result.exit_code : kUnknownState;
    SampleWriter(samples, host, now)
        .add(metric("plugin_state"), state, {{"plugin", task.plugin}, {"function", task.function.name}});
  }
  if (!nagios && result.exit_code != 0)
    return fail(Errc::kUnavailable, "it ended with {}: {}", result.exit_code, first_words(result.errors));
  const std::vector<Label> labels = {{"host", host}, {"plugin", task.plugin}};
  SENT_TRY_ASSIGN(PluginOutput output, parse(task.function.format, result.output, labels, now));
  for (SeriesSamples& s : output.samples) samples.push_back(std::move(s));
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
    const auto ran = run_one(task, host, now, round.batch.series);
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
