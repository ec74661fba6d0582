#include "server/self_watch.h"

#include <csignal>
#include <cstdlib>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace sentinella::server {
namespace {

namespace fs = std::filesystem;

Result<fs::path> find_agent() {
  constexpr std::string_view kName = "sentinella";
  std::error_code error;
  std::vector<std::string> places{fs::read_symlink("/proc/self/exe", error).parent_path().string()};
  if (const char* path = std::getenv("PATH"); path != nullptr)
    for (const auto& place : split(path, ':')) places.emplace_back(place);
  for (const std::string& place : places)
    if (const fs::path program = fs::path(place) / kName; ::access(program.c_str(), X_OK) == 0)
      return program;
  return fail(Errc::kNotFound, "--demo-self: there is no program sentinella beside this one or in PATH");
}

Result<fs::path> write_agent_config(const fs::path& directory, const std::string& key,
                                    const std::string& url) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(Errc::kUnavailable, "cannot make {}: {}", directory.string(), error.message());
  const fs::path file = directory / "sentinella.conf", log = directory / "agent.log";
  JsonWriter json;
  json.object()
      .field("account_key", key)
      .field("server_url", url)
      .field("state_dir", (directory / "state").string())
      .field("log_file", log.string())
      .field("interval_seconds", 1)
      .field("discover", true);
  // Itself: on a host where nothing else is found there is a service to see, too, and lines to read.
  json.key("sentinella")
      .object()
      .field("process", "sentinella " + file.string())
      .field("log", log.string())
      .end();
  json.end();
  SENT_TRY(write_file_atomic(file, json.take(), 0600));
  return file;
}

std::string optional(const boost::json::object& object, std::string_view field) {
  const auto* value = object.if_contains(field);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

}  // namespace

Result<SelfWatch> SelfWatch::start(const Config& config, const std::string& url) {
  SENT_TRY_ASSIGN(const ListenAddress address, parse_listen(config.listen));
  if (!is_loopback(address.host))
    return fail_field(Errc::kInvalid, "listen", "--demo-self watches this host over loopback, not over {}",
                      config.listen);
  SENT_TRY_ASSIGN(const fs::path program, find_agent());
  SENT_TRY_ASSIGN(const std::string text, read_file(config.data_dir / "bootstrap.json", 1 << 16));
  SENT_TRY_ASSIGN(const auto bootstrap, parse_json_object(text));
  const fs::path directory = fs::absolute(config.data_dir) / "self";
  SENT_TRY_ASSIGN(const fs::path file,
                  write_agent_config(directory, optional(bootstrap, "account_key"), url));
  const std::string pid_file = directory / "agent.pid";
  // Made before the fork: what comes after it may allocate nothing.
  const char* const arguments[] = {program.c_str(),  "-c",  file.c_str(), "-p",
                                   pid_file.c_str(), "run", nullptr};
  const pid_t server = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(Errc::kUnavailable, "cannot start {}", program.string());
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != server) ::_exit(0);  // it ended in between
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execv(program.c_str(), const_cast<char* const*>(arguments));
    ::_exit(127);
  }
  return SelfWatch(pid, optional(bootstrap, "login_link"));
}

SelfWatch::~SelfWatch() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace sentinella::server
