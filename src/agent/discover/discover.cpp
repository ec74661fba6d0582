#include "agent/discover/discover.h"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "agent/discover/catalogue.h"
#include "agent/watch/process_match.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxOpenFiles = 4096;

/// Debian's path and what RHEL and Kolla make of it.
std::vector<std::string> usual_logs(const KnownService& service, const std::string& host) {
  std::string debian(service.log);
  if (const std::size_t at = debian.find("HOST"); at != std::string::npos) debian.replace(at, 4, host);
  if (debian.empty()) return {};
  const std::filesystem::path path(debian);
  const std::string project = path.parent_path().filename();
  std::string unit = path.stem();
  std::vector<std::string> logs{debian};
  if (unit.starts_with(project + "-"))
    logs.push_back(fmt::format("/var/log/{}/{}.log", project, unit.substr(project.size() + 1)));
  else
    logs.push_back(fmt::format("/var/log/{}/{}-{}.log", project, project, unit));
  logs.push_back(fmt::format("/var/log/kolla/{}/{}.log", project, service.name));
  return logs;
}

std::optional<std::string> log_in_arguments(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view argument = arguments[i];
    if (argument == "--log-file" && i + 1 < arguments.size()) return arguments[i + 1];
    // uWSGI passes arguments on in one word: --pyargv "--config-file=... --log-file=..."
    const std::size_t at = argument.find("--log-file=");
    if (at == std::string_view::npos) continue;
    argument = argument.substr(at + std::string_view("--log-file=").size());
    return std::string(argument.substr(0, argument.find(' ')));
  }
  return std::nullopt;
}

/// Of several open logs the one named like the service; "nova-api-uwsgi.log" and "access.log" are not it.
std::optional<std::string> open_log(const RunningProcess& process, const KnownService& service) {
  std::string short_name(service.name);
  if (const std::size_t dash = short_name.find('-'); dash != std::string::npos)
    short_name = short_name.substr(dash + 1);
  for (const std::string& log : process.open_logs) {
    const std::string stem = std::filesystem::path(log).stem();
    if (stem == service.name || stem == short_name ||
        stem == std::string_view(std::filesystem::path(service.log).stem().native()))
      return log;
  }
  return process.open_logs.size() == 1 ? std::optional(process.open_logs.front()) : std::nullopt;
}

}  // namespace

std::vector<Finding> find_services(const std::vector<RunningProcess>& processes, const FileExists& exists,
                                   const std::string& host) {
  std::vector<ProcessMatch> matches;
  for (const RunningProcess& process : processes) matches.emplace_back(process.arguments);
  std::vector<Finding> findings;
  for (const KnownService& known : known_services()) {
    Finding finding;
    finding.service = {
        .name = std::string(known.name), .enabled = false, .process = std::string(known.process), .log = {}};
    for (std::size_t i = 0; i < processes.size(); ++i) {
      if (!matches[i](known.process)) continue;
      finding.service.enabled = true;
      if (finding.evidence.empty()) finding.evidence = fmt::format("pid {}", processes[i].pid);
      if (finding.service.log.empty()) finding.service.log = open_log(processes[i], known).value_or("");
      if (finding.service.log.empty())
        finding.service.log = log_in_arguments(processes[i].arguments).value_or("");
    }
    if (!finding.service.enabled && !known.asked_first) continue;
    const auto usual = usual_logs(known, host);
    if (finding.service.log.empty()) {
      const auto there = std::ranges::find_if(usual, exists);
      if (there != usual.end())
        finding.service.log = *there;
      else if (!usual.empty())
        finding.service.log = usual.front();
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<RunningProcess> running_processes(const ProcFs& proc) {
  std::vector<RunningProcess> processes;
  const auto pids = proc.pids();
  if (!pids) return processes;
  for (pid_t pid : *pids) {
    auto arguments = proc.command_line(pid);
    if (!arguments || arguments->empty()) continue;
    RunningProcess process{pid, std::move(*arguments), {}};
    std::error_code error;
    std::size_t looked_at = 0;
    for (std::filesystem::directory_iterator fd(fmt::format("/proc/{}/fd", pid), error), end;
         !error && fd != end; fd.increment(error)) {
      if (++looked_at > kMaxOpenFiles) break;
      std::error_code unreadable;
      const std::string target = std::filesystem::read_symlink(fd->path(), unreadable);
      if (!unreadable && target.ends_with(".log")) process.open_logs.push_back(target);
    }
    processes.push_back(std::move(process));
  }
  return processes;
}

}  // namespace sentinella::agent
