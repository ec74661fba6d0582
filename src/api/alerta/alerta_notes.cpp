// Notes of Alerta's API: entries of the alert's history, which their authors may put right or take back.
#include <algorithm>

#include "api/alert_actions.h"
#include "api/alerta/alerta_alert.h"
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"

namespace sentinella::api::alerta {
namespace {

void write_note(JsonWriter& json, const Alert& alert, const AlertHistory& note) {
  const std::string id = note_id(note);
  json.object()
      .field("id", id)
      .field("href", fmt::format("/alerta/alert/{}/note/{}", alert.id, id))
      .field("text", note.text)
      .field("user", note.user)
      .field("type", "alert")
      .field("createTime", alerta_time(note.time));
  json.key("attributes").object().end().key("customer").null();
  json.key("related").object().field("alert", alert.id).end().end();
}

Reply note_reply(const Alert& alert, const AlertHistory& note, int status) {
  JsonWriter json;
  json.object().field("id", note_id(note)).key("note");
  write_note(json, alert, note);
  return ok_reply(json, status);
}

Result<std::string> read_note(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto text, optional_string(body, "text"));
  SENT_TRY_ASSIGN(const auto note, optional_string(body, "note"));
  std::string words = text.value_or(note.value_or(""));
  if (words.empty()) return fail_field(Errc::kInvalid, "text", "Must supply 'text' or 'note' as json data");
  return words;
}

}  // namespace

Result<Reply> put_note(RequestContext& call) {
  alerts::ActionRequest request;
  SENT_TRY_ASSIGN(request.text, read_note(call));
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  SENT_TRY_ASSIGN(const Alert noted, perform(call.server, call.caller, alert.id, request));
  const AlertHistory& note = noted.history.back();
  Reply reply = note_reply(noted, note, 201);
  reply.headers.set("Location", fmt::format("/alerta/alert/{}/note/{}", noted.id, note_id(note)));
  return reply;
}

Result<Reply> list_notes(RequestContext& call) {
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  std::uint64_t total = 0;
  JsonWriter json;
  json.object().key("notes").array();
  for (const AlertHistory& entry : alert.history) {
    if (entry.type != "note") continue;
    ++total;
    write_note(json, alert, entry);
  }
  json.end().field("total", total);
  return ok_reply(json);
}

Result<Reply> change_one_note(RequestContext& call) {
  SENT_TRY_ASSIGN(const std::string text, read_note(call));
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  const std::string& id = call.path_value("note");
  SENT_TRY_ASSIGN(const Alert changed, change_note(call.server, call.caller, alert.id, id, text));
  for (const AlertHistory& entry : changed.history)
    if (entry.type == "note" && note_id(entry) == id) return note_reply(changed, entry, 200);
  return fail(Errc::kNotFound, "the alert has no such note");
}

Result<Reply> delete_note(RequestContext& call) {
  SENT_TRY_ASSIGN(const Alert alert, find_alert(call));
  SENT_TRY(change_note(call.server, call.caller, alert.id, call.path_value("note"), std::nullopt));
  return plain_ok();
}

}  // namespace sentinella::api::alerta
