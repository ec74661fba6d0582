"""Storms: a dead database takes thousands of alerts with it, forty nodes fall silent at once. One page each."""
import time

import harness

STORM = 10_000 if harness.LONG else 1_000


def posted(number):
    return {"labels": {"alertname": "HttpErrors", "severity": "critical", "service": "nova-api",
                       "instance": f"web{number:05d}:8774"},
            "annotations": {"summary": "500 for every request"}}


def pages(webhook):
    return [b for b in webhook.events() if b["event"] in ("alert.opened", "alert.reopened", "alert.severity")]


def test_a_dead_database_is_one_page_that_names_it_and_the_storm_is_folded_under_it(tmp_path, server, programs, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    database = harness.Service(tmp_path, "mariadb").start()
    programs.append(database)
    programs.append(harness.Agent(tmp_path, server, [database], node="db1").start())
    harness.wait_for("the database to be up", lambda: b'"up"' in client.get("/api/v1/overview").body)
    database.kill()
    webhook.wait("the page", lambda b: b["event"] == "alert.opened")
    began = time.monotonic()
    for first in range(0, STORM, 64):
        batch = [posted(number) for number in range(first, min(first + 64, STORM))]
        assert client.post("/alertmanager/api/v2/alerts", batch).status == 200
    took = time.monotonic() - began
    print(f"{STORM} alerts taken in {took:.1f} s")
    time.sleep(3)
    page, = pages(webhook)
    assert page["alert"]["service"] == ["mariadb"] and page["alert"]["host"] == "db1", page
    counted = client.get("/alerta/alerts/count").json
    assert counted["total"] == STORM + 1, counted
    symptom = client.items("/api/v1/alerts", q="web00042")[0]
    assert symptom["cause"] == page["alert"]["id"]
    why = client.get(f"/api/v1/alerts/{symptom['id']}/notifications").json["why_not_notified"]
    assert [w["stage"] for w in why] == ["cause"] and why[0]["id"] == page["alert"]["id"], why
    database.start()
    closed = webhook.wait("the all-clear", lambda b: b["event"] == "alert.closed")
    assert closed["alert"]["id"] == page["alert"]["id"]


# The first heartbeat rule by its id governs.
SILENT_SOON = """
id: a-silent-soon
kind: binary
event: AgentSilent
tier: page
severity: critical
summary: nothing is heard
owner: cloud-ops
impact: unknown
check: {heartbeat: true}
stale_after: 6s
playbook: "Meaning: the agent is silent. Check whether the host answers, then whether the agent runs on it at all. Fix: start what does not run. Escalate: to whoever owns the network when several hosts are silent. False alarm: a planned reboot of the host, or of this test itself."
"""


def heartbeat(client, host):
    record = {"timeUnixNano": str(int(time.time() * 1e9)), "eventName": "sentinella.heartbeat",
              "attributes": [{"key": "event.name", "value": {"stringValue": "sentinella.heartbeat"}}]}
    message = {"resourceLogs": [{"resource": {"attributes": [{"key": "host.name", "value": {"stringValue": host}}]},
                                 "scopeLogs": [{"logRecords": [record]}]}]}
    assert harness.send(client, "logs", message).status == 200


def test_forty_nodes_that_fall_silent_at_once_are_one_page(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    assert client.request("PUT", "/api/v1/alerting", {"trial": "0s"}).status == 200
    answer = client.post("/api/v1/rules", SILENT_SOON.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status == 201, answer
    for number in range(40):  # within one interval, as they come in life
        heartbeat(client, f"compute{number:02d}")
        time.sleep(0.02)
    body = webhook.wait("the page", lambda b: b["event"] == "alert.opened")
    time.sleep(4)
    assert len(pages(webhook)) == 1, [b["alert"]["resource"] for b in pages(webhook)]
    assert body["alert"]["event"] == "AgentSilent"
    assert body["alert"]["together"]["total"] == 40
