"""Where samples and events go besides our own store: who is slow, away or hangs, and the forms that others want."""
import json
import socket
import time
import uuid

import harness
import pytest

pytest.importorskip("amqp")
import rabbit  # noqa: E402
from rabbit import broker, series, wait_connected  # noqa: E402,F401

pytestmark = pytest.mark.skipif(not rabbit.available, reason="rabbitmq-server is not installed")


def publishing_server(tmp_path, broker, samples=(), events=()):
    """A server that sends images' sizes and events to these publishers."""
    settings = "exchanges = glance\n"
    for name, what, urls in (("pipeline", "meters", samples), ("event_pipeline", "events", events)):
        if urls:
            (tmp_path / f"{name}.yaml").write_text(json.dumps({  # which is YAML too
                "sources": [{"name": "images", what: ["image.*"], "sinks": ["out"]}],
                "sinks": [{"name": "out", "publishers": list(urls)}]}))
            settings += f"{name} = {tmp_path}/{name}.yaml\n"
    return rabbit.listening_server(tmp_path, broker, settings)


def upload(publisher, name):
    publisher.send(rabbit.envelope("image.upload", {"id": name, "size": 7, "owner": "p"}, publisher="image.host"), "glance")


def test_foreign_publishers_get_their_share_even_when_they_are_away_for_a_while(tmp_path, broker):
    hook = harness.Webhook()
    hook.status = 503
    server = publishing_server(tmp_path, broker, ["sentinella://", f"{hook.url}?max_retries=9"])
    try:
        client = server.client()
        wait_connected(client)
        rabbit.Publisher(broker).send(
            rabbit.envelope("image.upload", {"id": "i", "size": 7, "owner": "p"}, publisher="image.host"), "glance")
        def outside():
            return client.get("/api/v1/telemetry").json["publishers"][0]
        harness.wait_for("a failed attempt", lambda: outside()["failures"] >= 1)
        assert outside()["queued"] == 1 and "503" in outside()["last_error"]
        hook.status = 200
        harness.wait_for("the sample", lambda: hook.received)
        (sample,) = hook.received[0][1]
        assert (sample["name"], sample["volume"], sample["resource_id"]) == ("image.size", 7, "i")
        harness.wait_for("its count", lambda: outside()["delivered"] == 1)
    finally:
        server.kill()
        hook.close()


def test_a_publisher_that_hangs_holds_nobody_up(tmp_path, broker):
    with socket.create_server(("127.0.0.1", 0)) as hanging:  # connections are made, nobody ever answers
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}/?timeout=300&max_queue_length=2"
        server = publishing_server(tmp_path, broker, [url, "sentinella://"])
        try:
            client, publisher = server.client(), rabbit.Publisher(broker)
            wait_connected(client)
            def outside():
                return client.get("/api/v1/telemetry").json["publishers"][0]
            upload(publisher, "first")
            harness.wait_for("the first one to be in its hands", lambda: outside()["queued"] == 1)
            for number in range(9):
                upload(publisher, f"i{number}")
            def state():
                return client.get("/api/v1/telemetry").json["brokers"][0]
            harness.wait_for("every acknowledgement", lambda: state()["acknowledged"] == 10)
            harness.wait_for("every event", lambda: len(client.items("/api/v1/events", type="image.upload")) == 10)
            assert len(series(client, "ceilometer_image_size", time.time() + 5)) == 10
            now = outside()
            assert (now["policy"], now["delivered"], now["dropped"]) == ("queue", 0, 0)
            assert (now["queued"], now["overflowed"]) == (3, 7), "one is in its hands, two wait, the others went"
            figures = client.get("/metrics").body.decode()
            assert 'sentinella_telemetry_publisher_items_total{number="1",scheme="http",fate="overflowed"} 7\n' in figures
            assert "127.0.0.1" not in figures
            assert server.terminate(timeout=60) == 0, "the request's 300 s are not waited for"
        finally:
            server.kill()


