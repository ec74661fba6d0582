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
