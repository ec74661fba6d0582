"""Notifications of OpenStack, through a real RabbitMQ, into series and events."""
import hashlib
import hmac
import http.server
import json
import os
import random
import socket
import subprocess
import threading
import time
import uuid

import harness
import pytest

pytest.importorskip("amqp")
import rabbit  # noqa: E402
from rabbit import broker, series, wait_connected  # noqa: E402,F401

pytestmark = pytest.mark.skipif(not rabbit.available, reason="rabbitmq-server is not installed")
RECORDED = (harness.ROOT / "src/telemetry/testdata/notifications.jsonl").read_text().splitlines()
MIGRATED = "7855ebe6-1bf4-4202-9f81-27ec8d69fcd1"


@pytest.fixture
def telemetry(tmp_path, broker):
    """A server that listens at the broker, on a queue of this test's own."""
    server = rabbit.listening_server(tmp_path, broker, "exchanges = nova, glance, keystone, neutron, ceilometer\n")
    wait_connected(server.client())
    yield server
    server.kill()


def exchange_of(body):
    publisher = json.loads(body["oslo.message"])["publisher_id"]
    return {"identity": "keystone", "image": "glance", "network": "neutron", "ceilometer": "ceilometer"}.get(
        publisher.split(".")[0], "nova")


def test_a_recorded_cloud_is_seen_whole(telemetry, broker):
    client, publisher = telemetry.client(), rabbit.Publisher(broker)
    for line in RECORDED:
        body = json.loads(line)
        priority = json.loads(body["oslo.message"])["priority"].lower()
        publisher.send(line, exchange_of(body), f"notifications.{priority}")
    def all_taken():
        return client.get("/api/v1/telemetry").json["notifications"] >= len(RECORDED)
    harness.wait_for("all notifications", all_taken)
    status = client.get("/api/v1/telemetry").json
    assert status["refused"] == status["duplicates"] == status["dead_letters"] == 0, status
    types = client.get("/api/v1/event-types", **{"from": "2026-11-21T00:00:00Z"}).json
    assert len(types["items"]) == 104
    assert sum(item["count"] for item in types["items"]) == len(RECORDED)

    event = client.items("/api/v1/events", type="compute.instance.live_migration.post.dest.end", resource=MIGRATED)[0]
    assert event["traits"]["memory_mb"] == 512 and event["host"] == "compute2"
    assert client.get("/api/v1/events/" + event["id"]).json == event
    assert not client.items("/api/v1/events", resource=MIGRATED, trait="memory_mb>512")
    assert client.items("/api/v1/events", resource=MIGRATED, trait=["memory_mb>=512", "state=active"])

    story = client.get(f"/api/v1/instances/{MIGRATED}/story").json
    assert story["deleted"] and story["chapters"][-1]["act"] == "deleted"
    moves = [chapter for chapter in story["chapters"] if chapter["act"] == "live-migrated"]
    assert [(move["from"], move["host"]) for move in moves] == [("compute1", "compute2")]

    at = "2026-11-21T10:05:25Z"
    memory = series(client, f'ceilometer_memory{{resource_id="{MIGRATED}"}}', at)
    assert [float(one["value"][1]) for one in memory] == [512.0]
    assert len(series(client, "ceilometer_image_size", "2026-11-21T10:05:16Z")) == 1


