"""PromQL over HTTP, one keep-alive connection: the whole round trip, and what it costs the server, in milliseconds."""
import pathlib
import random
import socket
import statistics
import tempfile
import time
import urllib.parse

import agent_idle
import harness

HOSTS, HOURS, STEP = 100, 12, 10
NAMES, INSTANCES = 100, 1000  # 100 k series with a sample each


class Connection:
    """The least that HTTP/1.1 needs, so that what is measured is the server."""

    def __init__(self, server):
        host, port = server.listen.split(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: {host}\r\nAuthorization: Bearer {server.bootstrap['api_key']}\r\n"

    def request(self, method, path, body=b""):
        head = f"{method} {path} HTTP/1.1\r\n{self.head}Content-Length: {len(body)}\r\n\r\n"
        self.socket.sendall(head.encode() + body)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(1 << 20)
        head, _, rest = data.partition(b"\r\n\r\n")
        length = int(next((line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0))
        while len(rest) < length:
            rest += self.socket.recv(1 << 20)
        return int(head.split()[1]), rest


def load(connection, now):
    walk = {host: 50.0 for host in range(HOSTS)}
    for hour in range(HOURS):
        lines = []
        for at in range(now - (HOURS - hour) * 3600, now - (HOURS - hour - 1) * 3600, STEP):
            for host in walk:
                walk[host] = min(100.0, max(0.0, walk[host] + random.gauss(0, 1)))
                lines.append(f"cpu,host=h{host:03} user={walk[host]:.2f} {at}")
        post(connection, lines)
    for name in range(NAMES):
        post(connection, [f"wide{name},instance=i{i},zone=z{i % 5} value={i} {now}" for i in range(INSTANCES)])


def post(connection, lines):
    for begin in range(0, len(lines), 20_000):
        body = "\n".join(lines[begin:begin + 20_000]).encode()
        status, answer = connection.request("POST", "/influxdb/write?precision=s", body)
        assert status == 204, (status, answer[:300])


def measure(server, connection, name, path, expected, count=200):
    times = []
    cpu = agent_idle.precise_cpu_seconds(server.process.pid)
    end = time.monotonic() + 5
    while len(times) < count and (time.monotonic() < end or len(times) < 5):
        begin = time.perf_counter()
        status, answer = connection.request("GET", path)
        times.append((time.perf_counter() - begin) * 1000)
        assert status == 200 and answer.count(b'"metric"') == expected, (status, answer[:300])
    cpu = (agent_idle.precise_cpu_seconds(server.process.pid) - cpu) / len(times) * 1000
    times.sort()
    print(f"| {name} | {statistics.median(times):.3f} | {times[len(times) * 9 // 10]:.3f} | {cpu:.2f} | {len(answer)} | {len(times)} |")


def run():
    random.seed(1)
    with tempfile.TemporaryDirectory() as directory:
        server = harness.Server(pathlib.Path(directory)).start()
        try:
            connection = Connection(server)
            now = int(time.time()) // 3600 * 3600
            load(connection, now)
            last = now - STEP

            def instant(query, at):
                return "/prometheus/api/v1/query?" + urllib.parse.urlencode({"query": query, "time": at})

            def ranged(query, start, end, step):
                return "/prometheus/api/v1/query_range?" + urllib.parse.urlencode(
                    {"query": query, "start": start, "end": end, "step": step})

            print("| query | p50 ms | p90 ms | server CPU ms | bytes | runs |")
            print("|---|---|---|---|---|---|")
            one, eight = 'cpu_user{host="h042"}', 'cpu_user{host=~"h00[0-7]"}'
            measure(server, connection, "last value of one series", instant(one, last), 1)
            measure(server, connection, "one hour of one series, raw", instant(one + "[1h]", last), 1)
            measure(server, connection, "8 series x 12 h at 1 min", ranged(eight, now - HOURS * 3600, last, 60), 8)
            measure(server, connection, "max by host over each hour, 100 hosts x 12 h",
                    ranged("max by (host) (max_over_time(cpu_user[1h]))", now - (HOURS - 1) * 3600, now, 3600), HOSTS)
            measure(server, connection, f"count by name over {NAMES * INSTANCES + HOSTS} series",
                    instant('count by (__name__) ({__name__=~".+"})', now), NAMES + 1)
            measure(server, connection, "sum of rates by host, 100 hosts x 12 h at 1 min",
                    ranged("sum by (host) (rate(cpu_user[5m]))", now - (HOURS - 1) * 3600, last, 60), HOSTS, 30)
        finally:
            server.kill()
