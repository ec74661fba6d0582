"""Silences, groups and the doors of Alertmanager and Alerta, from outside."""
import time

import harness


def posted(name, **labels):
    return [{"labels": {"alertname": name, "severity": "critical", **labels}, "annotations": {"summary": f"{name}!"}}]


def test_a_silence_is_kept_through_kill_minus_nine_and_what_still_fires_is_told_at_its_end(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    made = client.post("/api/v1/silences", {"matchers": [{"name": "alertname", "value": "DiskFull"}],
                                            "reason": "new disk", "duration": "1h"})
    assert made.status == 201, made
    server.kill()
    server.start()
    client = server.client()
    assert client.post("/alertmanager/api/v2/alerts", posted("DiskFull", instance="db1")).status == 200
    alert = client.items("/api/v1/alerts")[0]["id"]
    why = client.get(f"/api/v1/alerts/{alert}/notifications").json
    assert why["why_not_notified"][0]["stage"] == "silence", why
    time.sleep(2)
    assert webhook.events() == []
    assert client.request("DELETE", f"/api/v1/silences/{made.json['id']}").status == 204
    webhook.wait("the page", lambda b: b["event"] == "alert.opened" and b["alert"]["event"] == "DiskFull")


def test_hosts_that_fail_at_once_are_one_message(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    batch = [one for n in range(40) for one in posted("Unreachable", instance=f"compute{n}")]
    assert client.post("/alertmanager/api/v2/alerts", batch).status == 200
    body = webhook.wait("the message", lambda b: b["event"] == "alert.opened")
    assert body["alert"]["together"]["total"] == 40
    time.sleep(2)
    assert len(webhook.events()) == 1


def test_alertas_example_works_over_http(server):
    client = server.client()
    report = {"environment": "Production", "event": "NodeDown", "resource": "web01", "service": ["Web"],
              "severity": "major", "correlate": ["NodeDown", "NodeUp"]}
    made = client.post("/alerta/alert", report)
    assert made.status == 201 and made.json["alert"]["status"] == "open"
    closed = client.post("/alerta/alert", {**report, "event": "NodeUp", "severity": "normal"})
    assert closed.json["id"] == made.json["id"] and closed.json["alert"]["status"] == "closed"


def test_what_alertas_command_asks_for_is_answered_as_it_reads_it(server):
    """Requests of its commands login, whoami, version, send, raw, note, query, heartbeats --alert and housekeeping."""
    boot = server.bootstrap
    login = {"username": boot["admin_user"], "password": boot["admin_password"]}
    client = server.client(server.client().post("/alerta/auth/login", login).json["token"])
    assert client.get("/alerta/userinfo").json["preferred_username"] == boot["admin_user"]
    config = client.get("/alerta/config").json
    assert "major" in config["alarm_model"]["severity"]
    assert client.get("/alerta/management/status").json["version"]
    assert client.get("/alerta/management/housekeeping").json["status"] == "ok"
    report = {"environment": "Production", "event": "NodeDown", "resource": "web01", "service": ["Web", "DNS"],
              "severity": "major", "tags": ["dc1"], "rawData": "trap", "customer": "acme", "group": None}
    alert = client.post("/alerta/alert", report).json["id"]
    shown = client.get("/alerta/alerts", id=alert[:8], **{"page-size": 50}).json["alerts"][0]
    assert (shown["rawData"], shown["customer"], shown["service"]) == ("trap", "acme", ["Web", "DNS"])
    note = client.request("PUT", f"/alerta/alert/{alert}/note", {"text": "cable"}).json["note"]["id"]
    assert client.request("PUT", f"/alerta/alert/{alert}/note/{note}", {"text": "fibre"}).status == 200
    server.kill()
    server.start()
    assert [one["text"] for one in client.get(f"/alerta/alert/{alert}/notes").json["notes"]] == ["fibre"]
    assert client.request("DELETE", f"/alerta/alert/{alert}/note/{note}").status == 200
    assert client.request("PUT", f"/alerta/alert/{alert}/action", {"action": "close", "text": "done"}).status == 200
    over = client.get("/alerta/alerts/history", tags="dc1").json["history"]
    assert [one["type"] for one in over] == ["close", "new"], over
    refused = client.post("/alerta/group", {"name": "g", "text": ""})
    assert refused.status == 404 and refused.json["status"] == "error", refused


def test_an_alert_is_given_to_a_person_and_a_team_and_is_still_theirs_after_a_crash(server, webhook):
    client = server.client()
    person = {"name": "ana", "password": "a password for ana", "role": "responder"}
    assert client.post("/api/v1/users", person).status == 201
    team = {"name": "storage", "channels": [harness.add_webhook(client, webhook.url)]}
    assert client.post("/api/v1/teams", team).status == 201
    assert "ana" in client.get("/api/v1/alert-owners").json["people"]
    report = {"environment": "Production", "event": "NodeDown", "resource": "web01", "service": ["Web"],
              "severity": "major"}
    alert = client.post("/alerta/alert", report).json["id"]

    def assign(owner):
        return client.post(f"/api/v1/alerts/{alert}/actions", {"action": "assign", "owner": owner})
    assert assign("ana").json["owner"] == "ana"
    refused = assign("zoe")
    assert refused.status == 400 and refused.json["error"]["field"] == "owner", refused
    assert client.post("/alerta/alert", report).json["alert"]["owner"] == "ana", "a repeat changes nothing of it"
    server.kill()
    server.start()
    assert client.get("/api/v1/alert-rows", owner="ana").json["items"][0]["id"] == alert
    assert client.request("PUT", f"/alerta/alert/{alert}/action", {"action": "assign", "text": "storage"}).status == 200
    assert client.get("/alerta/alerts", q="owner:storage").json["total"] == 1
    assert assign("me").status == 200
    assert client.get("/api/v1/alert-rows", owner="me").json["matching"] == 1
    history = client.get(f"/api/v1/alerts/{alert}").json["alert"]["history"]
    given = [one["owner"] for one in history if one["type"] == "assign"]
    assert given == ["ana", "storage", "bootstrap"], "a program's key takes alerts by its name"
    client.post("/alerta/alert", {**report, "severity": "normal"})
    client.post("/alerta/alert", report)
    assert client.get("/api/v1/alert-rows", owner="none").json["items"][0]["id"] == alert, "new trouble is nobody's yet"


def test_alarms_follow_isa_18_2_where_the_configuration_says_so(tmp_path, programs, webhook):
    server = harness.Server(tmp_path, config="[alerts]\nalarm_model = isa_18_2\n").start()
    programs.append(server)
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")

    def report(severity):
        made = client.post("/alerta/alert", {"environment": "Production", "event": "Pressure", "resource": "boiler1",
                                             "service": ["steam"], "severity": severity})
        assert made.status == 201, made
        return made.json["alert"]
    assert report("Critical")["status"] == "UNACK"
    webhook.wait("the page", lambda b: b["event"] == "alert.opened")
    over = report("OK")
    assert over["status"] == "RTNUN"
    webhook.wait("its end", lambda b: b["event"] == "alert.closed")
    server.kill()
    server.start()
    path = f"/alerta/alert/{over['id']}"
    kept = client.get(path).json["alert"]
    assert kept["status"] == "RTNUN", "it still waits for somebody to take note"
    assert sorted(entry["status"] for entry in kept["history"]) == ["RTNUN", "UNACK"]
    assert client.get(f"/api/v1/alerts/{over['id']}").json["alert"]["status"] == "closed"
    assert [one["id"] for one in client.get("/api/v1/alert-rows").json["items"]] == [over["id"]]
    assert client.get("/api/v1/overview").json["counts"]["returned"] == 1
    assert client.request("PUT", f"{path}/action", {"action": "ack"}).status == 200
    assert client.get(path).json["alert"]["status"] == "NORM"
    assert client.get("/api/v1/alert-rows").json["items"] == []
    assert client.request("PUT", f"{path}/action", {"action": "ack"}).status == 409


def test_a_channel_that_fails_is_told_by_the_others_until_a_message_goes_through_again(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    broken = {"name": "broken", "kind": "webhook", "min_tier": "info", "enabled": True,
              "settings": {"url": f"{server.url}/api/v1/nothing"}}
    made = client.post("/api/v1/channels", broken)
    assert made.status == 201, made
    path = f"/api/v1/channels/{made.json['id']}"
    assert client.post("/alertmanager/api/v2/alerts", posted("DiskFull", instance="db1")).status == 200
    said = webhook.wait("the alert", lambda b: b["event"] == "alert.opened" and b["alert"]["event"] == "ChannelFails",
                        timeout=40)
    assert said["alert"]["resource"] == "channel/broken" and said["alert"]["tier"] == "page", said
    told = {one["alert_id"] for one in client.items(f"{path}/deliveries")}
    assert said["alert"]["id"] not in told, "never through itself"

    assert client.request("PUT", path, {**broken, "settings": {"url": webhook.url}}).status == 200
    assert client.post(f"{path}/test", {}).json["ok"]
    webhook.wait("its end", lambda b: b["event"] == "alert.closed" and b["alert"]["event"] == "ChannelFails",
                 timeout=40)


def test_an_acknowledgement_without_an_end_runs_out_and_the_alert_is_told_again(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    assert client.request("PUT", "/api/v1/alerting", {"ack_expiry": "2s"}).status == 200
    assert client.post("/alertmanager/api/v2/alerts", posted("DiskFull", instance="db1")).status == 200
    webhook.wait("the page", lambda b: b["event"] == "alert.opened")
    alert = client.items("/api/v1/alerts")[0]["id"]
    assert client.post(f"/api/v1/alerts/{alert}/actions", {"action": "ack"}).json["status"] == "ack"
    webhook.wait("the reminder", lambda b: b["event"] == "alert.reminder")
    assert client.get(f"/api/v1/alerts/{alert}").json["alert"]["status"] == "open"


def test_two_teams_hear_of_their_own_alerts_and_get_their_own_report(server, webhook):
    client = server.client()
    ids = {name: harness.add_webhook(client, f"{webhook.url}/{name}") for name in ("storage", "compute")}
    for name, channel in ids.items():
        assert client.post("/api/v1/teams", {"name": name, "channels": [channel]}).status == 201
    for name in ids:
        alert = posted("Broken", instance=f"{name}1", team=name)
        assert client.post("/alertmanager/api/v2/alerts", alert).status == 200
    for name, channel in ids.items():
        harness.wait_for("its message", lambda: client.items(f"/api/v1/channels/{channel}/deliveries"))
        told = client.items(f"/api/v1/channels/{channel}/deliveries")
        about = [client.get(f"/api/v1/alerts/{one['alert_id']}").json["alert"]["resource"] for one in told]
        assert about == [f"{name}1"]
    rule = ("id: volumes\nkind: tailable\nevent: Volumes\nsummary: s\nowner: storage\nimpact: i\nplaybook: look\n"
            "match: {level: '>=ERROR'}\n")
    assert client.post("/api/v1/rules", {"yaml": rule}).status == 201
    sent = client.post("/api/v1/rules/report/send", {"team": "storage"})
    assert sent.status == 200 and len(sent.json["sent"]) == 1, sent
    webhook.wait("the report", lambda b: b["alert"]["event"] == "WeeklyReport" and "storage: " in b["alert"]["text"])