def test_a_migration_is_on_the_instances_page_within_two_seconds(telemetry, broker):
    client, publisher, instance = telemetry.client(), rabbit.Publisher(broker), str(uuid.uuid4())
    def tell(step, host):
        publisher.send(rabbit.envelope(f"compute.instance.{step}", {
            "instance_id": instance, "display_name": "web", "host": host, "tenant_id": "p", "memory_mb": 512,
            "vcpus": 1, "root_gb": 1, "ephemeral_gb": 0, "state": "active"}))
    def story():
        answer = client.get(f"/api/v1/instances/{instance}/story")
        return answer.json if answer.status == 200 else {}
    tell("create.end", "ndc27-3205")
    harness.wait_for("the creation", lambda: story().get("host") == "ndc27-3205", timeout=2)
    tell("live_migration.post.dest.start", "ndc27-3222")
    tell("live_migration.post.dest.end", "ndc27-3222")
    harness.wait_for("the move", lambda: story()["host"] == "ndc27-3222", timeout=2)
    tell("live_migration._post.end", "ndc27-3205")
    tell("delete.start", "ndc27-3222")
    harness.wait_for("the late message",
                     lambda: len(client.items("/api/v1/events", resource=instance)) == 5, timeout=2)
    assert story()["host"] == "ndc27-3222"
    changes = [change["type"] for change in client.items("/api/v1/changes", type="compute.instance.*")]
    assert changes[:2] == ["compute.instance.live_migration.post.dest.end", "compute.instance.create.end"]


def test_cpu_time_becomes_percent(telemetry, broker):
    client, publisher, now = telemetry.client(), rabbit.Publisher(broker), time.time() - 60
    for second, nanoseconds in ((0, 0), (10, 5e9)):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now + second))
        publisher.send(rabbit.envelope("telemetry.polling", {"samples": [{
            "counter_name": "cpu", "counter_type": "cumulative", "counter_unit": "ns", "counter_volume": nanoseconds,
            "resource_id": "vm", "project_id": "p", "user_id": None, "timestamp": stamp,
            "resource_metadata": {"vcpus": 1}}]}, priority="SAMPLE"), "ceilometer", "notifications.sample")
    def percent():
        found = series(client, 'ceilometer_cpu_util{resource_id="vm"}', now + 15)
        return found and float(found[0]["value"][1])
    assert harness.wait_for("cpu_util", percent) == 50.0


