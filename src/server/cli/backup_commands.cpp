#include "server/cli/backup_commands.h"

#include <cstdlib>
#include <thread>

#include "base/json.h"
#include "server/backup.h"

namespace sentinella::server {
namespace {

constexpr Duration kAskAgain = 200ms;

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

Result<std::string> back_up_running(const ApiAccess& access, const std::filesystem::path& directory,
                                    const std::function<void(const std::string&)>& tell) {
  JsonWriter json;
  json.object().field("directory", directory.string()).end();
  SENT_TRY_ASSIGN(auto answer, call(access, "POST", "/api/v1/backup", json.str()));
  for (std::string part;; std::this_thread::sleep_for(kAskAgain)) {
    if (!answer.is_object()) return fail(Errc::kUnavailable, "the server's answer is no object");
    const auto& state = answer.get_object();
    const std::string phase = text_of(state, "state");
    if (phase == "failed") return fail(Errc::kIo, "{}", text_of(state, "error"));
    if (phase != "running")
      return fmt::format("{}: {} bytes, up to journal record {}\n", directory.string(),
                         number_of(state, "bytes"), number_of(state, "journal_offset"));
    if (const std::string now = text_of(state, "part"); now != part) tell(part = now);
    SENT_TRY_ASSIGN(answer, call(access, "GET", "/api/v1/backup"));
  }
}

bool names_a_server(const ApiAccess& access) {
  return !access.url.empty() || std::getenv("SENTINELLA_URL") != nullptr;
}

}  // namespace

Result<std::string> backup_command(const ApiAccess& access, const std::filesystem::path& data_dir,
                                   const std::filesystem::path& directory,
                                   const std::function<void(const std::string&)>& tell) {
  const auto target = std::filesystem::absolute(directory).lexically_normal();
  if (!names_a_server(access)) {
    const auto copied = copy_stopped(data_dir, target, system_clock().now());
    if (copied)
      return fmt::format("{}: {} bytes, of a server that does not run\n", target.string(), copied->bytes);
    if (copied.error().code != Errc::kConflict || copied.error().field == "directory")
      return std::unexpected(copied.error());
  }
  SENT_TRY_ASSIGN(const ApiAccess found, find_access(access, data_dir.string()));
  return back_up_running(found, target, tell);
}

Result<std::string> restore_command(const std::filesystem::path& backup,
                                    const std::filesystem::path& data_dir) {
  SENT_TRY_ASSIGN(const auto restored, restore_backup(backup, data_dir));
  return fmt::format("{}: {} bytes; a server that starts there goes on from the backup\n", data_dir.string(),
                     restored.bytes);
}

}  // namespace sentinella::server
