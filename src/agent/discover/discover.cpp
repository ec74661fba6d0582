#include "agent/discover/discover.h"

#include <algorithm>
#include <filesystem>

#include <unistd.h>

#include "agent/discover/catalogue.h"
#include "agent/tail/journal_entry.h"
#include "agent/watch/cgroup.h"
#include "agent/watch/process_match.h"
#include "base/text.h"

namespace sentinella::agent {
namespace {

constexpr std::size_t kMaxOpenFiles = 4096;
constexpr const char* kJournalSocket = "/run/systemd/journal/socket";
constexpr std::string_view kKollaLogs = "/var/log/kolla/";
constexpr std::string_view kKollaVolumes[] = {"/var/lib/docker/volumes/kolla_logs/_data/",
                                              "/var/lib/containers/storage/volumes/kolla_logs/_data/"};
/// Directory of all containers, and the file below the one of a container; "*" is its whole id.
constexpr std::pair<const char*, std::string_view> kConsoles[] = {
    {"/var/lib/docker/containers", "*-json.log"},
    {"/var/lib/containers/storage/overlay-containers", "userdata/ctr.log"}};

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
  std::vector<std::string> names{std::string(service.name)};
  if (const std::size_t dash = service.name.find('-'); dash != std::string_view::npos)
    names.emplace_back(service.name.substr(dash + 1));
  for (std::string_view usual : alternatives(service.logs))
    names.push_back(std::filesystem::path(usual).stem());
  for (const std::string& log : process.open_logs)
    if (std::ranges::find(names, std::filesystem::path(log).stem().string()) != names.end()) return log;
  return process.open_logs.size() == 1 ? std::optional(process.open_logs.front()) : std::nullopt;
}

std::string url_of(const KnownService& service, const ListeningSocket& socket) {
  const std::string address = socket.address.contains(':') ? "[" + socket.address + "]" : socket.address;
  if (service.probe.starts_with('/'))
    return fmt::format("http://{}:{}{}", address, socket.port, service.probe);
  return fmt::format("{}://{}:{}", service.probe, address, socket.port);
}

/// The units that would start the service, as systemd names them.
std::vector<std::string> units_of(const KnownService& service, std::string_view host) {
  std::vector<std::string> units;
  const std::string_view column = service.units.empty() ? service.name : service.units;
  for (std::string_view unit : alternatives(column)) {
    std::string name(unit);
    if (const std::size_t at = name.find("HOST"); at != std::string::npos) name.replace(at, 4, host);
    units.push_back(name.ends_with(".target") ? name : name + ".service");
  }
  return units;
}

/// All that was found of one service, in words.
class Evidence {
 public:
  void process(const RunningProcess& process) {
    if (count_++ == 0) first_ = process.pid;
    if (unit_.empty()) unit_ = process.unit;
    if (container_.empty()) container_ = process.container;
  }
  void log_open() { log_open_ = true; }
  void check(const std::string& url) { check_ = url; }
  void configuration(std::string_view path) { configuration_ = path; }
  const std::string& container() const { return container_; }

  std::string text() const {
    if (count_ == 0) return "";
    std::string out = fmt::format("pid {}", first_);
    if (count_ > 1) out += fmt::format(" and {} more", count_ - 1);
    if (!unit_.empty()) out += ", unit " + unit_;
    if (!container_.empty()) out += ", container " + container_;
    if (!check_.empty()) out += ", listens: " + check_;
    if (log_open_) out += ", log open";
    if (!configuration_.empty()) out += ", " + configuration_;
    return out;
  }

