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
    port, = harness.free_ports(1)
    server = harness.Server(tmp_path, config=f"[statsd]\nlisten = 127.0.0.1:{port}\ninterval = 1s\n").start()
    programs.append(server)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"jobs:2|c|#host:h9\nload:0.5|g\nnonsense\njobs:1|c|#host:h9", ("127.0.0.1", port))
    client = server.client()
    harness.wait_for("the counter", lambda: points(client, "jobs_total", host="h9")[-1:] == [3])
    harness.wait_for("the gauge", lambda: points(client, "load")[-1:] == [0.5])
    harness.wait_for("the refusal in the log", lambda: "nonsense has no value" in server.log())


def test_statsd_over_tcp_takes_lines_and_changes_of_gauges(tmp_path, programs):
    port, = harness.free_ports(1)
    server = harness.Server(tmp_path, config=f"[statsd]\nlisten_tcp = 127.0.0.1:{port}\ninterval = 1s\n").start()
    programs.append(server)
    with socket.create_connection(("127.0.0.1", port)) as sender:
        sender.sendall(b"jobs:2|c|#host:h9\nload:10|g\nload:+2")
        time.sleep(0.05)
        sender.sendall(b"|g\nload:-5|g\n")
    client = server.client()
    harness.wait_for("the counter", lambda: points(client, "jobs_total", host="h9")[-1:] == [2])
    harness.wait_for("the gauge", lambda: points(client, "load")[-1:] == [7])


def test_what_the_limit_of_series_keeps_out_is_told_by_every_door(tmp_path, programs):
    server = harness.Server(tmp_path, config="[metrics]\nmax_series_per_account = 2\n").start()
    programs.append(server)
    client, now = server.client(), time.time()
    answer = harness.send(client, "metrics", harness.otlp_gauge("a", [(now, 1.0)]))
    assert answer.status == 200 and "partialSuccess" not in answer.json, answer
    assert client.post("/influxdb/write", b"b,host=h1 f=1").status == 204
    answer = harness.send(client, "metrics", harness.otlp_gauge("c", [(now, 1.0), (now + 1, 2.0)]))
    assert answer.status == 200, answer
    partial = answer.json["partialSuccess"]
    assert partial["rejectedDataPoints"] == "2" and "2 series, as many as it may" in partial["errorMessage"], answer
    answer = client.post("/influxdb/write", b"d,host=h1 f=1\nb,host=h1 f=2")
    assert answer.status == 400 and "as many as it may" in answer.json["error"], answer
    answer = harness.remote_write(client, [({"__name__": "e"}, [(now, 1.0)]), ({"__name__": "b_f", "host": "h1"}, [(now, 3.0)])])
    assert answer.status == 400 and "as many as it may" in answer.json["error"]["message"], answer
    harness.wait_for("the good samples", lambda: len(points(client, "b_f", host="h1")) == 3)


def test_deleted_samples_stay_deleted_over_a_crash(server):
    client, now = server.client(), int(time.time())
    lines = "\n".join(f"gone,host=h{n % 2} f={n} {now - n}000000000" for n in range(100))
    assert client.post("/influxdb/write", lines.encode()).status == 204
    path = "/prometheus/api/v1/admin/tsdb/delete_series?match[]=gone_f%7Bhost%3D%22h0%22%7D"
    assert client.post(path).status == 204
    answer = client.request("DELETE", "/api/v1/metrics/series?match[]=gone_f&to=now-50s")
    assert answer.status == 204, answer
    server.kill()
    server.start()
    client = server.client()
    assert points(client, "gone_f", host="h0") == []
    assert 20 < len(points(client, "gone_f", host="h1")) < 30
    assert [s["labels"]["host"] for s in client.items("/api/v1/series", metric="gone_f")] == ["h1"]
