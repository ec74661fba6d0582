"""Other people's log shippers need change nothing but an address: syslog, forward, Lumberjack, Loki, Elasticsearch."""
import base64
import datetime
import gzip
import json
import shutil
import socket
import subprocess
import time

import pytest

import harness
import shippers

LISTENERS = """
[syslog]
udp = 127.0.0.1:{udp}
tcp = 127.0.0.1:{tcp}
tls = 127.0.0.1:{tls}
[syslog behind-a-proxy]
tcp = 127.0.0.1:{proxied}
proxy_protocol = on
[forward]
tcp = 127.0.0.1:{forward}
[forward keyed]
tls = 127.0.0.1:{keyed}
shared_key = secret
[lumberjack]
tcp = 127.0.0.1:{lumberjack}
"""


@pytest.fixture
def doors(tmp_path, programs):
    names = ["udp", "tcp", "tls", "proxied", "forward", "keyed", "lumberjack"]
    ports = dict(zip(names, harness.free_ports(len(names))))
    server = harness.Server(tmp_path, LISTENERS.format(**ports)).start()
    programs.append(server)
    server.ports = ports
    return server


def found(server, count=1, **search):
    client = server.client()

    def enough():
        items = client.items("/api/v1/logs/search", **search)
        return items if len(items) >= count else None
    return harness.wait_for(f"{count} records of {search}", enough)


def counted(server, series):
    text = server.client().get("/metrics").body.decode()
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(series + " "))


def start_rsyslog(programs, tmp_path, protocol_options, port, authority):
    log = tmp_path / "nova-api.log"
    log.touch()
    config = tmp_path / "rsyslog.conf"
    config.write_text(f"""
global(workDirectory="{tmp_path}" DefaultNetstreamDriverCAFile="{authority}")
module(load="imfile" PollingInterval="1")
input(type="imfile" File="{log}" Tag="nova-api:" Severity="info" Facility="local0" reopenOnTruncate="on")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp" {protocol_options})
""")
    rsyslog = harness.Program(["rsyslogd", "-n", "-f", config, "-i", tmp_path / "rsyslog.pid"], tmp_path / "rsyslog.out").start()
    programs.append(rsyslog)
    return log


@pytest.mark.skipif(not shutil.which("rsyslogd"), reason="no rsyslog here")
@pytest.mark.parametrize("door, options", [
    ("tcp", ""),
    ("tcp", 'TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"'),
    ("tls", 'StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="anon"'),
])
def test_rsyslog_ships_a_file(doors, programs, tmp_path, door, options):
    log = start_rsyslog(programs, tmp_path, options, doors.ports[door], doors.data / "tls/certificate.pem")
    at = harness.oslo_time()
    with open(log, "a") as out:
        for i in range(100):
            out.write(f"{at} 7 ERROR nova.x [None req-aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa - - - - - -] boom number {i}\n")
    records = found(doors, 100, q="boom", limit=200)
    assert len(records) == 100
    assert {(r["service"], r["severity"], r["component"]) for r in records} == {("nova-api", "ERROR", "nova.x")}
    assert records[0]["host"] == socket.gethostname().split(".")[0]
    assert counted(doors, f'sentinella_log_door_records_total{{door="syslog_{door}"}}') == 100


def test_logger_sends_datagrams_and_connections(doors):
    for options, text in ((["-d"], "by datagram"), (["-d", "--rfc3164"], "by old datagram"), (["-T"], "by connection")):
        port = doors.ports["udp" if "-d" in options else "tcp"]
        subprocess.run(["logger", "-n", "127.0.0.1", "-P", str(port), "-t", "keystone", "-p", "user.err", *options, text],
                       check=True, timeout=10)
        record = found(doors, q=f'"{text}"')[0]
        assert (record["service"], record["severity"], record["message"]) == ("keystone", "ERROR", text)
        assert abs(time.time() - seconds(record["time"])) < 60


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def test_syslog_over_tls(doors):
    message = b"<11>1 - c1 keystone 7 - - over TLS"
    wire = shippers.Wire(doors.ports["tls"], tls=True).send(b"%d %s" % (len(message), message))
    record = found(doors, q='"over TLS"')[0]
    wire.close()
    assert (record["host"], record["service"], record["severity"]) == ("c1", "keystone", "ERROR")


def test_a_proxy_says_whose_connection_it_is(doors):
    shippers.Wire(doors.ports["proxied"]).send(b"PROXY TCP4 192.0.2.7 192.0.2.1 4000 514\r\n<11>no head at all\n").close()
    record = found(doors, q='"no head"')[0]
    assert (record["host"], record["severity"]) == ("192.0.2.7", "ERROR")
    assert shippers.Wire(doors.ports["proxied"]).send(b"<11>not through the proxy\n").ended()


def test_long_and_half_messages_do_not_harm_the_others(doors):
    wire = shippers.Wire(doors.ports["tcp"]).send(b"<13>x: " + b"a" * 200_000 + b"\n<13>Mar  2 10:11:12 h1 x: after it\n")
    found(doors, q='"after it"')
    wire.send(b"<13>Mar  2 10:11:12 h1 x: unfinished").close()
    found(doors, q="unfinished")
    assert counted(doors, 'sentinella_log_door_cut_total{door="syslog_tcp"}') == 1


