"""Metrics by the protocols of others: line protocol, remote write, statsd; over crashes too."""
import gzip
import socket
import time

import harness


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
    assert harness.remote_write(client, [(labels, [(now - 1, 1.0), (now, 0.0)])]).status == 204
    answer = harness.remote_write(client, [({"job": "nameless"}, [(now, 1.0)]), (labels, [(now + 1, 1.0)])])
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
