"""Metrics by the protocols of others: line protocol, remote write, statsd; over crashes too."""
import gzip
import random
import socket
import struct
import threading
import time

import harness
import pytest

ROUNDS = 30 if harness.LONG else 6


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def write_request(series):
    """Prometheus' WriteRequest: (labels, [(seconds, value)]) of each series."""
    out = b""
    for labels, samples in series:
        body = b"".join(field(1, field(1, name.encode()) + field(2, value.encode()))
                        for name, value in sorted(labels.items()))
        body += b"".join(field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(int(at * 1000)))
                         for at, value in samples)
        out += field(1, body)
    return out


def snappy(data):
    """A snappy block of literals."""
    out = varint(len(data))
    for begin in range(0, len(data), 65536):
        piece = data[begin:begin + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return out


def remote_write(client, series):
    return client.post("/prometheus/api/v1/write", snappy(write_request(series)),
                       headers={"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
                                "X-Prometheus-Remote-Write-Version": "0.1.0"})


def points(client, metric, **labels):
    answer = client.get("/api/v1/samples", metric=metric, max_points=10000, **labels,
                        **{"from": "now-2h", "to": "now+1h"})
    assert answer.status == 200, answer
    return [value for series in answer.json["series"] for _, value in series["points"]]


def test_line_protocol_is_read_back_and_bad_lines_are_named(server):
    client, now = server.client(), int(time.time())
    good = f"cpu,host=h1,core=0 user=1.5,busy=t,name=\"x\" {now}\r\ncpu,host=h1,core=0 user=2i {now + 1}\n"
    assert client.post("/influxdb/write?db=x&precision=s", gzip.compress(good.encode()),
                       headers={"Content-Encoding": "gzip"}).status == 204
    answer = client.post("/influxdb/write?precision=s", f"cpu,host=h1,core=0 user=3 {now + 2}\nbad line here\n".encode())
    assert answer.status == 400 and "line 2" in answer.json["error"], answer
    harness.wait_for("the samples", lambda: points(client, "cpu_user", host="h1") == [1.5, 2, 3])
    assert points(client, "cpu_busy") == [1]
    assert any(node["host"] == "h1" for node in client.items("/api/v1/nodes"))
    token = {"Authorization": "Token " + client.token}
    assert harness.Client(server.url).post("/influxdb/api/v2/write?bucket=b", b"v2 f=1", headers=token).status == 204


def test_remote_write_is_read_back_and_bad_series_are_named(server):
    client, now = server.client(), time.time()
    labels = {"__name__": "up", "job": "node", "instance": "a:9100"}
    assert remote_write(client, [(labels, [(now - 1, 1.0), (now, 0.0)])]).status == 204
    answer = remote_write(client, [({"job": "nameless"}, [(now, 1.0)]), (labels, [(now + 1, 1.0)])])
    assert answer.status == 400 and "no metric name" in answer.json["error"]["message"], answer
    harness.wait_for("the samples", lambda: points(client, "up", instance="a:9100") == [1, 0, 1])
    assert client.post("/prometheus/api/v1/write", b"junk", headers={"Content-Encoding": "snappy"}).status == 400
    assert client.post("/prometheus/api/v1/write", b"junk").status == 415


def test_statsd_becomes_samples(tmp_path, programs):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = harness.Server(tmp_path, config=f"[statsd]\nlisten = 127.0.0.1:{port}\ninterval = 1s\n").start()
    programs.append(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"jobs:2|c|#host:h9\nload:0.5|g\nnonsense\njobs:1|c|#host:h9", ("127.0.0.1", port))
    client = server.client()
    harness.wait_for("the counter", lambda: points(client, "jobs_total", host="h9")[-1:] == [3])
    harness.wait_for("the gauge", lambda: points(client, "load")[-1:] == [0.5])
    harness.wait_for("the refusal in the log", lambda: "nonsense has no value" in server.log())


class Writer(threading.Thread):
    """Writes the same series again and again until told to stop; remembers what was acknowledged."""

    def __init__(self, server, name, send):
        super().__init__(daemon=True)
        self.server, self.name_, self.send, self.stopping = server, name, send, False
        self.acknowledged, self.number, self.begun = set(), 0, time.time() - 3600

    def run(self):
        while not self.stopping:
            number, self.number = self.number, self.number + 1
            try:
                client = harness.Client(self.server.url, self.server.bootstrap["api_key"])
                if self.send(client, self.name_, self.begun + number, float(number)).status == 204:
                    self.acknowledged.add(number)
            except OSError:
                time.sleep(0.01)


def send_line(client, name, at, value):
    # A series that is new now and then: its definition must survive with its first samples.
    extra = f"extra,host={name},n={int(value) // 50} f={value} {int(at * 1e9)}\n"
    return client.post("/influxdb/write", f"crash,host={name} f={value} {int(at * 1e9)}\n{extra}".encode())


def send_remote(client, name, at, value):
    return remote_write(client, [({"__name__": "crash_f", "host": name}, [(at, value)])])


@pytest.mark.parametrize("config", ["", "[journal]\nsync = 1s\n"], ids=["sync=commit", "sync=1s"])
def test_acknowledged_samples_survive_kill_minus_nine(tmp_path, programs, config):
    server = harness.Server(tmp_path, config=config).start()
    programs.append(server)
    writers = [Writer(server, "line", send_line), Writer(server, "remote", send_remote)]
    for writer in writers:
        writer.start()
    for _ in range(ROUNDS):
        time.sleep(random.uniform(0.1, 0.5))
        server.kill()
        server.start()
    time.sleep(0.3)
    for writer in writers:
        writer.stopping = True
        writer.join()
    server.kill()
    server.start()
    client = server.client()
    for writer in writers:
        assert writer.acknowledged, "nothing was acknowledged: the test tested nothing"
        found = points(client, "crash_f", host=writer.name_)
        assert len(found) == len(set(found)), "a sample is there twice"
        lost = writer.acknowledged - {int(value) for value in found}
        assert not lost, f"{len(lost)} acknowledged samples of {writer.name_} are gone"
    extra = {int(value) for value in points(client, "extra_f", host="line")}
    assert not writers[0].acknowledged - extra