def test_forward_is_acknowledged_and_durable(doors):
    client = shippers.Forward(doors.ports["forward"])
    now = time.time()
    client.packed("nova.api", [(now, {"log": f"line {i}", "hostname": "c1"}) for i in range(50)], "chunk-1", compress=True)
    # Nothing that was acknowledged is lost with the process.
    doors.kill()
    doors.start()
    records = found(doors, 50, q="service:nova.api", limit=100)
    assert len(records) == 50 and {r["host"] for r in records} == {"c1"}

    keyed = shippers.Forward(doors.ports["keyed"], shared_key="secret", tls=True)
    assert keyed.welcome
    keyed.packed("tag", [(now, {"message": "with a key", "service": "keystone"})], "chunk-2")
    assert found(doors, q='"with a key"')[0]["service"] == "keystone"
    stranger = shippers.Forward(doors.ports["keyed"], shared_key="guess", tls=True)
    assert not stranger.welcome and "mismatch" in stranger.reason
    assert stranger.wire.ended()


def test_lumberjack_windows_join_the_lines_of_a_file(doors):
    beat = {"host": {"name": "c1"}, "log": {"file": {"path": "/var/log/nova/nova-compute.log"}}, "fields": {"service": "nova-compute"}}
    at = harness.oslo_time()
    lines = [f"{at} 7 ERROR nova.x [-] boom: ValueError: x", f"{at} 7 ERROR nova.x Traceback (most recent call last):",
             f'{at} 7 ERROR nova.x   File "x.py", line 7, in f', f"{at} 7 ERROR nova.x ValueError: x"]
    client = shippers.Lumberjack(doors.ports["lumberjack"])
    client.window([{**beat, "message": line} for line in lines])
    client.window([{"message": "second window", "host": {"name": "c2"}}], compress=False)
    found(doors, q='"second window"')
    records = found(doors, q="service:nova-compute")
    assert len(records) == 1 and "ValueError: x" in records[0]["traceback"]
    assert records[0]["source"] == "/var/log/nova/nova-compute.log"


def test_loki_push_in_both_forms(doors):
    client, now = doors.client(), time.time()
    labels = '{job="nova", host="c1", filename="/var/log/nova/nova-api.log"}'
    body = shippers.loki_protobuf([(labels, [(now, "one by protobuf"), (now, "two by protobuf")])])
    answer = client.post("/loki/api/v1/push", body, headers={"Content-Type": "application/x-protobuf"})
    assert answer.status == 204, answer
    records = found(doors, 2, q="protobuf")
    assert {(r["host"], r["service"], r["source"]) for r in records} == {("c1", "nova", "/var/log/nova/nova-api.log")}
    pushed = {"streams": [{"stream": {"service_name": "glance", "level": "error"},
                           "values": [[str(int(now * 1e9)), "by json"], ["never", "no time"]]}]}
    answer = client.post("/loki/api/v1/push", gzip.compress(json.dumps(pushed).encode()),
                         headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})
    assert answer.status == 400 and b"1 of 2 entries" in answer.body, answer
    assert found(doors, q='"by json"')[0]["severity"] == "ERROR"


def test_elasticsearch_clients_are_let_in_and_told_item_by_item(doors):
    client, key = doors.client(), doors.bootstrap["api_key"]
    about = client.get("/elasticsearch/")
    assert about.headers["X-Elastic-Product"] == "Elasticsearch" and about.json["version"]["number"].startswith("8.")
    assert client.get("/elasticsearch/_license").json["license"]["type"] == "basic"
    assert client.request("PUT", "/elasticsearch/_index_template/filebeat", {"index_patterns": []}).json["acknowledged"]
    documents = [({"create": {"_index": "filebeat"}}, {"message": "by bulk", "host": {"name": "c1"}}),
                 ({"index": {}}, "no json"), ({"delete": {"_id": "7"}}, None),
                 ({"create": {}}, {"@timestamp": "2026-03-02T10:11:12Z", "service": {"name": "nova"}, "order": 7})]
    body = "".join(json.dumps(action) + "\n" + ("" if text is None else text + "\n" if isinstance(text, str) else json.dumps(text) + "\n")
                   for action, text in documents)
    credentials = base64.b64encode(f"any:{key}".encode()).decode()
    for scheme in ("ApiKey", "Basic"):
        answer = harness.Client(doors.url).post("/elasticsearch/_bulk", body.encode(), headers={
            "Content-Type": "application/x-ndjson", "Authorization": f"{scheme} {credentials}"})
        assert answer.status == 200, answer
        assert [list(item.values())[0]["status"] for item in answer.json["items"]] == [201, 400, 400, 201]
        assert answer.json["errors"] is True
    assert len(found(doors, 2, q='"by bulk"')) == 2
    assert harness.Client(doors.url).post("/elasticsearch/_bulk", body.encode()).status == 401


def test_lines_of_a_log_by_http(doors):
    client, at = doors.client(), harness.oslo_time()
    text = f"{at} 7 ERROR nova.x [-] boom\nTraceback (most recent call last):\nValueError: x\n{at} 7 INFO nova.x [-] calm\n"
    answer = client.post("/api/v1/logs/lines?host=c1&service=nova-api&format=oslo", text.encode())
    assert answer.json == {"records": 2, "unparsed": 0}, answer
    assert "ValueError" in found(doors, q="host:c1 boom")[0]["traceback"]
    assert client.post("/api/v1/logs/lines?format=olso", b"x").status == 400
