"""TAILABLE: a boot that cannot be scheduled is one alert, however often it happens."""
import pathlib

import harness

CAPTURE = pathlib.Path(__file__).parent / "testdata" / "no_valid_host.log"


def test_no_valid_host_is_one_alert_with_request_id_and_joined_traceback(tmp_path, server, programs, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    service = harness.Service(tmp_path, "nova-conductor").start()
    programs.append(service)
    programs.append(harness.Agent(tmp_path, server, [service], node="controller").start())
    harness.wait_for("the agent", lambda: client.get("/api/v1/overview").json["nodes"])
    harness.wait_for("its first log lines", lambda: client.items("/api/v1/logs/search", q="Heartbeat"))

    record = CAPTURE.read_text()
    service.write(record)
    first = webhook.wait("the alert", lambda b: b["alert"]["event"] == "NoValidHost")["alert"]
    assert first["host"] == "controller" and first["service"] == ["nova-conductor"]
    line = next(e for e in first["evidence"] if "NoValidHost" in e["text"] or "No valid host" in e["text"])
    assert line["requestId"].startswith("req-")
    assert line["requestId"] in record
    assert line["traceback"].startswith("Traceback (most recent call last):")
    assert line["traceback"].rstrip().splitlines()[-1].startswith("nova.exception")

    for number in range(100):
        service.write(record.replace(line["requestId"], f"req-{number:08d}" + line["requestId"][12:]))
    harness.wait_for("the count", lambda: [a["duplicateCount"] for a in client.items("/api/v1/alerts")
                                           if a["event"] == "NoValidHost"] == [100])
    assert [b["event"] for b in webhook.events() if b["alert"]["event"] == "NoValidHost"] == ["alert.opened"]
    alerts = [a for a in client.items("/api/v1/alerts") if a["event"] == "NoValidHost"]
    assert [a["id"] for a in alerts] == [first["id"]]
