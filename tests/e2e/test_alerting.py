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
