#include "agent/cli/init_dialogue.h"

#include <algorithm>
#include <filesystem>
#include <istream>
#include <ostream>

#include "agent/tail/journal_entry.h"
#include "base/crypto.h"
#include "base/text.h"
#include "net/http_client.h"
#include "net/tls_certificate.h"

namespace sentinella::agent {
namespace {

class Questions {
 public:
  Questions(std::istream& in, std::ostream& out) : in_(in), out_(out) {}

  Result<std::string> ask(const std::string& question, const std::string& proposed,
                          const AnswerCheck& check) {
    for (;;) {
      out_ << question << " [" << proposed << "]: " << std::flush;
      std::string line;
      if (!std::getline(in_, line))
        return fail(Errc::kInvalid, "the input ended at the question \"{}\"", question);
      std::string answer = trim(line).empty() ? proposed : std::string(trim(line));
      const std::string problem = check(answer);
      if (problem.empty()) return answer;
      out_ << "  " << problem << "\n";
    }
  }

  Result<bool> ask_yes_no(const std::string& question, bool proposed) {
    const auto is = [](const std::string& answer, std::initializer_list<std::string_view> words) {
      return std::ranges::any_of(words, [&](std::string_view word) { return iequals(word, answer); });
    };
    SENT_TRY_ASSIGN(const std::string answer,
                    ask(question, proposed ? "yes" : "no", [&](const std::string& text) -> std::string {
                      return is(text, {"y", "yes", "n", "no"}) ? "" : "please answer yes or no";
                    }));
    return is(answer, {"y", "yes"});
  }

 private:
  std::istream& in_;
  std::ostream& out_;
};

std::string check_process(const std::string& name) {
  return name.empty() ? "a process name is needed" : "";
}

std::string check_log(const std::string& path) {
  const bool good = path.empty() || path[0] == '/' || is_journal(path);
  return good ? "" : "please give an absolute path, beginning with /";
}

/// One log as the first releases wrote it, several as a list.
boost::json::value log_value(const ServiceConfig& service) {
  if (service.more_logs.empty()) return boost::json::value(service.log);
  boost::json::array logs;
  for (const std::string& log : service.logs()) logs.emplace_back(log);
  return logs;
}

}  // namespace

std::string check_account_key(const std::string& key) {
  if (key.empty()) return "the account key is needed; find it in the console (Settings, Account key)";
  if (std::ranges::any_of(key, [](char c) { return c <= ' ' || c > '~'; }))
    return "an account key has no blanks and only ASCII letters, digits and signs";
  return "";
}

std::string check_server_url(const std::string& url) {
  const auto parsed = net::parse_url(url);
  return parsed ? "" : describe(parsed.error());
}

Result<void> check_trust(InitAnswers& answers) {
  if (!answers.ca_file && !answers.pinned_sha256) return {};
  if (!answers.server_url.starts_with("https://"))
    return fail_field(Errc::kInvalid, answers.pinned_sha256 ? "--pinned-sha256" : "--ca-file",
                      "{} shows no certificate; only https:// does", answers.server_url);
  if (answers.pinned_sha256) {
    std::string pin = to_lower(*answers.pinned_sha256);
    std::erase(pin, ':');  // as openssl prints it
    if (const auto bytes = from_hex(pin); !bytes || bytes->size() != Sha256().size())
      return fail_field(Errc::kInvalid, "--pinned-sha256", "\"{}\" is no SHA-256, which has 64 hex digits",
                        *answers.pinned_sha256);
    answers.pinned_sha256 = pin;
  }
  if (answers.ca_file) {
    if (const auto first = net::certificate_fingerprint(*answers.ca_file); !first)
      return fail_field(first.error().code, "--ca-file", "{}", describe(first.error()));
    // The agent runs elsewhere than in this directory.
    answers.ca_file = std::filesystem::absolute(*answers.ca_file).lexically_normal();
  }
  return {};
}

Result<InitAnswers> ask_configuration(const InitAnswers& proposed, const std::vector<Finding>& findings,
                                      std::istream& in, std::ostream& out) {
  Questions dialogue(in, out);
  InitAnswers answers{.account_key = "",
                      .server_url = "",
                      .ca_file = proposed.ca_file,
                      .pinned_sha256 = proposed.pinned_sha256};
  out << "Configure Sentinel.la agent\n";
  SENT_TRY_ASSIGN(answers.account_key,
                  dialogue.ask("Enter your Account Key", proposed.account_key, check_account_key));
  SENT_TRY_ASSIGN(answers.server_url, dialogue.ask("Server URL", proposed.server_url, check_server_url));
  out << "\nOpenStack configuration\n";
  const bool anything = std::ranges::any_of(findings, [](const Finding& f) { return !f.evidence.empty(); });
  for (const Finding& finding : findings) {
    ServiceConfig service = finding.service;
    out << "\n";
    if (!finding.evidence.empty()) out << "(" << service.name << " runs here: " << finding.evidence << ")\n";
    SENT_TRY_ASSIGN(service.enabled, dialogue.ask_yes_no(fmt::format("Monitor {}?", service.name),
                                                         !anything || service.enabled));
    if (service.enabled) {
      SENT_TRY_ASSIGN(service.process, dialogue.ask(fmt::format("Name of the {} process", service.name),
                                                    service.process, check_process));
      SENT_TRY_ASSIGN(service.log,
                      dialogue.ask(fmt::format("{} log file", service.name), service.log, check_log));
    }
    answers.services.push_back(std::move(service));
  }
  return answers;
}

boost::json::object to_config_object(const InitAnswers& answers, const std::string& log_file,
                                     const std::string& state_dir) {
  boost::json::object root;
  root["account_key"] = answers.account_key;
  root["server_url"] = answers.server_url;
  if (answers.ca_file) root["ca_file"] = *answers.ca_file;
  if (answers.pinned_sha256) root["pinned_sha256"] = *answers.pinned_sha256;
  root["log_level"] = "INFO";
  root["log_format"] = "";
  root["log_file"] = log_file;
  root["plugins_conf_dir"] = "/etc/sentinella";
  if (!state_dir.empty()) root["state_dir"] = state_dir;
  for (const ServiceConfig& service : answers.services) {
    if (service.enabled)
      root[service.name] = {{"process", service.process}, {"log", log_value(service)}};
    else
      root[service.name] = false;
  }
  return root;
}

}  // namespace sentinella::agent
