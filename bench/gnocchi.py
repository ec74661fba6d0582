"""Gnocchi's API: measures per CPU-second from POST to readable, reads, an aggregate by project, disk per point.

The load is what Ceilometer sends: batches of many metrics with a measure each, and of many measures. Every answer to a
POST comes when its measures can be read, which each round checks. Gnocchi's figures of the same work on such a machine are
in RESULTS.md.
"""
import http.client
import json
import pathlib
import statistics
import tempfile
import time

import agent_idle
import harness

CONFIG = "[gnocchi]\nauth_mode = basic\n"
HEADERS = {"Authorization": "basic YWRtaW46", "Content-Type": "application/json"}
METRICS = 5_000
RESOURCES = 1_000
START = 1_772_409_600  # 2026-03-02T00:00:00Z


class Api:
    def __init__(self, server):
        self.connection = http.client.HTTPConnection(*server.listen.split(":"))

    def __call__(self, method, path, body=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        self.connection.request(method, "/gnocchi/v1" + path, data, HEADERS)
        response = self.connection.getresponse()
        text = response.read()
        assert response.status < 300, (response.status, text[:300])
        return json.loads(text) if text else None


def make_resources(api):
    """The ids of METRICS metrics, five on each of RESOURCES resources of ten projects."""
    api("POST", "/archive_policy", {"name": "bench", "definition": [{"granularity": 300, "timespan": "30 days"}]})
    ids = []
    for number in range(RESOURCES):
        names = {f"meter{i}": {"archive_policy_name": "bench"} for i in range(METRICS // RESOURCES)}
        made = api("POST", "/resource/generic", {"id": f"vm{number}", "project_id": f"p{number % 10}", "metrics": names})
        ids += made["metrics"].values()
    return ids


def write(api, server, ids, rounds, per_metric):
    bodies = []
    for turn in range(rounds):
        first = START + turn * per_metric * 10
        bodies.append(json.dumps({one: [{"timestamp": first + i * 10, "value": turn + i * 0.5} for i in range(per_metric)]
                                  for one in ids}).encode())
    cpu, began = agent_idle.cpu_seconds(server.process.pid), time.monotonic()
    for body in bodies:
        api("POST", "/batch/metrics/measures", body)
    took = time.monotonic() - began
    cpu = agent_idle.cpu_seconds(server.process.pid) - cpu
    last = api("GET", f"/metric/{ids[-1]}/measures?aggregation=max")[-1]
    assert last[2] == rounds - 1 + (per_metric - 1) * 0.5, last
    measures = rounds * per_metric * len(ids)
    print(f"| {len(ids)} metrics x {per_metric} | {measures} | {measures / took:.0f} | {measures / cpu:.0f} | "
          f"{rounds * len(ids) / cpu:.0f} |", flush=True)


def timed(call, times):
    spans = []
    for _ in range(times):
        began = time.monotonic()
        answer = call()
        spans.append((time.monotonic() - began) * 1000)
    return answer, statistics.median(spans), sorted(spans)[int(len(spans) * 0.95)]


def size(directory):
    return sum(path.stat().st_size for path in pathlib.Path(directory).rglob("*") if path.is_file())


def run():
    with tempfile.TemporaryDirectory() as directory:
        server = harness.Server(pathlib.Path(directory), CONFIG).start()
        try:
            api = Api(server)
            ids = make_resources(api)
            print("| batches | measures | measures/s | measures per server CPU-second | metrics per server CPU-second |")
            print("|---|---|---|---|---|")
            write(api, server, ids, 40, 1)
            write(api, server, ids, 5, 60)
            day = ids[0]
            points = [{"timestamp": START + i * 10, "value": i % 97} for i in range(8640)]
            api("POST", f"/metric/{day}/measures", points)
            rows, median, late = timed(lambda: api("GET", f"/metric/{day}/measures?granularity=300"), 200)
            print(f"\nA day at 5 min ({len(rows)} rows of {len(points)} measures): {median:.2f} ms, p95 {late:.2f} ms")
            body = {"resource_type": "generic", "search": {}, "operations": "(aggregate mean (metric meter1 mean))"}
            groups, median, late = timed(lambda: api("POST", "/aggregates?groupby=project_id", body), 10)
            print(f"An aggregate across {RESOURCES} resources by project ({len(groups)} groups): {median:.1f} ms, "
                  f"p95 {late:.1f} ms")
            server.terminate()
            stored = 5_000 * 40 + 5_000 * 5 * 60
            print(f"Disk: {size(server.data / 'series') / stored:.2f} bytes a measure in the store of series, all of it "
                  "counted")
        finally:
            server.kill()
