// The Alerta API (docs.alerta.io/api/reference.html, version 9) under /alerta, for its command-line client
// and for senders that speak it. What is not there is answered with 404: making users, groups, customers and
// permissions, editing notes, webhooks other than Alertmanager's and Grafana's.
//
// What differs: a blackout stores the alert and holds its messages back instead of dropping it; every caller
// needs credentials (Key, Bearer or Basic); the account is the caller's.
#pragma once

#include "api/context.h"

namespace sentinella::api::alerta {

Result<Reply> config(RequestContext& call);
Result<Reply> good_to_go(RequestContext& call);
void post_alert(RequestContext& call, Answer answer);
Result<Reply> get_alert(RequestContext& call);
Result<Reply> delete_alert(RequestContext& call);
Result<Reply> put_status(RequestContext& call);
Result<Reply> put_action(RequestContext& call);
Result<Reply> put_tag(RequestContext& call);
Result<Reply> put_untag(RequestContext& call);
Result<Reply> put_attributes(RequestContext& call);
Result<Reply> put_note(RequestContext& call);
Result<Reply> list_notes(RequestContext& call);
Result<Reply> list_alerts(RequestContext& call);
Result<Reply> list_history(RequestContext& call);
Result<Reply> count_alerts(RequestContext& call);
Result<Reply> top_count(RequestContext& call);
Result<Reply> top_flapping(RequestContext& call);
Result<Reply> top_standing(RequestContext& call);
Result<Reply> list_environments(RequestContext& call);
Result<Reply> list_services(RequestContext& call);
Result<Reply> list_groups_of_alerts(RequestContext& call);
Result<Reply> list_tags(RequestContext& call);

// alerta_blackouts.cpp
Result<Reply> post_blackout(RequestContext& call);
Result<Reply> get_blackout(RequestContext& call);
Result<Reply> put_blackout(RequestContext& call);
Result<Reply> list_blackouts(RequestContext& call);
Result<Reply> delete_blackout(RequestContext& call);

// alerta_people.cpp
Result<Reply> user_info(RequestContext& call);
Result<Reply> list_scopes(RequestContext& call);
Result<Reply> list_perms(RequestContext& call);
Result<Reply> list_groups(RequestContext& call);
Result<Reply> list_customers(RequestContext& call);
Result<Reply> list_users(RequestContext& call);
Result<Reply> list_keys(RequestContext& call);
Result<Reply> get_key(RequestContext& call);
Result<Reply> post_key(RequestContext& call);
Result<Reply> delete_key(RequestContext& call);

// alerta_webhooks.cpp
void webhook(RequestContext& call, Answer answer);

// alerta_heartbeats.cpp
Result<Reply> post_heartbeat(RequestContext& call);
Result<Reply> get_heartbeat(RequestContext& call);
Result<Reply> list_heartbeats(RequestContext& call);
Result<Reply> delete_heartbeat(RequestContext& call);

// alerta_bulk.cpp
Result<Reply> bulk_status(RequestContext& call);
Result<Reply> bulk_action(RequestContext& call);
Result<Reply> bulk_tag(RequestContext& call);
Result<Reply> bulk_untag(RequestContext& call);
Result<Reply> bulk_attributes(RequestContext& call);
Result<Reply> bulk_delete(RequestContext& call);
Result<Reply> bulk_task(RequestContext& call);

/// {"status":"error","message":...,"code":...,"errors":null,"requestId":...}
Reply error_reply(const Error& error, const std::string& request_id);
/// A handler whose errors have Alerta's form, for the table of routes.
template <Result<Reply> (*handler)(RequestContext&)>
Result<Reply> in_alertas_words(RequestContext& call) {
  auto reply = handler(call);
  if (reply) return reply;
  return error_reply(reply.error(), call.request_id);
}
template <void (*handler)(RequestContext&, Answer)>
void later_in_alertas_words(RequestContext& call, Answer answer) {
  handler(call, [answer = std::move(answer), id = call.request_id](Result<Reply> reply) mutable {
    answer(reply ? std::move(reply) : error_reply(reply.error(), id));
  });
}

}  // namespace sentinella::api::alerta
