"""Reports of senders are counted exactly: each that was answered, over kill -9 of the server, once."""
import http.client
import json
import random
import threading
import time

import harness

ALERTS = 20
ROUNDS = 50 if harness.LONG else 5


def posted(number):
    return {"labels": {"alertname": "Bench", "instance": f"db{number}:9100", "job": "node", "severity": "warning"},
            "annotations": {"summary": "it is slow"}, "generatorURL": "http://prometheus/graph"}


def prometheus(client, attempts):
    """All alerts in one request."""
    body = [posted(number) for number in range(ALERTS)]
    attempts.update({f"db{number}:9100": attempts.get(f"db{number}:9100", 0) + 1 for number in range(ALERTS)})
    return client.post("/alertmanager/api/v2/alerts", body).status == 200, attempts.keys()


def alerta(client, attempts):
    """One alert a request."""
    resource = f"web{random.randrange(ALERTS)}"
    attempts[resource] = attempts.get(resource, 0) + 1
    answer = client.post("/alerta/alert", {"environment": "Production", "event": "Slow", "resource": resource,
                                           "service": ["Web"], "severity": "minor"})
    return answer.status == 201, [resource]


class Reporter(threading.Thread):
    def __init__(self, server, report):
        super().__init__(daemon=True)
        self.server, self.report, self.stopping = server, report, False
        self.attempts, self.answered = {}, {}

    def run(self):
        token = self.server.bootstrap["api_key"]
        while not self.stopping:
            try:
                taken, resources = self.report(harness.Client(self.server.url, token), self.attempts)
                for resource in resources if taken else ():
                    self.answered[resource] = self.answered.get(resource, 0) + 1
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)


def counts(client):
    return {a["resource"]: a["duplicateCount"] + 1 for a in client.items("/api/v1/alerts", page_size=1000)}


def test_every_report_that_was_answered_is_counted_once_over_kill_minus_nine(server):
    reporters = [Reporter(server, prometheus), Reporter(server, alerta)]
    for reporter in reporters:
        reporter.start()
    for _ in range(ROUNDS):
        time.sleep(random.uniform(0.05, 0.5))
        server.kill()
        server.start()
    time.sleep(0.3)
    for reporter in reporters:
        reporter.stopping = True
        reporter.join()
    client = server.client()
    counted = counts(client)
    for reporter in reporters:
        assert reporter.answered, "nothing was answered: the test tested nothing"
        for resource, attempts in reporter.attempts.items():
            answered = reporter.answered.get(resource, 0)
            assert answered <= counted[resource] <= attempts, (resource, answered, counted[resource], attempts)
    # And what is only counted in memory and journal is what a new process finds.
    first = next(iter(counted))
    ack = client.items("/api/v1/alerts", q=first)[0]["id"]
    for _ in range(7):
        assert client.post("/alertmanager/api/v2/alerts", [posted(number) for number in range(ALERTS)]).status == 200
    assert client.post(f"/api/v1/alerts/{ack}/actions", {"action": "ack"}).status == 200
    for _ in range(5):
        assert client.post("/alertmanager/api/v2/alerts", [posted(number) for number in range(ALERTS)]).status == 200
    before = counts(client)
    server.kill()
    server.start()
    assert counts(server.client()) == before
    assert before["db0:9100"] == counted["db0:9100"] + 12