 private:
  std::size_t count_ = 0;
  pid_t first_ = 0;
  std::string unit_, container_, check_, configuration_;
  bool log_open_ = false;
};

/// The pattern of the service that this process matches; "" = none.
std::string_view matching(const KnownService& known, const ProcessMatch& match) {
  for (std::string_view pattern : alternatives(known.process))
    if (match(pattern)) return pattern;
  return {};
}

/// A container's log where this host has it. What the container calls /var/log/kolla is a volume, mostly with
/// a link of that name on the host.
std::string log_on_host(const std::string& log, const std::string& container, const Surroundings& here) {
  if (is_journal(log) || here.exists(log)) return log;
  if (log.starts_with(kKollaLogs))
    for (const std::string_view volume : kKollaVolumes)
      if (std::string place = std::string(volume) + log.substr(kKollaLogs.size()); here.exists(place))
        return place;
  const std::string console = here.console(container);
  return console.empty() ? log : console;
}

/// The directory's one entry that begins with the container's id.
std::string container_console(const std::string& container) {
  for (const auto& [directory, file] : kConsoles) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string id = entry->path().filename();
      if (!id.starts_with(container)) continue;
      const std::string name = file.starts_with('*') ? id + std::string(file.substr(1)) : std::string(file);
      if (std::filesystem::exists(entry->path() / name, error)) return entry->path() / name;
    }
  }
  return "";
}

Finding find_service(const KnownService& known, const Surroundings& here,
                     const std::vector<ProcessMatch>& matches) {
  Finding finding;
  ServiceConfig& service = finding.service;
  service.name = known.name;
  service.enabled = false;
  service.process = alternatives(known.process).front();
  Evidence evidence;
  std::vector<std::uint64_t> sockets;
  std::string first_unit;
  for (std::size_t i = 0; i < here.processes.size(); ++i) {
    const std::string_view pattern = matching(known, matches[i]);
    if (pattern.empty()) continue;
    const RunningProcess& process = here.processes[i];
    if (!service.enabled) service.process = pattern;
    service.enabled = true;
    evidence.process(process);
    if (first_unit.empty()) first_unit = process.unit;
    sockets.insert(sockets.end(), process.sockets.begin(), process.sockets.end());
    if (service.log.empty()) {
      service.log = open_log(process, known).value_or("");
      if (!service.log.empty()) evidence.log_open();
    }
    if (service.log.empty()) service.log = log_in_arguments(process.arguments).value_or("");
  }
  const auto usual = usual_logs(known, here.host);
  if (service.log.empty()) {
    const auto there = std::ranges::find_if(usual, here.exists);
    // Who runs as a unit and has no file says what it has to say to the journal.
    const bool in_journal = there == usual.end() && !first_unit.empty() && here.exists(kJournalSocket);
    if (in_journal)
      service.log = fmt::format("{}:{}", kJournalPath, first_unit);
    else
      service.log = there != usual.end() ? *there : usual.empty() ? "" : usual.front();
  }
  if (!evidence.container().empty()) service.log = log_on_host(service.log, evidence.container(), here);
  if (service.enabled) {
    // Those whose directory is there and open to us: a pattern may match nothing yet.
    for (const std::string& beside : logs_beside(known.name))
      if (beside != service.log && here.exists(beside.substr(0, beside.rfind('/')) + "/."))
        service.more_logs.push_back(beside);
    service.check = check_url(known.name, sockets, here.listening);
    evidence.check(service.check);
    if (here.exists(std::string(known.configuration))) evidence.configuration(known.configuration);
  }
  finding.evidence = evidence.text();
  finding.starts_at_boot = std::ranges::any_of(
      units_of(known, here.host), [&](const std::string& unit) { return here.enabled_units.contains(unit); });
  return finding;
}

/// Calls `each` with what a process has open, as far as we may look.
template <typename F>
void for_each_open_file(pid_t pid, F each) {
  std::error_code error;
  std::size_t looked_at = 0;
  for (std::filesystem::directory_iterator fd(fmt::format("/proc/{}/fd", pid), error), end;
       !error && fd != end; fd.increment(error)) {
    if (++looked_at > kMaxOpenFiles) break;
    std::error_code unreadable;
    const std::string target = std::filesystem::read_symlink(fd->path(), unreadable);
    if (!unreadable) each(target);
  }
}

