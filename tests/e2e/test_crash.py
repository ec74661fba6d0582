"""kill -9 of the server in the middle of intake: whatever was acknowledged is there afterwards, once."""
import random
import threading
import time

import harness

ROUNDS = 200 if harness.LONG else 20

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


class Sender(threading.Thread):
    """Sends numbered samples and lines until told to stop; remembers what was acknowledged and what is uncertain."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server, self.name_, self.stopping = server, name, False
        self.acknowledged, self.sent = set(), 0
        self.start_time = time.time() - 3600

    def run(self):
        token = self.server.bootstrap["api_key"]
        while not self.stopping:
            client = harness.Client(self.server.url, token)
            number = self.sent
            self.sent += 1
            try:
                ok = harness.send(client, "metrics", harness.otlp_gauge(
                    "crash_sample", [(self.start_time + number, float(number))], host=self.name_)).status == 200
                if ok:
                    self.acknowledged.add(("sample", number))
                ok = harness.send(client, "logs", harness.otlp_logs(
                    [f"line {number:06d} of {self.name_}"], host=self.name_)).status == 200
                if ok:
                    self.acknowledged.add(("line", number))
            except OSError:
                time.sleep(0.01)


def test_acknowledged_data_survives_kill_minus_nine_once(tmp_path, server):
    senders = [Sender(server, f"sender{i}") for i in range(2)]
    for sender in senders:
        sender.start()
    for _ in range(ROUNDS):
        time.sleep(random.uniform(0.02, 0.4))
        server.kill()
        server.start()
    time.sleep(0.3)
    for sender in senders:
        sender.stopping = True
        sender.join()
    server.kill()
    server.start()
    client = server.client()
    for sender in senders:
        assert sender.acknowledged, "nothing was acknowledged: the test tested nothing"
        answer = client.get("/api/v1/samples", metric="crash_sample", host=sender.name_, max_points=10000,
                            **{"from": "now-2h", "to": "now+1h"})
        points = [v for series in answer.json["series"] for _, v in series["points"]]
        assert len(points) == len(set(points))
        lost = {n for kind, n in sender.acknowledged if kind == "sample"} - {int(v) for v in points}
        assert not lost, f"{len(lost)} acknowledged samples are gone"
        lines = [r["message"] for r in client.all_items("/api/v1/logs/search", host=sender.name_, limit=1000)]
        numbers = [int(line.split()[1]) for line in lines]
        assert len(numbers) == len(set(numbers)), "a line is there twice"
        lost = {n for kind, n in sender.acknowledged if kind == "line"} - set(numbers)
        assert not lost, f"{len(lost)} acknowledged lines are gone"


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
