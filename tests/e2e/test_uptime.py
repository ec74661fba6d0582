"""Uptime is recorded as services come and go, outlives kill -9, and knows maintenance from blackout."""
import time

import harness
from test_service_down import start_watching, states


def row(client):
    return next(r for r in client.get("/api/v1/uptime", **{"from": "now-1h"}).json["services"] if r["service"] == "nova-api")


def test_an_outage_stands_in_the_uptime_with_its_alert(tmp_path, server, programs):
    client = server.client()
    services, _ = start_watching(tmp_path, server, programs, names=("nova-api",))
    services["nova-api"].kill()
    alert = harness.wait_for("the alert", lambda: client.items("/api/v1/alerts", status="open"))[0]["id"]
    lasting = row(client)
    assert lasting["down_since"] and lasting["incidents"][0]["to"] is None, lasting
    time.sleep(1)
    services["nova-api"].start()
    harness.wait_for("it to be up", lambda: states(server)["nova-api"] == "up")
    harness.wait_for("the end", lambda: client.items("/api/v1/alerts", status="closed"))
    server.kill()
    server.start()
    client = server.client()
    over = row(client)
    incident, = over["incidents"]
    assert incident["alert_id"] == alert and incident["host"] == "controller" and incident["to"], over
    assert 1 <= over["down_seconds"] < 20 and over["uptime"] < 1 and over["down_since"] is None, over
    assert client.get("/api/v1/uptime").json["nodes"][0]["uptime"] == 1

    planned = {"matchers": [{"name": "service", "value": "nova-api"}], "reason": "upgrade", "starts": "now-1h", "duration": "2h"}
    assert client.post("/api/v1/maintenances", {**planned, "kind": "blackout"}).status == 201
    assert row(client)["down_seconds"] == over["down_seconds"], "uptime counts on under a blackout"
    assert client.post("/api/v1/maintenances", {**planned, "kind": "maintenance"}).status == 201
    excused = row(client)
    assert excused["down_seconds"] == 0 and excused["planned_seconds"] == over["down_seconds"], excused