def test_a_publisher_of_the_policy_default_is_waited_for_and_loses_nothing_when_we_are_killed(tmp_path, broker):
    hook = harness.Webhook()
    hook.status = 503
    server = publishing_server(tmp_path, broker, [f"{hook.url}?policy=default", "sentinella://"])
    try:
        client, publisher = server.client(), rabbit.Publisher(broker)
        wait_connected(client)
        upload(publisher, "i")
        harness.wait_for("our own store", lambda: series(client, "ceilometer_image_size", time.time() + 5))
        status = harness.wait_for("a failed attempt", lambda: (
            lambda now: now if now["publishers"][0]["failures"] else None)(client.get("/api/v1/telemetry").json))
        assert (status["publishers"][0]["policy"], status["brokers"][0]["acknowledged"]) == ("default", 0)
        server.kill()
        server.start()
        client = server.client()
        wait_connected(client)
        hook.status = 200
        harness.wait_for("the sample", lambda: hook.received)
        harness.wait_for("its acknowledgement",
                         lambda: client.get("/api/v1/telemetry").json["brokers"][0]["acknowledged"] == 1)
        assert [sample["resource_id"] for _, samples, _ in hook.received for sample in samples] == ["i"]
        assert len(client.items("/api/v1/events", type="image.upload")) == 1
    finally:
        server.kill()
        hook.close()


def test_who_fails_is_a_series_that_rules_can_see(tmp_path, broker):
    hook = harness.Webhook()
    hook.status = 503
    server = publishing_server(tmp_path, broker, samples=[hook.url, "sentinella://"])
    try:
        client, publisher = server.client(), rabbit.Publisher(broker)
        wait_connected(client)
        def figure(name):
            found = series(client, f"sentinella_telemetry_{name}", time.time())
            return [(one["metric"], float(one["value"][1])) for one in found]
        upload(publisher, "i")
        publisher.send("not JSON", "glance")
        harness.wait_for("a failed attempt", lambda: client.get("/api/v1/telemetry").json["publishers"][0]["failures"])
        harness.wait_for("the next look", lambda: [value for _, value in figure("publisher_failing")] == [1.0], timeout=60)
        ((labels, _),) = figure("publisher_failing")
        assert labels["publisher"] == hook.url and labels["listener"] == socket.gethostname()
        harness.wait_for("the dead letter", lambda: [value for _, value in figure("dead_letters")] == [1.0], timeout=60)
        ((labels, connected),) = figure("broker_connected")
        assert (labels["broker"], connected) == (f"127.0.0.1:{broker.port}/", 1.0)
        for rule in ("telemetry-broker-lost", "telemetry-publisher-failing", "telemetry-dead-letters"):
            assert client.get(f"/api/v1/rules/{rule}").status == 200, rule
    finally:
        server.kill()
        hook.close()


def test_a_long_queue_of_single_requests_does_not_hold_the_end_up(tmp_path, broker):
    slow = harness.Webhook()
    slow.delay = 0.5
    server = publishing_server(tmp_path, broker, samples=[f"{slow.url}?batch=false", "sentinella://"])
    try:
        client, publisher = server.client(), rabbit.Publisher(broker)
        wait_connected(client)
        for number in range(200):
            upload(publisher, f"i{number}")
        harness.wait_for("every acknowledgement", lambda: client.get(
            "/api/v1/telemetry").json["brokers"][0]["acknowledged"] == 200)
        server.terminate(timeout=60)
        assert not server.running()
        assert 0 < len(slow.received) < 200, "to send them all takes much longer than we wait for a server's end"
        assert "samples and events were not sent before the end and are lost" in server.log()
    finally:
        server.kill()
        slow.close()


