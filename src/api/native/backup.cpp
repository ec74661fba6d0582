// Backups of the whole server, for its administrator.
#include "api/backup_state.h"
#include "api/native/handlers.h"
#include "api/reply.h"

namespace sentinella::api::native {
namespace {

std::string_view to_text(BackupState::Phase phase) {
  switch (phase) {
    case BackupState::Phase::running:
      return "running";
    case BackupState::Phase::done:
      return "done";
    case BackupState::Phase::failed:
      return "failed";
    case BackupState::Phase::none:
      break;
  }
  return "none";
}

std::string state_json(const BackupState& state) {
  JsonWriter json;
  json.object().field("state", to_text(state.phase));
  if (state.phase == BackupState::Phase::none) return json.end().take();
  json.field("directory", state.directory).field("part", state.part).field("started", state.started);
  if (state.phase != BackupState::Phase::running) json.field("finished", state.finished);
  if (state.phase == BackupState::Phase::done)
    json.field("journal_offset", state.journal_offset).field("bytes", state.bytes);
  if (state.phase == BackupState::Phase::failed) json.field("error", state.error);
  return json.end().take();
}

}  // namespace

Result<Reply> start_backup(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, json_body(call.request, {"directory"}));
  SENT_TRY_ASSIGN(const auto directory, required_text(body, "directory", 4000));
  SENT_TRY(call.server.start_backup(directory));
  return json_reply(state_json(call.server.backup_state()), 202);
}

Result<Reply> get_backup(RequestContext& call) {
  SENT_TRY(Query::read(call.request, {}));
  return json_reply(state_json(call.server.backup_state()));
}

}  // namespace sentinella::api::native
