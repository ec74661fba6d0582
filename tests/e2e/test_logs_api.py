"""Logs are searched, counted and told as a story over HTTP and on the command line."""
import json
import subprocess
import time

import harness

REQUEST = "req-aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
TRACEBACK = "\n".join([
    "Traceback (most recent call last):",
    '  File "/usr/lib/python3/dist-packages/nova/virt/libvirt/driver.py", line 7718, in _create_guest',
    "    guest.launch()",
    "nova.exception.VirtualInterfaceCreateException: Virtual Interface creation failed"])


def command(server, *arguments):
    return subprocess.run([harness.BIN / "sentinella-server", "logs", *arguments, "--data-dir", server.data], text=True,
                          timeout=30, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def line(level, text):
    return f"{harness.oslo_time()} 1 {level} nova.x [None {REQUEST} - - - - - -] {text}"


def test_a_failed_boot_is_found_counted_and_told(server):
    client = server.client()
    harness.send(client, "logs", harness.otlp_logs([line("INFO", "POST /servers")], host="controller"))
    harness.send(client, "logs", harness.otlp_logs([line("ERROR", "Instance failed to spawn") + "\n" + TRACEBACK],
                                                   host="compute1", service="nova-compute"))
    harness.wait_for("both records", lambda: len(client.items("/api/v1/logs/search", q="service:nova-*")) == 2)
    assert [r["host"] for r in client.items("/api/v1/logs/search", q="severity>=error -nothing")] == ["compute1"]

    counted = client.get("/api/v1/logs/query", q="| count by service").json
    assert counted["columns"] == ["service", "count"] and ["nova-compute", 1] in counted["rows"]
    assert sum(b["error"] for b in client.get("/api/v1/logs/histogram").json["buckets"]) == 1

    story = client.get("/api/v1/logs/backtrace", id=REQUEST).json
    assert sorted(story["lanes"]) == ["nova-api", "nova-compute"]
    failed = next(r for r in story["records"] if r["first_error"])
    assert "driver.py:7718 in _create_guest" in failed["last_frame"]
    assert client.items(f"/api/v1/logs/{failed['id']}/context")[0]["id"] == failed["id"]
    exported = client.get("/api/v1/logs/export", format="csv", q="spawn")
    assert "attachment" in exported.headers["Content-Disposition"]


def test_an_export_is_sent_as_it_is_read_and_says_how_many_there_are(server):
    client = server.client()
    text = "".join(f"{harness.oslo_time()} 1 INFO nova.x [-] number {n:05d}\n" for n in range(12_000))
    assert client.post("/api/v1/logs/lines?host=h1&service=nova-api", text.encode(), headers={"Content-Type": "text/plain"}).status == 200
    harness.wait_for("the records", lambda: client.get("/api/v1/logs/query", q="number | count").json["rows"] == [[12_000]])
    whole = client.get("/api/v1/logs/export", q="number", format="raw", limit=1_000_000)
    assert len(set(whole.body.splitlines())) == 12_000
    assert whole.headers["X-Total-Count"] == "12000" and whole.headers["X-Complete"] == "true"
    assert whole.headers["Transfer-Encoding"] == "chunked"
    part = client.get("/api/v1/logs/export", q="number", format="raw", limit=7_000)
    assert len(part.body.splitlines()) == 7_000 and part.headers["X-Complete"] == "false"


def test_an_alert_without_a_request_is_told_from_its_service_and_what_that_needs(server):
    client = server.client()
    said = {("controller", "rabbitmq-server"): "closing AMQP connection", ("compute1", "nova-compute"): "AMQP server lost",
            ("compute9", "nova-compute"): "somebody else's"}
    for (host, service), text in said.items():
        text = f"{harness.oslo_time()} 1 ERROR x [-] {text}"
        harness.send(client, "logs", harness.otlp_logs([text], host=host, service=service, source=f"/var/log/{service}.log"))
    harness.wait_for("the records", lambda: len(client.items("/api/v1/logs/search", q="severity:error")) == 3)
    labels = {"alertname": "Stuck", "host": "compute1", "service": "nova-compute", "instance": "compute1"}
    assert client.post("/alertmanager/api/v2/alerts", [{"labels": labels}]).status == 200
    alert = harness.wait_for("the alert", lambda: client.items("/api/v1/alerts"))[0]
    story = client.get("/api/v1/logs/backtrace", id=alert["id"]).json
    assert story["start"]["by"] == "around", story["start"]
    told = dict(zip(story["lanes"], story["lane_reasons"]))
    assert told == {"nova-compute": "its service", "rabbitmq-server": "passes messages through it"}, told
    shown = command(server, "backtrace", alert["id"])
    assert "nova-compute on compute1 and what it needs" in shown.stdout, shown.stderr
    assert "rabbitmq-server: passes messages through it" in shown.stdout and "somebody" not in shown.stdout


def test_the_terminal_shows_the_same(server):
    client = server.client()
    harness.send(client, "logs", harness.otlp_logs([line("ERROR", "boom \x1b[2J")], host="compute1"))
    harness.wait_for("the record", lambda: client.items("/api/v1/logs/search", q="boom"))
    found = command(server, "search", "boom")
    assert found.returncode == 0, found.stderr
    assert "compute1 nova-api ERROR" in found.stdout and "\x1b" not in found.stdout
    counted = command(server, "search", "boom | count by host")
    assert counted.stdout.split() == ["host", "count", "compute1", "1"], counted.stderr
    patterns = command(server, "search", "boom | patterns").stdout.splitlines()
    assert patterns[0].split() == ["count", "before", "change", "trend", "severity", "first", "last", "pattern"]
    assert "█" in patterns[1] and "ERROR" in patterns[1] and "boom" in patterns[1], patterns
    told = command(server, "backtrace", REQUEST)
    assert "first error" in told.stdout, told.stderr
    refused = command(server, "search", "(boom")
    assert refused.returncode == 64 and "not closed" in refused.stderr


def test_following_shows_what_comes(server):
    client = server.client()
    harness.send(client, "logs", harness.otlp_logs([line("INFO", "before")]))
    harness.wait_for("the record", lambda: client.items("/api/v1/logs/search", q="before"))
    follower = subprocess.Popen([harness.BIN / "sentinella-server", "logs", "search", "--follow", "--data-dir", server.data],
                                text=True, stdout=subprocess.PIPE)
    try:
        assert "before" in follower.stdout.readline()
        harness.send(client, "logs", harness.otlp_logs([line("INFO", "after")]))
        assert "after" in follower.stdout.readline()
    finally:
        follower.kill()
        follower.wait()


def events_of(response):
    """Server-sent events as (event, data, id), heartbeats left out."""
    event = {}
    for text in response:
        name, _, value = text.decode().rstrip("\n").partition(": ")
        if name:
            event[name] = value
        elif "data" in event:
            yield event.get("event"), json.loads(event["data"]), event.get("id")
            event = {}
        else:
            event = {}


def open_tail(client, path, last_id=""):
    connection = client.connect()
    connection.request("GET", path, headers={"Authorization": f"Bearer {client.token}", "Last-Event-ID": last_id})
    return connection.getresponse()


def test_the_live_tail_shows_what_matches_within_a_second_and_resumes(server):
    client = server.client()
    harness.send(client, "logs", harness.otlp_logs([line("INFO", "boom before")]))
    harness.wait_for("the record", lambda: client.items("/api/v1/logs/search", q="boom"))
    tail = events_of(open_tail(client, "/api/v1/logs/tail?q=boom&lines=10"))
    assert next(tail)[1]["message"] == "boom before"
    sent = time.monotonic()
    harness.send(client, "logs", harness.otlp_logs([line("INFO", "quiet"), line("ERROR", "boom live")]))
    event, record, last = next(tail)
    assert time.monotonic() - sent < 1 and (event, record["message"]) == ("log", "boom live")
    harness.send(client, "logs", harness.otlp_logs([line("INFO", "boom while away")]))
    harness.wait_for("the record", lambda: client.items("/api/v1/logs/search", q="away"))
    resumed = events_of(open_tail(client, "/api/v1/logs/tail?q=boom", last))
    assert next(resumed)[1]["message"] == "boom while away"
    assert client.get("/api/v1/logs/tail", q="(boom").status == 400
    assert client.get("/api/v1/logs/tail", q="| count").status == 400


def test_a_flood_is_counted_not_shown(server):
    client = server.client()
    tail = events_of(open_tail(client, "/api/v1/logs/tail?q=flood"))
    for _ in range(3):
        harness.send(client, "logs", harness.otlp_logs([line("INFO", f"flood {i}") for i in range(1000)]))
    shown = dropped = 0
    while shown + dropped < 3000:
        event, data, _ = next(tail)
        shown, dropped = shown + (event == "log"), dropped + (data["count"] if event == "dropped" else 0)
    assert shown + dropped == 3000 and dropped > 0


def test_what_is_logged_how_is_told(server):
    client = server.client()
    harness.send(client, "logs", harness.otlp_logs([line("DEBUG", "polling"), "no line of any format"], host="compute1"))
    levels = harness.wait_for("the level", lambda: client.items("/api/v1/logs/levels"))
    assert [(one["host"], one["service"], one["debug_on"]) for one in levels] == [("compute1", "nova-api", True)]
    sources = harness.wait_for("both records", lambda: [one for one in client.items("/api/v1/logs/sources") if one["records"] == 2])
    assert (sources[0]["unparsed"], sources[0]["unparsed_text"]) == (1, "no line of any format")
    assert client.get("/api/v1/logs/retention").json["max_age_seconds"] == 30 * 86400


def test_a_password_in_a_log_does_not_leave_its_host(tmp_path, server, programs):
    service = harness.Service(tmp_path, "nova-compute").start()
    programs.append(service)
    programs.append(harness.Agent(tmp_path, server, [service], interval_seconds=1).start())
    time.sleep(1)
    service.say("ERROR", "AMQP server rabbit://nova:hunter2@ctl-1:5672 is unreachable, admin_password=hunter2")
    service.say("ERROR", "nothing to hide")
    client = server.client()
    found = harness.wait_for("the line", lambda: client.items("/api/v1/logs/search", q="unreachable"))[0]
    assert "rabbit://nova:***@ctl-1:5672 is unreachable, admin_password=***" in found["message"]
    assert "masked" in found["flags"]
    plain = harness.wait_for("the other", lambda: client.items("/api/v1/logs/search", q='"nothing to hide"'))[0]
    assert "masked" not in plain["flags"]
    assert b"hunter2" not in client.get("/api/v1/logs/export", format="raw").body