/// The links that systemd makes for units that start at boot.
std::set<std::string> enabled_units() {
  std::set<std::string> units;
  for (const char* target : {"multi-user.target.wants", "default.target.wants", "graphical.target.wants"}) {
    std::error_code error;
    for (std::filesystem::directory_iterator
             link(std::filesystem::path("/etc/systemd/system") / target, error),
         end;
         !error && link != end; link.increment(error))
      units.insert(link->path().filename());
  }
  return units;
}

}  // namespace

std::string check_url(std::string_view name, const std::vector<std::uint64_t>& sockets,
                      const std::vector<ListeningSocket>& listening) {
  const KnownService* known = find_known_service(name);
  if (!known || known->probe.empty()) return "";
  const auto owned = [&](const ListeningSocket& socket) {
    return std::ranges::find(sockets, socket.inode) != sockets.end();
  };
  const ListeningSocket* only = nullptr;
  std::set<std::uint16_t> ports;
  for (const ListeningSocket& socket : listening) {
    if (!owned(socket)) continue;
    if (socket.port == known->port) return url_of(*known, socket);
    ports.insert(socket.port);
    if (!only) only = &socket;
  }
  if (only) return ports.size() == 1 ? url_of(*known, *only) : "";
  const auto usual = std::ranges::find(listening, known->port, &ListeningSocket::port);
  return sockets.empty() && usual != listening.end() ? url_of(*known, *usual) : "";
}

std::vector<Finding> find_services(const Surroundings& here) {
  std::vector<ProcessMatch> matches;
  matches.reserve(here.processes.size());
  for (const RunningProcess& process : here.processes) matches.emplace_back(process.arguments);
  std::vector<Finding> findings;
  for (const KnownService& known : known_services()) {
    Finding finding = find_service(known, here, matches);
    if (finding.service.enabled || finding.starts_at_boot || known.asked_first)
      findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<Finding> unnamed_services(const Surroundings& here, const std::vector<ServiceConfig>& named) {
  std::vector<Finding> findings = find_services(here);
  std::erase_if(findings, [&](const Finding& finding) {
    // Under whatever name: a service that is watched already by the same process is not another one.
    return !finding.service.enabled || std::ranges::any_of(named, [&](const ServiceConfig& known) {
      return known.name == finding.service.name || known.process == finding.service.process;
    });
  });
  return findings;
}

std::vector<std::uint64_t> sockets_of(pid_t process) {
  std::vector<std::uint64_t> sockets;
  for_each_open_file(process, [&](const std::string& target) {
    if (const std::uint64_t inode = socket_inode(target); inode != 0) sockets.push_back(inode);
  });
  return sockets;
}

Surroundings look_around(const ProcFs& proc, Look look) {
  Surroundings here;
  here.host = host_name();
  here.exists = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
  here.console = container_console;
  here.enabled_units = enabled_units();
  if (look == Look::everything) here.listening = listening_sockets(proc);
  const auto pids = proc.pids();
  if (!pids) return here;
  for (pid_t pid : *pids) {
    auto arguments = proc.command_line(pid);
    if (!arguments || arguments->empty()) continue;
    const ProcessMatch match(*arguments);
    if (std::ranges::none_of(known_services(),
                             [&](const KnownService& known) { return !matching(known, match).empty(); }))
      continue;
    RunningProcess process;
    process.pid = pid;
    process.arguments = std::move(*arguments);
    if (const auto text = proc.read(fmt::format("{}/cgroup", pid))) {
      const CgroupPlace place = parse_cgroup(*text);
      process.unit = place.unit;
      process.container = place.container;
    }
    if (look == Look::everything)
      for_each_open_file(pid, [&](const std::string& target) {
        if (target.ends_with(".log")) process.open_logs.push_back(target);
        if (const std::uint64_t inode = socket_inode(target); inode != 0) process.sockets.push_back(inode);
      });
    here.processes.push_back(std::move(process));
  }
  return here;
}

}  // namespace sentinella::agent
