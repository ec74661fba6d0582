"""Durable intake: OTLP/JSON requests acknowledged after fdatasync, 8 connections, and the server's CPU-seconds."""
import http.client
import itertools
import json
import pathlib
import tempfile
import threading
import time

import agent_idle
import harness

SECONDS = 10
CONNECTIONS = 8
BEGIN = int(time.time()) - 7200  # of the messages: each has a second of its own, as a source that measures has


def pump(server, signal_name, body, end, counts, index):
    connection = http.client.HTTPConnection(*server.listen.split(":"))
    headers = {"Authorization": f"Bearer {server.bootstrap['api_key']}", "Content-Type": "application/json"}
    body = body.replace(b"of-nobody", b"of-sender-%d" % index)
    for second in itertools.count(BEGIN):
        if time.monotonic() >= end:
            return
        connection.request("POST", f"/otlp/v1/{signal_name}", body.replace(b"%d" % BEGIN, b"%d" % second), headers)
        response = connection.getresponse()
        response.read()
        counts[index] += response.status == 200


def measure(server, signal_name, message, per_request):
    body = json.dumps(message).encode()
    counts = [0] * CONNECTIONS
    before, end = agent_idle.cpu_seconds(server.process.pid), time.monotonic() + SECONDS
    threads = [threading.Thread(target=pump, args=(server, signal_name, body, end, counts, i)) for i in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cpu = agent_idle.cpu_seconds(server.process.pid) - before
    done = sum(counts) * per_request
    print(f"| {signal_name} | {per_request} | {sum(counts) / SECONDS:.0f} | {done / SECONDS:.0f} | {done / cpu:.0f} |")


def run():
    with tempfile.TemporaryDirectory() as directory:
        server = harness.Server(pathlib.Path(directory)).start()
        try:
            print("| signal | records a request | requests/s | records/s | records per server CPU-second |")
            print("|---|---|---|---|---|")
            metrics = harness.otlp_gauge("bench", [(BEGIN + i / 1000, float(i)) for i in range(500)], host="of-nobody")
            measure(server, "metrics", metrics, 500)
            line = "2026-03-02 10:11:12.345 2712 INFO nova.compute.claims [None req-0b6c7d1e-55a1-4d0e-9c0f-2f60b3a4c1d2 " \
                   "9f1c0e 5b7d4a - - default default] Claim successful on node cmp-17, attempt {}"
            measure(server, "logs", harness.otlp_logs([line.format(i) for i in range(500)], host="of-nobody", at=BEGIN), 500)
            measure(server, "logs", harness.otlp_logs([line.format(0)], host="of-nobody", at=BEGIN), 1)
            print("\nThe client is Python on the same two cores: requests/s are a floor; the last column is the server's own.")
        finally:
            server.kill()
