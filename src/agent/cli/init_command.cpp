#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <grp.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "agent/cli/commands.h"
#include "agent/cli/init_dialogue.h"
#include "base/file.h"

namespace sentinella::agent {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

InitAnswers proposals(const Arguments& arguments) {
  InitAnswers proposed;
  proposed.account_key = arguments.get("account-key").value_or(environment("SENTINELLA_ACCOUNT_KEY"));
  proposed.server_url = arguments.get("server-url").value_or(environment("SENTINELLA_SERVER_URL"));
  proposed.ca_file = arguments.get("ca-file");
  proposed.pinned_sha256 = arguments.get("pinned-sha256");
  if (proposed.server_url.empty()) proposed.server_url = kDefaultServerUrl;
  return proposed;
}

Result<InitAnswers> take_findings(InitAnswers answers, const std::vector<Finding>& findings,
                                  Console console) {
  if (const std::string problem = check_account_key(answers.account_key); !problem.empty())
    return fail(Errc::kInvalid, "{}; give it with --account-key or SENTINELLA_ACCOUNT_KEY", problem);
  if (const std::string problem = check_server_url(answers.server_url); !problem.empty())
    return fail_field(Errc::kInvalid, "--server-url", "{}", problem);
  for (const Finding& finding : findings) {
    answers.services.push_back(finding.service);
    if (finding.service.enabled)
      console.out << finding.service.name << ": " << finding.evidence << "; log "
                  << (finding.service.log.empty() ? "none" : finding.service.log) << "\n";
    else if (finding.starts_at_boot)
      console.out << finding.service.name << ": starts at boot and does not run; not taken\n";
  }
  return answers;
}

/// It holds the account key: for root and the agent's own group only.
Result<void> write_config(const std::filesystem::path& path, const std::string& text) {
  if (path.has_parent_path()) SENT_TRY(make_directories(path.parent_path()));
  SENT_TRY(write_file_atomic(path, text, 0600));
  const group* own = ::geteuid() == 0 ? ::getgrnam("sentinella") : nullptr;
  if (!own) return {};
  if (::chown(path.c_str(), 0, own->gr_gid) != 0 || ::chmod(path.c_str(), 0640) != 0)
    return fail_errno(errno, fmt::format("cannot give {} to the group sentinella", path.string()));
  return {};
}

}  // namespace

int init_command(const Arguments& arguments, Console console) {
  const std::filesystem::path path = config_path(arguments);
  std::error_code ignored;
  if (!arguments.has("force") && std::filesystem::exists(path, ignored)) {
    console.err << path.string() << " is there already; --force writes it anew\n";
    return EX_CANTCREAT;
  }
  const auto findings = find_services(look_around(ProcFs()));
  const InitAnswers proposed = proposals(arguments);
  auto answers = arguments.has("yes") ? take_findings(proposed, findings, console)
                                      : ask_configuration(proposed, findings, console.in, console.out);
  const auto trusted = answers ? check_trust(*answers) : std::unexpected(answers.error());
  if (!trusted) {
    console.err << "\n" << describe(trusted.error()) << "\nnothing was written\n";
    return EX_USAGE;
  }
  const std::string log_file = arguments.get("log-file").value_or("/var/log/sentinella/sentinella.log");
  const auto object = to_config_object(*answers, log_file, arguments.get("state-dir").value_or(""));
  if (const auto written = write_config(path, to_pretty_json(object)); !written) {
    console.err << describe(written.error()) << "\n";
    return EX_CANTCREAT;
  }
  console.out << "\nconfiguration file generated\n";
  return 0;
}

}  // namespace sentinella::agent