def test_what_cannot_be_taken_is_kept_shown_and_replayed(telemetry, broker):
    client, publisher = telemetry.client(), rabbit.Publisher(broker)
    good = rabbit.envelope("image.delete", {"id": "later", "size": 1}, publisher="image.host")
    bad = ["", "not json", "[" * 200, '{"event_type": "\udcff"}'.encode("utf-8", "surrogateescape"), "{}",
           json.dumps({"oslo.version": "3.0", "oslo.message": "{}"}),
           json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps({"password": "topsecret"})})]
    for body in [*bad, good]:
        publisher.send(body)
    status = harness.wait_for("all messages", lambda: (
        lambda now: now if now["notifications"] == len(bad) + 1 else None)(client.get("/api/v1/telemetry").json))
    assert (status["dead_letters"], status["refused"], status["events"]) == (len(bad), len(bad), 1)
    letters = client.all_items("/api/v1/telemetry/dead-letters", limit=2)
    assert len(letters) == len(bad)
    assert all(letter["reason"] and letter["exchange"] == "nova" for letter in letters)
    assert "topsecret" not in json.dumps(letters)
    def terminal(*arguments):
        run = subprocess.run([harness.BIN / "sentinella-server", "dead-letters", *map(str, arguments), "--data-dir", telemetry.data],
                             capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr
    assert terminal("list", "--limit", 3)[1].count("nova") == 3
    newest = letters[0]["id"]
    code, shown = terminal("show", newest)
    assert code == 0 and f"id: {newest}" in shown and "***" in shown and "topsecret" not in shown
    code, said = terminal("replay", "--all")
    assert code == 0 and said.endswith(f"0 taken, {len(bad)} still dead\n") and said.count("\n") == len(bad) + 1
    assert terminal("replay", newest)[0] != 0 and terminal("replay")[0] != 0
    assert client.get(f"/api/v1/telemetry/dead-letters/{newest}").json == letters[0]
    oldest = letters.pop()["id"]
    assert terminal("delete", oldest) == (0, "deleted\n") and client.get(f"/api/v1/telemetry/dead-letters/{oldest}").status == 404
    first = letters[0]["id"]
    again = client.post(f"/api/v1/telemetry/dead-letters/{first}/replay")
    assert again.status == 400 and "event_type" in again.json["error"].get("field", "") + again.json["error"]["message"]
    assert client.request("DELETE", f"/api/v1/telemetry/dead-letters/{first}").status == 204
    assert client.get("/api/v1/telemetry").json["dead_letters"] == len(bad) - 2
    assert "topsecret" not in telemetry.log() and "guest:guest" not in telemetry.log()


def test_what_is_too_large_is_kept_in_part_and_says_so(telemetry, broker):
    client, size = telemetry.client(), 17 << 20
    rabbit.Publisher(broker).send('{"a": "' + "x" * (size - 9) + '"}')
    letter, = harness.wait_for("the dead letter", lambda: client.items("/api/v1/telemetry/dead-letters"))
    assert (letter["size"], letter["whole"], len(letter["body"])) == (size, False, 1 << 20) and letter["reason"]
    assert client.post(f"/api/v1/telemetry/dead-letters/{letter['id']}/replay").status == 413


def listener_alone(tmp_path, broker, server_url, key):
    """--role telemetry, which keeps nothing itself."""
    config = tmp_path / "agent.conf"
    config.write_text(f"[telemetry]\nbrokers = {broker.url}\nqueue = alone-{uuid.uuid4().hex[:8]}\nexchanges = nova\n"
                      f"server = {server_url}\nserver_key_file = {key}\n")
    return harness.Program([harness.BIN / "sentinella-server", "--role", "telemetry", "--config", config, "--data-dir",
                            tmp_path / "agent"], tmp_path / "agent.out").start()


def test_an_agent_alone_sends_to_a_server_elsewhere(tmp_path, broker, server):
    key = tmp_path / "key"
    key.write_text(server.client().post("/api/v1/keys", {"name": "telemetry", "role": "operator"}).json["key"] + "\n")
    agent = listener_alone(tmp_path, broker, server.url, key)
    try:
        harness.wait_for("the agent to listen", lambda: "listening at" in agent.log())
        publisher, client, now = rabbit.Publisher(broker), server.client(), time.time()
        publisher.send(rabbit.envelope("image.delete", {"id": "far", "size": 7, "owner": "p"}, "m-far", now,
                                       publisher="image.host"))
        event, = harness.wait_for("the event", lambda: client.items("/api/v1/events", resource="far"))
        assert (event["id"], event["service"], event["origin"]) == ("m-far", "glance-api", "openstack")
        found = harness.wait_for("the sample", lambda: series(client, 'ceilometer_image_size{resource_id="far"}', now + 5))
        assert found[0]["value"][1] == "7" and found[0]["metric"]["meter"] == "image.size"
        (figure,) = harness.wait_for("how it stands", lambda: series(
            client, "sentinella_telemetry_broker_connected == 1", time.time()), timeout=60)
        assert figure["metric"]["listener"] == socket.gethostname()
        server.kill()
        publisher.send(rabbit.envelope("image.delete", {"id": "later", "size": 8}, "m-later", now, publisher="image.host"))
        harness.wait_for("the agent to notice", lambda: "notifications wait" in agent.log())
        server.start()
        harness.wait_for("the event that waited", lambda: server.client().items("/api/v1/events", resource="later"))
        assert agent.terminate() == 0
    finally:
        agent.kill()


def test_an_agent_alone_stops_while_its_server_hangs(tmp_path, broker):
    key = tmp_path / "key"
    key.write_text("snt_nobody_reads_it\n")
    with socket.create_server(("127.0.0.1", 0)) as hanging:  # connections are made, nobody ever answers
        hanging.settimeout(60)
        agent = listener_alone(tmp_path, broker, f"http://127.0.0.1:{hanging.getsockname()[1]}", key)
        try:
            harness.wait_for("the agent to listen", lambda: "listening at" in agent.log())
            connection, _ = hanging.accept()
            assert connection.recv(1000)
            assert agent.terminate() == 0, "the 30 s that a server has to answer are not waited for"
        finally:
            agent.kill()


def test_dead_letters_come_with_a_backup(telemetry, broker, tmp_path):
    client = telemetry.client()
    rabbit.Publisher(broker).send("not json")
    harness.wait_for("the dead letter", lambda: client.get("/api/v1/telemetry").json["dead_letters"] == 1)
    program = harness.BIN / "sentinella-server"
    for name in ["running", "stopped"]:
        subprocess.run([program, "backup", tmp_path / name, "--data-dir", telemetry.data], check=True, capture_output=True)
        if name == "running":
            telemetry.terminate()
        (tmp_path / f"of-{name}").mkdir()
        other = harness.Server(tmp_path / f"of-{name}", telemetry.config.read_text())
        other.data.rmdir()
        subprocess.run([program, "restore", tmp_path / name, "--data-dir", other.data], check=True, capture_output=True)
        try:
            letters = other.start().client().items("/api/v1/telemetry/dead-letters")
            assert [letter["body"] for letter in letters] == ["not json"], letters
        finally:
            other.kill()


def test_gnocchis_clients_see_the_clouds_instances_without_a_ceilometer(telemetry, broker):
    client, publisher, instance = telemetry.client(), rabbit.Publisher(broker), str(uuid.uuid4())
    project = uuid.uuid4().hex
    def tell(step, host, **more):
        publisher.send(rabbit.envelope(f"compute.instance.{step}", {
            "instance_id": instance, "display_name": "web", "host": host, "tenant_id": project, "memory_mb": 512, "vcpus": 1,
            "root_gb": 1, "ephemeral_gb": 0, "state": "active", "instance_type": "m1.tiny", **more}))
    def ask(path):
        answer = client.request("GET", "/gnocchi/v1/" + path, None, {"X-Auth-Token": telemetry.bootstrap["api_key"],
                                                                      "Accept": "application/json"})
        return answer.json if answer.status == 200 else None
    tell("create.end", "c1")
    made = harness.wait_for("the instance", lambda: ask(f"resource/instance/{instance}"))
    assert (made["host"], made["display_name"], made["flavor_name"], made["project_id"]) == ("c1", "web", "m1.tiny", project)
    tell("live_migration.post.dest.end", "c2")
    tell("live_migration._post.end", "c1")
    tell("delete.start", "c2")
    harness.wait_for("its end", lambda: ask(f"resource/instance/{instance}")["ended_at"])
    history = ask(f"resource/instance/{instance}/history")
    assert [one["host"] for one in history] == ["c1", "c2", "c2"]
    rows = harness.wait_for("its memory", lambda: ask(f"resource/instance/{instance}/metric/memory/measures"))
    assert rows[-1][1:] == [300.0, 512.0]
    found = series(client, f'ceilometer_memory{{resource_id="{instance}"}}', time.time() + 5)
    assert [one["metric"]["metric_id"] for one in found] == [made["metrics"]["memory"]]


def s3_authorization(request, access="ACCESS", secret="s3-secret"):
    """What Signature Version 4 says to a GET without a body, reckoned anew."""
    stamp, nothing, scope = request.headers["x-amz-date"], hashlib.sha256(b"").hexdigest(), "us-east-1/s3/aws4_request"
    path, _, query = request.path.partition("?")
    names = "host;x-amz-content-sha256;x-amz-date"
    canonical = "\n".join(["GET", path, "&".join(sorted(query.split("&"))), f"host:{request.headers['Host']}",
                           f"x-amz-content-sha256:{nothing}", f"x-amz-date:{stamp}", "", names, nothing])
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{stamp[:8]}/{scope}", hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (stamp[:8], *scope.split("/")):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"AWS4-HMAC-SHA256 Credential={access}/{stamp[:8]}/{scope},SignedHeaders={names},Signature={signature}"


class StandInCloud:
    """Keystone, cinder, octavia and designate, as far as they are asked, in answers of the shape of their API's reference."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, body, **headers):
                body = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                user = asked["auth"]["identity"]["password"]["user"]
                if (self.path, user["name"], user["password"]) != ("/v3/auth/tokens", "sentinella", "pw"):
                    return self.answer(401, {})
                catalog = [{"type": kind, "endpoints": [{"interface": "internal", "region": "one", "url": outer.url + path}]}
                           for kind, path in (("block-storage", "/volume/v3"), ("load-balancer", "/lb"), ("dns", "/dns"))]
                self.answer(201, {"token": {"expires_at": "2099-01-01T00:00:00.000000Z", "project": {"id": "ours"},
                                            "catalog": catalog}}, **{"X-Subject-Token": "the-token"})

            def do_GET(self):
                known = outer.answers.get(self.path)
                if self.path.startswith("/admin/"):
                    good = self.headers["Authorization"] == s3_authorization(self) and "X-Auth-Token" not in self.headers
                    return self.answer((200 if known is not None else 404) if good else 403, known or {})
                if self.headers["X-Auth-Token"] != "the-token":
                    return self.answer(401, {})
                self.answer(200 if known else 404, known or {})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        balancer = {"provisioning_status": "ACTIVE", "project_id": "p", "vip_address": "203.0.113.50"}
        self.answers = {
            "/volume/v3/scheduler-stats/get_pools?detail=True": {"pools": [{"name": "ctl1@lvm#fast", "capabilities": {
                "pool_name": "fast", "volume_backend_name": "lvm", "total_capacity_gb": 1024, "free_capacity_gb": 960.5}}]},
            "/lb/v2/lbaas/loadbalancers": {
                "loadbalancers": [{"id": "l1", "name": "web", "operating_status": "ONLINE", **balancer}],
                "loadbalancers_links": [{"rel": "next", "href": self.url + "/lb/v2/lbaas/loadbalancers?marker=l1"}]},
            "/lb/v2/lbaas/loadbalancers?marker=l1": {
                "loadbalancers": [{"id": "l2", "name": "db", "operating_status": "ERROR", **balancer}]},
            "/dns/v2/recordsets": {"recordsets": [{"id": f"r{n}", "zone_id": "z1", "project_id": "p"} for n in range(3)], "links": {}},
            "/v3/projects": {"projects": [{"id": "p1"}, {"id": "p2"}]},
            "/admin/bucket?uid=p1%24p1&stats=true": [
                {"bucket": "b1", "usage": {"rgw.main": {"size_kb": 3, "num_objects": 2}}},
                {"bucket": "b2", "usage": {"rgw.main": {"size_kb": 4, "num_objects": 5}}}],
            "/admin/usage?uid=p1%24p1": {"entries": [], "summary": [{"user": "p1$p1", "total": {"ops": 11}}]},
        }
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def test_a_clouds_apis_are_asked_for_what_no_notification_says(tmp_path):
    cloud = StandInCloud()
    (tmp_path / "password").write_text("pw\n")
    (tmp_path / "s3").write_text("s3-secret\n")
    server = harness.Server(tmp_path, f"""
[telemetry]
keystone_url = {cloud.url}
username = sentinella
password_file = {tmp_path}/password
radosgw_url = {cloud.url}
radosgw_access_key = ACCESS
radosgw_secret_file = {tmp_path}/s3
radosgw_implicit_tenants = true
""").start()
    try:
        client = server.client()
        def values(meter):
            return {one["metric"]["resource_id"]: float(one["value"][1]) for one in series(client, meter, time.time() + 5)}
        def pollsters():
            return {one["name"]: one for one in client.get("/api/v1/telemetry").json["pollsters"]}
        harness.wait_for("every API to be asked", lambda: all(one["last"] for one in pollsters().values()))
        assert values("ceilometer_volume_provider_pool_capacity_total") == {"ctl1@lvm#fast": 1024}
        assert values("ceilometer_volume_provider_pool_capacity_free") == {"ctl1@lvm#fast": 960.5}
        assert values("ceilometer_loadbalancer_operating") == {"l1": 1, "l2": 5}
        assert values("ceilometer_loadbalancer_provisioning") == {"l1": 1, "l2": 1}
        assert values("ceilometer_dns_zone_recordsets") == {"z1": 3}
        assert pollsters()["loadbalancer.operating"]["samples"] == 2
        assert values("ceilometer_radosgw_objects_size") == {"p1": 7168}
        assert values("ceilometer_radosgw_containers_objects") == {"p1/b1": 2, "p1/b2": 5}
        assert values("ceilometer_radosgw_api_request") == {"p1": 11}
        # What this cloud does not have is said, and is no warning.
        assert "catalogue" in pollsters()["manila.share.size"]["last_error"]
        assert "manila" not in server.log() and "the-token" not in server.log() and "s3-secret" not in server.log()
    finally:
        server.kill()
        cloud.close()


def test_polled_samples_count_only_when_they_are_signed_where_that_is_asked_for(tmp_path, broker):
    secret = tmp_path / "secret"
    secret.write_text("change this for valid signing\n")  # what the recorded cloud's Ceilometer was told: nothing
    server = rabbit.listening_server(tmp_path, broker, f"exchanges = ceilometer\ntelemetry_secret_file = {secret}\n")
    try:
        client, publisher = server.client(), rabbit.Publisher(broker)
        wait_connected(client)
        line = next(line for line in RECORDED if "telemetry.polling" in line)
        forged = json.loads(line)
        inner = json.loads(forged["oslo.message"])
        inner["message_id"] = inner["_unique_id"] = uuid.uuid4().hex
        inner["payload"]["samples"][0]["resource_id"] = "forged"
        forged["oslo.message"] = json.dumps(inner)
        for body in (json.dumps(forged), line):
            publisher.send(body, "ceilometer", "notifications.sample")
        status = harness.wait_for("both", lambda: (
            lambda now: now if now["notifications"] == 2 else None)(client.get("/api/v1/telemetry").json))
        assert (status["samples"], status["skipped_samples"]) == (1, 1)
        assert "message_signature" in status["last_skipped"]
    finally:
        server.kill()


def test_a_command_that_runs_holds_no_stop_up(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root's files may name commands")
    begun = tmp_path / "begun"
    file = tmp_path / "slow.yaml"
    file.write_text("- {name: slow, sample_type: gauge, unit: s, value_attribute: n, timeout: 300,\n"
                    f"   host_command: [sh, '-c', 'touch {begun}; sleep 300']}}\n")
    file.chmod(0o644)
    server = harness.Server(tmp_path, f"[telemetry]\nextra_pollsters = {file}\n").start()
    try:
        harness.wait_for("the command to run", begun.exists)
        assert server.terminate(timeout=60) == 0
    finally:
        server.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's files may name commands")
def test_a_command_of_this_host_is_a_meter_where_root_alone_can_have_named_it(tmp_path):
    directory = tmp_path / "pollsters.d"
    directory.mkdir(mode=0o755)
    file = directory / "rack.yaml"
    file.write_text("""
- name: rack.temperature
  sample_type: gauge
  unit: C
  value_attribute: celsius
  host_command: "printf '[{\\"id\\": \\"rack 1; reboot\\", \\"celsius\\": 42}]'"
  extra_metadata_fields: {name: echoed, value: out, response_handlers: [text], host_command: "echo ${sample.id}"}
""")
    file.chmod(0o644)
    server = harness.Server(tmp_path, f"[telemetry]\nextra_pollsters = {directory}\n").start()
    try:
        client = server.client()
        (one,) = harness.wait_for("the meter", lambda: series(client, "ceilometer_rack_temperature", time.time() + 5))
        assert (one["metric"]["resource_id"], float(one["value"][1])) == ("rack 1; reboot", 42)
        (pollster,) = client.get("/api/v1/telemetry").json["pollsters"]
        assert (pollster["samples"], pollster["last_error"]) == (1, "")
        server.kill()
        file.chmod(0o666)
        server.start(wait=False)
        harness.wait_for("the server to give up", lambda: not server.running())
        assert "host_command" in server.log() and "others than root may write" in server.log()
    finally:
        server.kill()


def test_what_agents_measure_of_instances_becomes_cpu_util(tmp_path, broker):
    server = rabbit.listening_server(tmp_path, broker, "exchanges = nova\nhypervisor_interval = 1s\n")
    try:
        client, now = server.client(), time.time()
        def measure(at, seconds):
            for name, value in (("info_virtual_cpus", 2), ("info_cpu_time_seconds_total", seconds)):
                answer = harness.send(client, "metrics", harness.otlp_gauge(
                    f"libvirt_domain_{name}", [(at, value)], host="c1", uuid="vm-1", domain="web"))
                assert answer.status == 200, answer
        measure(now - 1, 100)
        harness.wait_for("the first reading", lambda: series(client, 'ceilometer_cpu{resource_id="vm-1"}', now + 5))
        measure(now, 101)
        found = harness.wait_for("its load", lambda: series(client, 'ceilometer_cpu_util{resource_id="vm-1"}', now + 5))
        assert abs(float(found[0]["value"][1]) - 50) < 1
    finally:
        server.kill()


def test_panko_clients_find_events(telemetry, broker):
    client, publisher = telemetry.client(), rabbit.Publisher(broker)
    for size in (1, 20):
        publisher.send(rabbit.envelope("image.upload", {"id": f"i{size}", "size": size, "owner": "p"}, f"m{size}",
                                       publisher="image.host"), "glance")
    def events(**query):
        answer = client.get("/panko/v2/events", **query)
        assert answer.status == 200, answer
        return [event["message_id"] for event in answer.json]
    harness.wait_for("both events", lambda: len(events()) == 2)
    larger = {"q.field": "size", "q.op": "gt", "q.type": "integer", "q.value": "3"}
    assert events(**larger) == ["m20"]
    assert events(**{"q.field": ["event_type", "resource_id"], "q.op": ["eq", "eq"], "q.type": ["", "string"],
                     "q.value": ["image.upload", "i1"]}) == ["m1"]
    assert events(limit=1) == ["m1"] and events(limit=1, marker="m1") == ["m20"]
    assert events(sort="generated:desc") == ["m20", "m1"]
    assert client.get("/panko/v2/events", **{"q.field": "start_timestamp", "q.op": "le", "q.value": "2026-01-01"}).status == 400
    event = client.get("/panko/v2/events/m20").json
    assert {"name": "size", "type": "integer", "value": "20"} in event["traits"]
    assert client.get("/panko/v2/event_types").json == ["image.upload"]
    names = client.get("/panko/v2/event_types/image.upload/traits").json
    assert {"name": "size", "type": "integer"} in names
    assert len(client.get("/panko/v2/event_types/image.upload/traits/size").json) == 2
    assert client.get("/panko/v2/events", **{"q.field": "size", "q.value": []}).status == 400


def test_events_that_no_definition_names_are_dropped_where_that_is_asked_for(tmp_path, broker):
    (tmp_path / "events.yaml").write_text("- {event_type: 'image.*', traits: {}}\n")
    server = harness.Server(tmp_path, f"[telemetry]\nbrokers = {broker.url}\nqueue = sentinella-{uuid.uuid4().hex[:8]}\n"
                                      f"exchanges = glance\nevent_definitions = {tmp_path}/events.yaml\n"
                                      "drop_unmatched_events = true\n").start()
    try:
        client, publisher = server.client(), rabbit.Publisher(broker)
        wait_connected(client)
        for kind in ("volume.create.end", "image.upload"):
            publisher.send(rabbit.envelope(kind, {"id": "x", "size": 1}, f"m-{kind}"), "glance")
        harness.wait_for("both", lambda: client.get("/api/v1/telemetry").json["brokers"][0]["acknowledged"] == 2)
        assert client.get("/panko/v2/event_types").json == ["image.upload"]
    finally:
        server.kill()


def test_other_consumers_lose_nothing(telemetry, broker):
    client, publisher, mine = telemetry.client(), rabbit.Publisher(broker), f"other-{uuid.uuid4().hex[:6]}"
    publisher.open()
    publisher.channel.queue_declare(mine, durable=True, auto_delete=False)
    publisher.channel.queue_bind(mine, "nova", "notifications.info")
    for number in range(20):
        publisher.send(rabbit.envelope("compute.instance.update", {"instance_id": str(number)}))
    harness.wait_for("ours", lambda: client.get("/api/v1/telemetry").json["notifications"] == 20)
    assert sum(publisher.channel.basic_get(mine, no_ack=True) is not None for _ in range(25)) == 20


def test_a_broker_with_tls_is_trusted_when_its_authority_is_known(tmp_path):
    broker = rabbit.Broker(tmp_path / "rabbit", tls=True).start()
    servers = []
    def listen(name, more):
        servers.append(harness.Server(tmp_path / name, f"""
[telemetry]
brokers = rabbits://guest:guest@localhost:{broker.tls_port}/
queue = {name}
exchanges = nova
{more}
""").start())
        return lambda: servers[-1].client().get("/api/v1/telemetry").json["brokers"][0]
    try:
        state = listen("trusting", f"ca = {broker.certificate}")
        harness.wait_for("the connection", lambda: state()["connected"])
        servers[-1].kill()
        state = listen("doubting", "")
        harness.wait_for("the refusal", lambda: state()["last_error"])
        assert not state()["connected"]
    finally:
        for server in servers:
            server.kill()
        broker.stop()


@pytest.mark.parametrize("rounds", [100 if harness.LONG else 2])
def test_nothing_is_lost_or_counted_twice_when_we_and_the_broker_are_killed(tmp_path, rounds):
    broker = rabbit.Broker(tmp_path / "rabbit").start()
    rabbit.Publisher(broker).declare("nova")
    server = harness.Server(tmp_path, f"[telemetry]\nbrokers = {broker.url}\nexchanges = nova\n").start()
    confirmed, stopping, base = [], threading.Event(), time.time() - 36000

    def publish():
        publisher = rabbit.Publisher(broker)
        while not stopping.is_set():
            number = len(confirmed)
            publisher.send_until_confirmed(rabbit.envelope(
                "image.upload", {"id": "counted", "size": number, "owner": "p"}, f"message-{number}", base + number / 10,
                publisher="image.host"))
            confirmed.append(number)

    thread = threading.Thread(target=publish, daemon=True)
    try:
        wait_connected(server.client())
        thread.start()
        for turn in range(rounds):
            time.sleep(random.uniform(0.2, 1.0))
            if turn % 2 == 1:
                broker.kill()
                broker.start()
            else:
                server.kill()
                server.start()
            if turn % 10 == 9:
                print(f"{turn + 1} kills, {len(confirmed)} notifications", flush=True)
        stopping.set()
        thread.join(300)
        client = server.client()
        wait_connected(client, 180)

        def taken():
            found = client.all_items("/api/v1/events", resource="counted", limit=1000)
            return found if len(found) >= len(confirmed) else None
        found = harness.wait_for("every confirmed notification", taken, timeout=180, every=0.5)
        assert sorted(int(event["id"].split("-")[1]) for event in found) == list(range(len(confirmed)))
        answer = series(client, f'count_over_time(ceilometer_image_size{{resource_id="counted"}}[11h])', time.time())
        assert [int(float(one["value"][1])) for one in answer] == [len(confirmed)]
        assert client.get("/api/v1/telemetry").json["dead_letters"] == 0
    finally:
        stopping.set()
        server.kill()
        broker.stop()
