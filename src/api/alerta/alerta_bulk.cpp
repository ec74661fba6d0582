// The same for many alerts at once: those that the query's filters choose. What Alerta hands to a queue is
// done when the answer goes out; the task that it names says how it went.
#include "api/alert_actions.h"
#include "api/alerta/alerta_door.h"
#include "api/alerta/alerta_parts.h"
#include "api/reply.h"
#include "base/text.h"

namespace sentinella::api::alerta {
namespace {

constexpr std::size_t kMost = 1000;

/// The ids of what the filters choose. kInvalid: no filter at all, which would be everything; kTooLarge.
Result<std::vector<std::string>> chosen(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto query, AlertaQuery::read(call.request, terms_of(call.server)));
  if (query.filters.empty() && query.words.empty() && !query.from && !query.to)
    return fail_field(Errc::kInvalid, "q",
                      "Must supply a filter: without one this would be about every alert");
  SENT_TRY_ASSIGN(const auto found, select(call, query));
  if (found.size() > kMost)
    return fail_field(Errc::kTooLarge, "q", "{} alerts match, at most {} at once", found.size(), kMost);
  std::vector<std::string> ids;
  for (const Alert& alert : found) ids.push_back(alert.id);
  return ids;
}

/// `each` on every one; what it refuses (an action that does not fit a status) is left as it is. Ends with
/// the first failure of another kind.
template <typename Each>
Result<std::vector<std::string>> on_each(RequestContext& call, Each each) {
  SENT_TRY_ASSIGN(const auto ids, chosen(call));
  std::vector<std::string> done;
  for (const std::string& id : ids) {
    const Result<void> one = each(id);
    if (one) {
      done.push_back(id);
    } else if (one.error().code != Errc::kConflict && one.error().code != Errc::kNotFound) {
      return std::unexpected(one.error());
    }
  }
  return done;
}

Reply updated(const std::vector<std::string>& ids, std::string_view list) {
  JsonWriter json;
  json.object().key(list).array();
  for (const std::string& id : ids) json.value(id);
  json.end().field("count", static_cast<std::uint64_t>(ids.size()));
  return ok_reply(json);
}

Result<std::vector<std::string>> act_on_each(RequestContext& call, alerts::ActionRequest request) {
  SENT_TRY(name_owner(call.server, call.caller, request));
  return on_each(call, [&](const std::string& id) -> Result<void> {
    SENT_TRY(perform_named(call.server, call.caller, id, request));
    return {};
  });
}

Result<Reply> edit_each(RequestContext& call, const Edit& edit) {
  SENT_TRY_ASSIGN(const auto done, on_each(call, [&](const std::string& id) -> Result<void> {
                    SENT_TRY(call.server.alerts.edit(call.caller.account, id, edit));
                    return {};
                  }));
  return updated(done, "updated");
}

}  // namespace

Result<Reply> bulk_status(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto request, read_status(body, terms_of(call.server)));
  SENT_TRY_ASSIGN(const auto done, act_on_each(call, request));
  return updated(done, "updated");
}

/// 202 with the task, as its clients expect it. The task's number is how many were changed.
Result<Reply> bulk_action(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto request, read_action(body));
  SENT_TRY_ASSIGN(const auto done, act_on_each(call, request));
  const std::string task = std::to_string(done.size());
  JsonWriter json;
  json.object().field("id", task).field("message", fmt::format("{} alerts changed", done.size()));
  Reply reply = ok_reply(json, 202);
  reply.headers.set("Location", "/alerta/_bulk/task/" + task);
  return reply;
}

Result<Reply> bulk_tag(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto edit, tag_edit(body, true));
  return edit_each(call, edit);
}

Result<Reply> bulk_untag(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto edit, tag_edit(body, false));
  return edit_each(call, edit);
}

Result<Reply> bulk_attributes(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto body, read_body(call.request));
  SENT_TRY_ASSIGN(const auto edit, attribute_edit(body));
  return edit_each(call, edit);
}

Result<Reply> bulk_delete(RequestContext& call) {
  SENT_TRY_ASSIGN(const auto done, on_each(call, [&](const std::string& id) {
                    return call.server.alerts.remove(call.caller.account, id);
                  }));
  return updated(done, "deleted");
}

Result<Reply> bulk_task(RequestContext& call) {
  const auto changed = parse_uint(call.path_value("id"));
  if (!changed) return fail(Errc::kNotFound, "no such task");
  JsonWriter json;
  json.object().field("id", call.path_value("id")).field("state", "SUCCESS").field("updated", *changed);
  return ok_reply(json);
}

}  // namespace sentinella::api::alerta
