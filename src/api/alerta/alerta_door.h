// The Alerta API (docs.alerta.io/api/reference.html, version 9) under /alerta, for its command-line client
// and for senders that speak it. What there is not is answered with 404 and the reason: groups, customers,
// roles of one's own, signing up, webhooks other than Alertmanager's and Grafana's.
//
// What differs: a blackout stores the alert and holds its messages back instead of dropping it; every caller
// needs credentials (Key, Bearer or Basic); the account is the caller's.
#pragma once

#include "api/context.h"

namespace sentinella::api::alerta {

void post_alert(RequestContext& call, Answer answer);
Result<Reply> get_alert(RequestContext& call);
Result<Reply> delete_alert(RequestContext& call);
Result<Reply> put_status(RequestContext& call);
Result<Reply> put_action(RequestContext& call);
Result<Reply> put_tag(RequestContext& call);
Result<Reply> put_untag(RequestContext& call);
Result<Reply> put_attributes(RequestContext& call);
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

// alerta_management.cpp
Result<Reply> config(RequestContext& call);
Result<Reply> good_to_go(RequestContext& call);
Result<Reply> management_status(RequestContext& call);
Result<Reply> housekeeping(RequestContext& call);

// alerta_notes.cpp
Result<Reply> put_note(RequestContext& call);
Result<Reply> list_notes(RequestContext& call);
Result<Reply> change_one_note(RequestContext& call);
Result<Reply> delete_note(RequestContext& call);

// alerta_users.cpp
Result<Reply> login(RequestContext& call);
Result<Reply> list_users(RequestContext& call);
Result<Reply> post_user(RequestContext& call);
Result<Reply> get_user(RequestContext& call);
Result<Reply> put_user(RequestContext& call);
Result<Reply> delete_user(RequestContext& call);
Result<Reply> get_me(RequestContext& call);
Result<Reply> put_me(RequestContext& call);
Result<Reply> list_groups_of_user(RequestContext& call);

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
Result<Reply> no_groups(RequestContext& call);
Result<Reply> no_customers(RequestContext& call);
Result<Reply> fixed_roles(RequestContext& call);
Result<Reply> no_signup(RequestContext& call);
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

}  // namespace sentinella::api::alerta
