"""GAUGE: separate set and clear values, so that a sawtooth is one alert."""
import time

import harness

RULE = """
id: test-saw
kind: gauge
event: SawHigh
tier: ticket
summary: the saw is high
expr: last(saw_level)
levels:
  warning: {set: "> 80", clear: "< 20"}
"""


def test_a_sawtooth_fires_once_and_clears_once(server, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    # The whole minute is sent at once; what opens and closes within the group's wait would not be told.
    assert client.request("PUT", "/api/v1/alerting", {"group_wait": "0s"}).status == 200
    answer = client.post("/api/v1/rules", RULE.encode(), headers={"Content-Type": "application/yaml"})
    assert answer.status == 201, answer
    now = time.time() - 60
    values = []
    for _ in range(10):
        values += [50, 85, 95, 60]   # crosses 80 upwards each time and never falls below 20
    values += [10]
    for step, value in enumerate(values):
        answer = harness.send(client, "metrics", harness.otlp_gauge("saw_level", [(now + step, value)]))
        assert answer.status == 200, answer
    webhook.wait("the all-clear", lambda b: b["event"] == "alert.closed" and b["alert"]["event"] == "SawHigh")
    assert [b["event"] for b in webhook.events()] == ["alert.opened", "alert.closed"]
