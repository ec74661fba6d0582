"""Gnocchi's API beside Debian's Gnocchi: measures per CPU-second from POST to readable, reads, aggregates, disk.

The load is what Ceilometer sends: batches of many metrics with a measure each, and of many measures. Timed from the first
POST until the last value can be read. CPU is that of the whole: our server; there the API, metricd and PostgreSQL.
"""
import http.client
import json
import pathlib
import statistics
import sys
import tempfile
import time
import urllib.parse

import harness

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gnocchi_peer"))
import debian_gnocchi  # noqa: E402

CONFIG = "[gnocchi]\nauth_mode = basic\n"
HEADERS = {"Authorization": "basic YWRtaW46", "Content-Type": "application/json"}
START = 1_772_409_600  # 2026-03-02T00:00:00Z
METRICS_EACH = 5  # of a resource


class Api:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection, self.prefix = http.client.HTTPConnection(parts.netloc, timeout=300), parts.path

    def __call__(self, method, path, body=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        self.connection.request(method, self.prefix + "/v1" + path, data, HEADERS)
        response = self.connection.getresponse()
        text = response.read()
        assert response.status < 300, (response.status, text[:300])
        return json.loads(text) if text else None


class Ours:
    name = "sentinella"
    resources, rounds, rounds_of_60 = 1_000, 40, 5

    def __init__(self, directory):
        self.server = harness.Server(directory, CONFIG).start()
        self.url = self.server.url + "/gnocchi"

    def cpu_seconds(self):
        return debian_gnocchi.tree_seconds(self.server.process.pid)

    def stored_bytes(self):
        self.server.terminate()
        return sum(path.stat().st_size for path in (self.server.data / "series").rglob("*") if path.is_file())

    def stop(self):
        self.server.kill()


class Theirs(debian_gnocchi.Gnocchi):
    name = "Debian's Gnocchi 4.4"
    resources, rounds, rounds_of_60 = 100, 2, 1

    def __init__(self, directory):
        super().__init__(directory)
        self.start()


def make_resources(api, count):
    """The ids of METRICS_EACH metrics on each of `count` resources of ten projects."""
    api("POST", "/archive_policy", {"name": "bench", "definition": [{"granularity": 300, "timespan": "30 days"}]})
    ids = []
    for number in range(count):
        names = {f"meter{i}": {"archive_policy_name": "bench"} for i in range(METRICS_EACH)}
        made = api("POST", "/resource/generic", {"id": f"vm{number}", "project_id": f"p{number % 10}", "metrics": names})
        ids += made["metrics"].values()
    return ids


def readable(api, ids, value):
    rows = api("GET", f"/metric/{ids[-1]}/measures?aggregation=max")
    return bool(rows) and rows[-1][2] == value and api("GET", "/status?details=false")["storage"]["summary"]["measures"] == 0


def write(who, api, ids, rounds, per_metric, first):
    bodies = []
    for turn in range(rounds):
        begin = first + turn * per_metric * 10
        bodies.append(json.dumps({one: [{"timestamp": begin + i * 10, "value": turn + i * 0.5 + first % 7}
                                        for i in range(per_metric)] for one in ids}).encode())
    last = rounds - 1 + (per_metric - 1) * 0.5 + first % 7
    cpu, began = who.cpu_seconds(), time.monotonic()
    for body in bodies:
        api("POST", "/batch/metrics/measures", body)
    harness.wait_for("all to be readable", lambda: readable(api, ids, last), timeout=300, every=0.2)
    took, cpu = time.monotonic() - began, who.cpu_seconds() - cpu
    measures = rounds * per_metric * len(ids)
    print(f"| {who.name} | {len(ids)} metrics x {per_metric}, {rounds} times | {measures} | {measures / took:.0f} | "
          f"{measures / cpu:.0f} | {rounds * len(ids) / cpu:.0f} |", flush=True)
    return measures / cpu


def timed(call, times):
    spans = []
    for _ in range(times):
        began = time.monotonic()
        answer = call()
        spans.append((time.monotonic() - began) * 1000)
    return answer, statistics.median(spans), sorted(spans)[int(len(spans) * 0.95)]


def read(who, api):
    """A day at 5 min, an aggregate of all resources by project; their medians in ms."""
    points = [{"timestamp": START + i * 10, "value": i % 97} for i in range(8640)]
    metric = api("POST", "/metric", {"archive_policy_name": "bench"})["id"]
    api("POST", f"/metric/{metric}/measures", points)
    path = f"/metric/{metric}/measures?granularity=300"
    harness.wait_for("a day to be readable", lambda: len(api("GET", path)) >= 288, timeout=60, every=0.2)
    rows, day, late = timed(lambda: api("GET", path), 200)
    print(f"| {who.name} | a day at 5 min, {len(rows)} rows of {len(points)} measures | {day:.2f} | {late:.2f} |")
    body = {"resource_type": "generic", "search": {}, "operations": "(aggregate mean (metric meter1 mean))"}
    groups, all_of_them, late = timed(lambda: api("POST", "/aggregates?groupby=project_id", body), 10)
    print(f"| {who.name} | an aggregate across {who.resources} resources by project, {len(groups)} groups | "
          f"{all_of_them:.1f} | {late:.1f} |", flush=True)
    return day, all_of_them


def measure(who):
    api = Api(who.url)
    ids = make_resources(api, who.resources)
    print("| who | batches | measures | measures/s | measures per CPU-second | metrics per CPU-second |")
    print("|---|---|---|---|---|---|")
    results = [write(who, api, ids, who.rounds, 1, START + 200_000),
               write(who, api, ids, who.rounds_of_60, 60, START + 700_000)]
    print("\n| who | read | median ms | p95 ms |\n|---|---|---|---|")
    results += read(who, api)
    stored = len(ids) * (who.rounds + who.rounds_of_60 * 60) + 8640
    each = who.stored_bytes() / stored
    print(f"\n{who.name}: {each:.2f} bytes on disk for each of {stored} measures\n", flush=True)
    return [*results, each]


def run():
    results = {}
    for kind in [Ours, Theirs]:
        if kind is Theirs and not debian_gnocchi.is_there():
            return print("(python3-gnocchi and postgresql are not installed: no comparison)", file=sys.stderr)
        with tempfile.TemporaryDirectory() as directory:
            who = kind(pathlib.Path(directory))
            try:
                results[kind] = measure(who)
            finally:
                who.stop()
    ours, theirs = results[Ours], results[Theirs]
    print("| ours against theirs | ratio | goal |\n|---|---|---|")
    for name, ratio, goal in [("measures per CPU-second, one a metric", ours[0] / theirs[0], "500x"),
                              ("measures per CPU-second, sixty a metric", ours[1] / theirs[1], "50x"),
                              ("a day at 5 min", theirs[2] / ours[2], "20x"),
                              ("bytes on disk a measure", theirs[4] / ours[4], "4x less")]:
        print(f"| {name} | {ratio:.1f}x | {goal} |")