def test_a_console_gets_events_in_the_form_of_its_own(tmp_path, broker):
    """Zenoss' API, and one whose form is the user's."""
    zenoss, own = harness.Webhook(), harness.Webhook()
    zenoss.body = b'{"result": {"success": true}}'
    (tmp_path / "form.yaml").write_text("path: /events\nevents: {title: '${summary}', of: '${traits.resource_id}', size: '${traits.size}'}\n")
    urls = [zenoss.url.replace("http://", "http://admin:pw@").replace("/hook", "?template=zenoss"),
            own.url.replace("/hook", f"?template={tmp_path}/form.yaml")]
    server = publishing_server(tmp_path, broker, events=["sentinella://", *urls])
    try:
        wait_connected(server.client())
        publisher = rabbit.Publisher(broker)
        for name in ("one", "two"):
            upload(publisher, name)
        harness.wait_for("both in the user's form", lambda: len(own.received) == 2)
        assert [body["of"] for _, body, _ in own.received] == ["one", "two"]
        assert own.received[0][1]["size"] == 7 and "one" in own.received[0][1]["title"]
        harness.wait_for("both in Zenoss'", lambda: len(zenoss.received) == 2)
        _, call, headers = zenoss.received[0]
        assert (call["method"], call["data"][0]["severity"]) == ("add_event", "Info") and headers["Authorization"].startswith("Basic ")
        harness.wait_for("their counts", lambda: [one["delivered"] for one in server.client().get(
            "/api/v1/telemetry").json["publishers"]] == [2, 2])
        assert "admin:pw" not in server.log()
    finally:
        server.kill()
        zenoss.close()
        own.close()


def test_another_bus_gets_samples_and_events_as_ceilometer_sends_them(tmp_path, broker):
    """The other bus is the same broker here; its queues are made, so that nothing is lost before somebody reads."""
    other = f"notifier://guest:guest@127.0.0.1:{broker.port}/?topic=t{uuid.uuid4().hex[:6]}&per_meter_topic=1"
    topic = other.split("topic=")[1].split("&")[0]
    server = publishing_server(tmp_path, broker, [other], [other])
    try:
        wait_connected(server.client())
        publisher = rabbit.Publisher(broker)
        publisher.send(rabbit.envelope("image.upload", {"id": "i", "size": 7, "owner": "p"}, "m-1", publisher="image.host"),
                       "glance")
        harness.wait_for("the delivery", lambda: server.client().get("/api/v1/telemetry").json["publishers"][0]["delivered"])
        bodies = []
        while message := publisher.channel.basic_get(f"{topic}.sample", no_ack=True):
            bodies.append(json.loads(json.loads(message.body)["oslo.message"]))
        assert {body["priority"] for body in bodies} == {"SAMPLE"}
        by_type = {body["event_type"]: body["payload"] for body in bodies if body["payload"][0].get("counter_name")}
        assert set(by_type) == {topic, f"{topic}.image.size"}
        sample, = by_type[topic]
        assert (sample["counter_name"], sample["counter_volume"], sample["resource_id"]) == ("image.size", 7, "i")
        event, = next(body["payload"] for body in bodies if "traits" in body["payload"][0])
        assert (event["message_id"], event["event_type"]) == ("m-1", "image.upload")
    finally:
        server.kill()


def test_a_gnocchi_elsewhere_hears_of_an_image_that_has_gone_already(tmp_path, broker):
    """Both notifications come long after their time: what is made then must not start after it ends."""
    port, = harness.free_ports(1)
    (tmp_path / "gnocchi").mkdir()
    gnocchi = harness.Server(tmp_path / "gnocchi", f"[gnocchi]\nauth_mode = basic\nlisten = 127.0.0.1:{port}\n").start()
    server = publishing_server(tmp_path, broker, (), [f"gnocchi://admin:@127.0.0.1:{port}"])
    try:
        wait_connected(server.client())
        publisher, made_at = rabbit.Publisher(broker), int(time.time()) - 1000
        for what, at in (("create", made_at), ("delete", made_at + 60)):
            publisher.send(rabbit.envelope(f"image.{what}", {"id": "i", "name": "web", "owner": "p"}, at=at,
                                           publisher="image.host"), "glance")
        foreign = harness.Client(f"http://127.0.0.1:{port}")
        def image():
            return foreign.request("GET", "/v1/resource/generic/i", None, {"Authorization": "basic YWRtaW46"})
        harness.wait_for("the image's end", lambda: image().status == 200 and image().json["ended_at"])
        stamps = [time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(at)) for at in (made_at, made_at + 60)]
        assert [image().json["started_at"], image().json["ended_at"]] == stamps
        told, = server.client().get("/api/v1/telemetry").json["publishers"]
        assert (told["dropped"], told["failures"]) == (0, 0)
    finally:
        server.kill()
        gnocchi.kill()
