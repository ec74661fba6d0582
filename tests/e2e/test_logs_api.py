"""Logs are searched, counted and told as a story over HTTP and on the command line."""
import subprocess

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


def test_the_terminal_shows_the_same(server):
    client = server.client()
    harness.send(client, "logs", harness.otlp_logs([line("ERROR", "boom \x1b[2J")], host="compute1"))
    harness.wait_for("the record", lambda: client.items("/api/v1/logs/search", q="boom"))
    found = command(server, "search", "boom")
    assert found.returncode == 0, found.stderr
    assert "compute1 nova-api ERROR" in found.stdout and "\x1b" not in found.stdout
    counted = command(server, "search", "boom | count by host")
    assert counted.stdout.split() == ["host", "count", "compute1", "1"], counted.stderr
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
