"""kill -9 of the server in the middle of intake: whatever was acknowledged is there afterwards, once."""
import random
import time

import harness
import pytest

ROUNDS = 200 if harness.LONG else 10
METRIC_ROUNDS = 100 if harness.LONG else 5

RULE = """
id: crash-marker
kind: tailable
event: CrashMarker
tier: ticket
summary: a marker line
match: {pattern: "CRASHMARK"}
by: [host]
quiet: 1h
"""


def send_otlp(client, name, at, number):
    return harness.send(client, "metrics",
                        harness.otlp_gauge("crash_sample", [(at, float(number))], host=name)).status == 200


def send_log(client, name, at, number):
    return harness.send(client, "logs", harness.otlp_logs([f"line {number:06d} of {name}"], host=name)).status == 200


def send_remote(client, name, at, number):
    return harness.remote_write(client, [({"__name__": "crash_sample", "host": name}, [(at, number)])]).status == 204


def send_line(client, name, at, number):
    # A series that is new now and then: its definition must survive with its first samples.
    at = int(at * 1e9)
    extra = f"crash,host={name},n={number // 50} extra={number} {at}"
    return client.post("/influxdb/write", f"crash,host={name} sample={number} {at}\n{extra}".encode()).status == 204


SERIES = 500


def send_bulk(client, name, at, number):
    """One sample of each of many series."""
    at = int(at * 1e9)
    lines = "\n".join(f"bulk,host={name},n={n} sample={number} {at}" for n in range(SERIES))
    return client.post("/influxdb/write", lines.encode()).status == 204


def logged(client, name):
    return [int(r["message"].split()[1]) for r in client.all_items("/api/v1/logs/search", host=name, limit=1000)]


def test_acknowledged_data_survives_kill_minus_nine_once(server):
    samples, lines = harness.Writer(server, "otlp", send_otlp), harness.Writer(server, "logs", send_log)
    harness.kill_under_load(server, [samples, lines], ROUNDS)
    client = server.client()
    samples.check(harness.values(client, 'crash_sample{host="otlp"}', samples.begun))
    lines.check(logged(client, "logs"))


@pytest.mark.parametrize("config", ["", "[journal]\nsync = 1s\n"], ids=["sync=commit", "sync=1s"])
def test_samples_of_every_door_survive_kill_minus_nine_once(tmp_path, programs, config):
    server = harness.Server(tmp_path, config=config).start()
    programs.append(server)
    line, remote = harness.Writer(server, "line", send_line), harness.Writer(server, "remote", send_remote)
    bulk = [harness.Writer(server, f"bulk{i}", send_bulk) for i in range(2)]
    harness.kill_under_load(server, [line, remote, *bulk], METRIC_ROUNDS, 0.1, 0.5)
    client = server.client()
    for writer in (line, remote):
        writer.check(harness.values(client, f'crash_sample{{host="{writer.name_}"}}', writer.begun))
    extra = [value for n in range(line.number // 50 + 1)
             for value in harness.values(client, f'crash_extra{{n="{n}"}}', line.begun)]
    line.check(extra)
    for writer in bulk:
        found = harness.values(client, f'bulk_sample{{host="{writer.name_}",n="0"}}', writer.begun)
        writer.check(found)
        counts = client.get("/prometheus/api/v1/query", time=writer.begun + 14400,
                            query=f'count_over_time(bulk_sample{{host="{writer.name_}"}}[14401s])').json["data"]["result"]
        assert [int(c["value"][1]) for c in counts] == [len(found)] * SERIES, "a request was taken in part"
    print(f"{METRIC_ROUNDS} kills: " + ", ".join(f"{w.name_} {len(w.acknowledged)}" for w in (line, remote, *bulk)))


def test_alerts_and_their_notifications_survive_kill_minus_nine(tmp_path, server, webhook):
    client = server.client()
    webhook.status = 503  # nothing is delivered until the end: the outbox must hold it over all kills
    harness.add_webhook(client, webhook.url, min_tier="info")
    # Each alert by itself, and as many as there are: this is about losing none, not about telling few.
    assert client.request("PUT", "/api/v1/alerting", {"group_by": ["..."], "storm_messages": 0}).status == 200
    assert client.post("/api/v1/rules", RULE.encode(), headers={"Content-Type": "application/yaml"}).status == 201
    rounds = max(5, ROUNDS // 4)
    for number in range(rounds):
        host = f"host{number}"
        assert harness.send(server.client(), "logs", harness.otlp_logs(["CRASHMARK"], host=host)).status == 200
        time.sleep(random.uniform(0, 0.05))
        server.kill()
        server.start()
    client = server.client()
    alerts = harness.wait_for("all alerts", lambda: (lambda found: len(found) == rounds and found)(
        [a for a in client.items("/api/v1/alerts", page_size=1000) if a["event"] == "CrashMarker"]))
    assert sorted(a["host"] for a in alerts) == sorted(f"host{n}" for n in range(rounds))
    assert all(a["duplicateCount"] == 0 for a in alerts), "a replay counted a line again"
    webhook.status = 200
    server.kill()
    server.start()
    harness.wait_for("every notification", lambda: {b["alert"]["host"] for b in webhook.events("alert.opened")} >=
                     {f"host{n}" for n in range(rounds)}, timeout=60)
    deliveries = [(h["X-Sentinella-Delivery"], b["alert"]["host"]) for _, b, h in webhook.received]
    assert len({host for _, host in deliveries}) == len({delivery for delivery, _ in deliveries}), \
        "two deliveries for one transition"
