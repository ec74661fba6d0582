"""Alerts beside Debian's prometheus and prometheus-alertmanager: reports per CPU-second, memory, change to webhook.

Reports: 10,000 alerts are opened, then reported again and again, 64 to a request as Prometheus sends them; ours are in the
journal, on disk, before the answer. SENTINELLA_BENCH_ROUNDS: of a change to the webhook, theirs once and ours ten times each unless said otherwise; 0 leaves that out.
"""
import http.server
import json
import os
import pathlib
import socket
import statistics
import sys
import tempfile
import threading
import time

import harness

sys.path.insert(0, str(harness.ROOT / "bench/metrics"))
import peers  # noqa: E402

ALERTS = 10_000
PER_REQUEST = 64
SECONDS = 8
CONNECTIONS = 8
ROUNDS = int(os.environ.get("SENTINELLA_BENCH_ROUNDS", "1"))


def posted(number, ends):
    """An alert as a rule of node_exporter's mixin makes it."""
    instance = f"compute-{number // 4:04d}.example.org:9100"
    device = f"/dev/sd{'abcd'[number % 4]}1"
    return {"labels": {"alertname": "NodeFilesystemSpaceFillingUp", "instance": instance, "job": "node", "device": device,
                       "mountpoint": f"/srv/{number % 4}", "fstype": "ext4", "severity": "warning", "team": "infra"},
            "annotations": {"summary": "Filesystem is predicted to run out of space within the next 24 hours.",
                            "description": f"Filesystem on {device} at {instance} has only 14.2% available space left.",
                            "runbook_url": "https://runbooks.example.org/node/nodefilesystemspacefillingup"},
            "startsAt": "2026-01-01T00:00:00.000Z", "endsAt": ends,
            "generatorURL": "http://prometheus.example.org:9090/graph?g0.expr=node_filesystem_avail_bytes"}


def reported(number):
    """The same in Alerta's words."""
    return {"environment": "Production", "event": "FilesystemFillingUp", "resource": f"compute-{number:05d}",
            "service": ["Storage"], "severity": "warning", "group": "OS", "value": "14%", "origin": "node/check",
            "text": "Filesystem is predicted to run out of space within the next 24 hours.", "tags": ["dc1"]}


