// sentinella doctor: looks at everything the agent needs, and says in words what is wrong and what mends it.
#include <algorithm>
#include <cerrno>
#include <ostream>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/config/config.h"
#include "agent/discover/discover.h"
#include "agent/status.h"
#include "agent/tail/journal_entry.h"
#include "agent/tail/log_paths.h"
#include "base/file.h"
#include "base/json.h"
#include "net/http_client.h"

namespace sentinella::agent {
namespace {

constexpr Duration kServerTimeout = 5s;

class Doctor {
 public:
  explicit Doctor(std::ostream& out) : out_(out) {}

  void good(std::string_view what) { line("ok", what); }
  void note(std::string_view what, std::string_view mend = {}) { line("note", what, mend); }
  void wrong(std::string_view what, std::string_view mend = {}) {
    ++wrong_;
    line("wrong", what, mend);
  }
  int wrongs() const { return wrong_; }

 private:
  void line(std::string_view verdict, std::string_view what, std::string_view mend = {}) {
    out_ << fmt::format("{:<6} {}\n", verdict, what);
    if (!mend.empty()) out_ << fmt::format("         mend with: {}\n", mend);
  }
  std::ostream& out_;
  int wrong_ = 0;
};

void examine_state_directory(const Config& config, Doctor& doctor) {
  const std::string directory = config.state_dir.string();
  if (const auto made = make_directories(directory, 0750); !made)
    return doctor.wrong("state directory: " + describe(made.error()),
                        fmt::format("install -d -o sentinella -g sentinella -m 0750 {}", directory));
  if (::access(directory.c_str(), W_OK) != 0)
    return doctor.wrong(fmt::format("state directory {} cannot be written by this user", directory),
                        fmt::format("chown -R sentinella: {}", directory));
  struct statvfs disk{};
  if (::statvfs(directory.c_str(), &disk) == 0) {
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (free < config.spool_max_bytes)
      return doctor.wrong(fmt::format("state directory {}: {} MB are free, the spool may need {}", directory,
                                      free >> 20, config.spool_max_bytes >> 20),
                          "free space, or lower spool_max_bytes");
  }
  doctor.good("state directory " + directory);
}

void examine_server(const Config& config, const std::string& url, Doctor& doctor) {
  net::HttpClient client({.ca_file = config.ca_file, .pinned_sha256 = config.pinned_sha256, .verify = true});
  net::ClientRequest request;
  request.url = url + "/healthz";
  request.timeout = kServerTimeout;
  const auto response = client.send(request);
  if (!response) {
    const bool trust = response.error().code == Errc::kUnauthorized;
    return doctor.wrong(fmt::format("server {}: {}", url, describe(response.error())),
                        trust
                            ? "ca_file or pinned_sha256 of the server's certificate (the console shows it)"
                            : fmt::format("server_url, or the route and firewall: curl -sS {}/healthz", url));
  }
  if (response->status != 200)
    return doctor.wrong(fmt::format("server {} answers {}", url, response->status),
                        "is it a Sentinella server? see its log");
  doctor.good("server " + url);
}

void examine_log(const FollowedLog& followed, Doctor& doctor) {
  const FileDescriptor log(::open(followed.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (log) {
    doctor.good(fmt::format("log of {}: {}", followed.service, followed.path));
  } else if (errno == ENOENT) {
    doctor.note(fmt::format("log of {}: {} is not there; fine where the service does not run",
                            followed.service, followed.path));
  } else {
    doctor.wrong(fmt::format("log of {}: {} may not be read by this user", followed.service, followed.path),
                 "usermod -aG adm sentinella, then restart the agent");
  }
}

void examine_services(const Config& config, Doctor& doctor) {
  const auto findings = find_services(look_around(ProcFs()));
  for (const Finding& finding : findings) {
    const std::string& name = finding.service.name;
    const auto configured = std::ranges::find(config.services, name, &ServiceConfig::name);
    if (!finding.service.enabled) continue;
    if (configured == config.services.end())
      doctor.note(fmt::format("{} runs here ({}) and is not in the configuration", name, finding.evidence),
                  fmt::format(R"("{}": {{"process": "{}", "log": "{}"}})", name, finding.service.process,
                              finding.service.log));
    else if (!configured->enabled)
      doctor.note(fmt::format("{} runs here and is switched off in the configuration", name));
  }
  for (const ServiceConfig& service : config.services) {
    if (!service.enabled) continue;
    std::vector<WantedLog> wanted;
    for (const std::string& log : service.logs())
      if (!is_journal(log)) wanted.push_back({service.name, log});
    const FoundLogs found = find_logs(wanted);
    for (const FollowedLog& log : found.logs) examine_log(log, doctor);
    for (const auto& [name, problem] : found.problems)
      doctor.note(fmt::format("log of {}: {}", name, problem));
  }
}

void examine_rights(const Config& config, Doctor& doctor) {
  if (!config.kernel_log) return;
  const FileDescriptor log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (log)
    doctor.good("the kernel's log can be read");
  else
    doctor.note(
        "the kernel's log cannot be read by this user: out of memory and disk errors are not seen at once",
        "setcap cap_syslog,cap_net_admin+ep /usr/bin/sentinella");
}

/// What the running agent itself complains of.
void examine_agent(const Config& config, Doctor& doctor) {
  const auto answer = ask_status(config.state_dir / "status.sock");
  if (!answer)
    return doctor.wrong("agent: " + describe(answer.error()),
                        "sentinella run, or systemctl start sentinella");
  const auto status = parse_json_object(*answer);
  const auto problems = status ? optional_strings(*status, "problems")
                               : Result<std::vector<std::string>>(std::unexpected(status.error()));
  if (!problems) return doctor.wrong("agent: its answer is not of this version", "restart it");
  doctor.good("the agent runs");
  for (const std::string& problem : *problems) doctor.wrong("agent: " + problem);
}

}  // namespace

int doctor_command(const Arguments& arguments, Console console) {
  Doctor doctor(console.out);
  const std::string path = config_path(arguments);
  const auto text = read_file(path, 16 << 20);
  auto loaded = text ? parse_config(*text) : Result<LoadedConfig>(std::unexpected(text.error()));
  if (!loaded) {
    doctor.wrong(fmt::format("configuration {}: {}", path, describe(loaded.error())), "sentinella init");
    return 1;
  }
  Config& config = loaded->config;
  if (config.state_dir.empty()) config.state_dir = default_state_dir();
  doctor.good("configuration " + path);
  for (const std::string& warning : loaded->warnings) doctor.note("configuration: " + warning);
  if (config.account_key.empty() && ::access((config.state_dir / "identity.json").c_str(), F_OK) != 0)
    doctor.wrong("no account_key, and not enrolled yet", "take it from the console (Settings, Account key)");
  examine_state_directory(config, doctor);
  std::vector<std::string> servers = config.more_server_urls;
  servers.insert(servers.begin(), config.server_url);
  for (const std::string& url : servers) examine_server(config, url, doctor);
  examine_services(config, doctor);
  examine_rights(config, doctor);
  examine_agent(config, doctor);
  console.out << (doctor.wrongs() == 0 ? "all is well\n" : fmt::format("{} wrong\n", doctor.wrongs()));
  return doctor.wrongs() == 0 ? 0 : 1;
}

}  // namespace sentinella::agent