class Alertmanager(peers.Peer):
    name, health, alerts, package = "Alertmanager", "/-/ready", "/api/v2/alerts", "prometheus-alertmanager"

    def __init__(self, directory, webhook=None):
        super().__init__(directory)
        self.webhook = webhook

    def command(self):
        receiver = {"name": "all", **({"webhook_configs": [{"url": self.webhook}]} if self.webhook else {})}
        # As Debian ships it, but for the receiver.
        route = {"receiver": "all", "group_by": ["alertname"]}
        (self.directory / "alertmanager.yml").write_text(json.dumps({"route": route, "receivers": [receiver]}))
        return ["prometheus-alertmanager", "--config.file=alertmanager.yml", f"--storage.path={self.data}", "--cluster.listen-address=",
                f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"]


class Sentinella(peers.SentinellaSyncingCommits):
    name, alerts = "Sentinella", "/alertmanager/api/v2/alerts"


def requests_of(peer, path, bodies):
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    head += f"Authorization: {peer.authorization}\r\n" if peer.authorization else ""
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


def send(peer, requests, turns, counts, index):
    """Over one connection, an answer for each; the client must cost little on the same two cores."""
    with socket.create_connection(("127.0.0.1", peer.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in turns:
            connection.sendall(requests[turn % len(requests)])
            answer = connection.recv(65536)
            while b"\r\n\r\n" not in answer:
                answer += connection.recv(65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head[9:12] in (b"200", b"201"), answer
            length = int(next((line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0))
            while len(body) < length:
                body += connection.recv(65536)
            counts[index] += 1


def in_parallel(peer, requests, turns_of):
    counts = [0] * CONNECTIONS
    threads = [threading.Thread(target=send, args=(peer, requests, turns_of(i), counts, i)) for i in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def until(end, first):
    turn = first
    while time.monotonic() < end:
        yield turn
        turn += CONNECTIONS


def repeat(peer, requests, per_request):
    """Opens what is reported, then reports it again for a while: reports a second, and a CPU-second."""
    in_parallel(peer, requests, lambda i: range(i, len(requests), CONNECTIONS))
    time.sleep(1)
    before, begin = peer.cpu_seconds(), time.monotonic()
    done = in_parallel(peer, requests, lambda i: until(begin + SECONDS, i)) * per_request
    return done / (time.monotonic() - begin), done / (peer.cpu_seconds() - before)


def bodies_of(numbers, per_request):
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200))
    alerts = [posted(number, ends) for number in numbers]
    return [json.dumps(alerts[i:i + per_request]).encode() for i in range(0, len(alerts), per_request)]


def listing(peer, path, count):
    took = []
    for _ in range(5):
        begin = time.monotonic()
        status, body = peer.request("GET", path)
        took.append(time.monotonic() - begin)
        found = json.loads(body)
        found = found if isinstance(found, list) else found.get("alerts", found.get("items"))
        assert status == 200 and len(found) == count, (path, status, len(found))
    return statistics.median(took) * 1000


def measure_reports():
    print(f"| server | door | reports a request | reports/s | reports per CPU-second | RSS before MB | with {ALERTS} alerts MB | "
          f"list of {ALERTS} ms |")
    print("|---|---|---|---|---|---|---|---|")
    cases = [(Sentinella, Sentinella.alerts, PER_REQUEST), (Alertmanager, Alertmanager.alerts, PER_REQUEST),
             (Sentinella, Sentinella.alerts, 1), (Alertmanager, Alertmanager.alerts, 1), (Sentinella, "/alerta/alert", 1)]
    for make, path, per_request in cases:
        with tempfile.TemporaryDirectory() as directory:
            peer = make(directory).start()
            try:
                before = peer.resident_mb()
                if path == "/alerta/alert":
                    bodies = [json.dumps(reported(number)).encode() for number in range(ALERTS)]
                else:
                    bodies = bodies_of(range(ALERTS), per_request)
                rate, per_cpu = repeat(peer, requests_of(peer, path, bodies), per_request)
                took = listing(peer, peer.alerts, ALERTS)
                print(f"| {peer.name} | `{path}` | {per_request} | {rate:.0f} | {per_cpu:.0f} | {before:.0f} | "
                      f"{peer.resident_mb():.0f} | {took:.0f} |", flush=True)
            finally:
                peer.stop()


class Exporter:
    """One gauge, scraped."""

    def __init__(self):
        self.value = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(f"# TYPE bench_level gauge\nbench_level {outer.value}\n".encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Prometheus(peers.Peer):
    """As Debian ships it (15 s between scrapes and between evaluations), with one rule and our exporter."""
    name, health, package = "prometheus + prometheus-alertmanager", "/-/ready", "prometheus"

    def __init__(self, directory, exporter, alertmanager):
        super().__init__(directory)
        self.exporter, self.alertmanager = exporter, alertmanager

    def command(self):
        rule = {"alert": "Level", "expr": "bench_level > 5", "labels": {"severity": "critical"}}
        (self.directory / "rules.yml").write_text(json.dumps({"groups": [{"name": "bench", "rules": [rule]}]}))
        (self.directory / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "15s", "evaluation_interval": "15s"},
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{self.alertmanager.port}"]}]}]},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{"job_name": "bench", "static_configs": [{"targets": [f"127.0.0.1:{self.exporter.port}"]}]}]}))
        return ["prometheus", "--config.file=prometheus.yml", f"--storage.tsdb.path={self.data}",
                f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"]


RULE = """
id: bench-level
kind: gauge
event: Level
tier: ticket
owner: bench
impact: none
playbook: "Meaning: the level is high. Nothing is to be done: this rule is for measurements only. Fix: start what does not run. Escalate: to whoever owns the network when several hosts are silent. False alarm: a planned reboot of the host, or of this test itself."
expr: last(bench_level)
levels: {critical: {set: "> 5", clear: "< 4"}}
"""


def first_after(webhook, begin, wanted):
    def found():
        return next((at for at, body, _ in list(webhook.received) if at >= begin and wanted(body)), None)
    return harness.wait_for("the webhook", found, timeout=420) - begin


def theirs(directory):
    exporter, webhook = Exporter(), harness.Webhook()
    (directory / "am").mkdir()
    (directory / "prom").mkdir()
    alertmanager = Alertmanager(directory / "am", webhook.url).start()
    prometheus = Prometheus(directory / "prom", exporter, alertmanager).start()
    try:
        time.sleep(16)
        for _ in range(ROUNDS):
            times = []
            for value, status in ((9, "firing"), (0, "resolved")):
                exporter.value = value
                times.append(first_after(webhook, time.time(), lambda body, want=status: body["status"] == want))
            yield times
    finally:
        for program in (prometheus, alertmanager):
            program.stop()
        webhook.close()
        exporter.close()


def rounds_of(webhook, wound, heal, rounds):
    """Seconds from each to its message."""
    for _ in range(rounds):
        times = []
        for act, event in ((wound, ("alert.opened", "alert.reopened")), (heal, ("alert.closed",))):
            begin = time.time()
            act()
            times.append(first_after(webhook, begin, lambda body, want=event: body["event"] in want))
        yield times
        time.sleep(0.2)


def ours(directory, pushed):
    """The same gauge: pushed the moment it changes, as our agents do; or scraped every 15 s, as theirs."""
    exporter, webhook = Exporter(), harness.Webhook()
    (directory / "scrape.yml").write_text(json.dumps({
        "global": {"scrape_interval": "15s"},
        "scrape_configs": [{"job_name": "bench", "static_configs": [{"targets": [f"127.0.0.1:{exporter.port}"]}]}]}))
    config = "" if pushed else f"[scrape]\nconfig = {directory / 'scrape.yml'}\n"
    server = harness.Server(directory, config=config).start()
    client = server.client()
    try:
        harness.add_webhook(client, webhook.url, min_tier="info")
        assert client.request("PUT", "/api/v1/alerting", {"trial": "0s", "flapping": False, "storm_messages": 0}).status == 200
        answer = client.post("/api/v1/rules", RULE.encode(), headers={"Content-Type": "application/yaml"})
        assert answer.status == 201, answer

        def put(value):
            if pushed:
                assert harness.send(client, "metrics", harness.otlp_gauge("bench_level", [(time.time(), value)])).status == 200
            exporter.value = value

        put(0)
        time.sleep(1 if pushed else 16)
        yield from rounds_of(webhook, lambda: put(9), lambda: put(0), ROUNDS * (10 if pushed else 1))
    finally:
        server.kill()
        webhook.close()
        exporter.close()


LINES = """
id: bench-lines
kind: tailable
event: Lines
tier: ticket
owner: bench
impact: none
match: {pattern: "it is broken"}
clear_match: "it is well again"
by: [host]
"""


def lines(directory):
    """TAILABLE: a log line is sent as our agents send it."""
    webhook, server = harness.Webhook(), harness.Server(directory).start()
    client = server.client()
    try:
        harness.add_webhook(client, webhook.url, min_tier="info")
        assert client.request("PUT", "/api/v1/alerting", {"flapping": False, "storm_messages": 0}).status == 200
        assert client.post("/api/v1/rules", LINES.encode(), headers={"Content-Type": "application/yaml"}).status == 201

        def say(text):
            line = f"{harness.oslo_time()} 1 ERROR a.b [-] {text}"
            assert harness.send(client, "logs", harness.otlp_logs([line])).status == 200

        yield from rounds_of(webhook, lambda: say("it is broken"), lambda: say("it is well again"), ROUNDS * 10)
    finally:
        server.kill()
        webhook.close()


def deaths(directory):
    """BINARY: a service is killed under the eyes of an agent, and started again."""
    webhook, server = harness.Webhook(), harness.Server(directory).start()
    client = server.client()
    service = harness.Service(directory, "nova-api").start()
    agent = harness.Agent(directory, server, [service], node="controller").start()
    try:
        harness.wait_for("the service to be up", lambda: b'"up"' in client.get("/api/v1/overview").body)
        harness.add_webhook(client, webhook.url, min_tier="info")
        assert client.request("PUT", "/api/v1/alerting", {"flapping": False, "storm_messages": 0}).status == 200
        yield from rounds_of(webhook, service.kill, service.start, ROUNDS * 10)
    finally:
        for program in (agent, service, server):
            program.kill()
        webhook.close()


def spread(seconds):
    """Median, p90 and worst."""
    ordered = sorted(seconds)
    return f"{statistics.median(ordered):.2f}, {ordered[-(-len(ordered) * 9 // 10) - 1]:.2f}, {ordered[-1]:.2f}"


def measure_webhooks():
    print("\n| change to webhook | rounds | firing s (median, p90, worst) | resolved s (median, p90, worst) |\n|---|---|---|---|")
    cases = [("Sentinella, BINARY: kill -9 of a service, by the agent", deaths),
             ("Sentinella, TAILABLE: a log line, pushed", lines),
             ("Sentinella, GAUGE on write, pushed", lambda d: ours(d, True)),
             ("Sentinella, GAUGE on write, scraped every 15 s", lambda d: ours(d, False)),
             ("prometheus + alertmanager, as Debian ships them", theirs)]
    for name, rounds in cases:
        with tempfile.TemporaryDirectory() as directory:
            seen = list(rounds(pathlib.Path(directory)))
        assert seen, name
        firing, resolved = zip(*seen)
        print(f"| {name} | {len(seen)} | {spread(firing)} | {spread(resolved)} |", flush=True)


def run():
    peers.install([Alertmanager, Prometheus])
    measure_reports()
    if ROUNDS:
        measure_webhooks()
