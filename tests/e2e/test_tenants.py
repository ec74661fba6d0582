"""Two accounts on one server: nothing of one is visible to the other, through any door."""
import contextlib
import http.client
import threading
import time

import harness
import pytest

SECRET = "TOPSECRET"


@pytest.fixture
def two_accounts(server):
    """Clients of accounts 'default' and 'other', both admins; default has one of everything, named SECRET."""
    root = server.client()
    answer = root.post("/api/v1/accounts", {"name": "other", "admin_user": "other-admin",
                                            "admin_password": "correct horse battery"})
    assert answer.status == 201, answer
    login = harness.Client(server.url).post("/api/v1/auth/login",
                                            {"name": "other-admin", "password": "correct horse battery"})
    assert login.status == 200, login
    other = harness.Client(server.url, login.json["access_token"])

    host = f"{SECRET}-host"
    assert harness.send(root, "metrics", harness.otlp_gauge("secret_metric", [(time.time(), 1.0)], host=host)).status == 200
    assert harness.send(root, "logs", harness.otlp_logs([f"{harness.oslo_time()} 1 CRITICAL x [-] {SECRET} line"],
                                                        host=host, service=f"{SECRET}-service")).status == 200
    rule = f"id: {SECRET.lower()}-rule\nkind: tailable\nevent: {SECRET}\ntier: info\nsummary: {SECRET}\nmatch: {{pattern: {SECRET}}}\n"
    assert root.post("/api/v1/rules", rule.encode(), headers={"Content-Type": "application/yaml"}).status == 201
    assert harness.send(root, "logs", harness.otlp_logs([f"{SECRET} again"], host=host)).status == 200
    ids = {
        "alert": harness.wait_for("an alert", lambda: [a["id"] for a in root.items("/api/v1/alerts") if a["event"] == SECRET])[0],
        "log": harness.wait_for("a line", lambda: root.items("/api/v1/logs/search", q=SECRET))[0]["id"],
        "rule": f"{SECRET.lower()}-rule",
        "channel": harness.add_webhook(root, f"http://127.0.0.1:9/{SECRET}"),
        "cloud": root.post("/api/v1/clouds", {"name": SECRET, "location": SECRET}).json["id"],
        "user": root.post("/api/v1/users", {"name": f"{SECRET.lower()}-user", "password": "long enough for this", "role": "viewer"}).json["id"],
        "key": root.post("/api/v1/keys", {"name": SECRET, "role": "viewer"}).json["id"],
        "host": host,
    }
    assert root.post("/api/v1/changes", {"type": "deploy", "summary": SECRET, "host": host}).status == 201
    return root, other, ids


def get_routes(server):
    document = harness.Client(server.url).get("/api/v1/openapi.json").json
    return [path for path, item in document["paths"].items() if "get" in item]


def fill(path, ids):
    for name, value in (("{host}", ids["host"]),):
        path = path.replace(name, value)
    kind = path.split("/")[3].rstrip("s") if path.startswith("/api/v1/") else ""
    return path.replace("{id}", ids.get(kind, "00000000-0000-4000-8000-000000000000"))


# Without anybody's data, or streams without an end, which have tests of their own.
OPEN = {"/api/v1/openapi.json", "/api/v1/stream", "/api/v1/logs/tail", "/healthz", "/readyz"}


def test_every_readable_route_hides_the_other_accounts_things(server, two_accounts):
    root, other, ids = two_accounts
    seen_by_owner = 0
    for pattern in get_routes(server):
        if pattern in OPEN:
            continue
        path = fill(pattern, ids).replace("{name}", "__name__")
        if pattern == "/api/v1/samples":
            path += "?metric=secret_metric&from=now-1h&to=now"
        mine, theirs = root.get(path), other.get(path)
        seen_by_owner += SECRET.encode() in mine.body or SECRET.lower().encode() in mine.body
        assert SECRET.encode() not in theirs.body and SECRET.lower().encode() not in theirs.body, path
        if pattern.startswith("/api/v1/") and "{" in pattern:
            assert theirs.status in (403, 404), (path, theirs)
    assert seen_by_owner >= 12, "the owner itself saw little: the test would not notice a leak"


def test_nobody_changes_the_other_accounts_things(server, two_accounts):
    root, other, ids = two_accounts
    attempts = [
        ("POST", f"/api/v1/alerts/{ids['alert']}/actions", {"action": "close"}),
        ("PUT", f"/api/v1/rules/{ids['rule']}", {"yaml": "id: x", "enabled": False, "version": 1}),
        ("DELETE", f"/api/v1/rules/{ids['rule']}", None),
        ("DELETE", f"/api/v1/channels/{ids['channel']}", None),
        ("POST", f"/api/v1/channels/{ids['channel']}/test", None),
        ("DELETE", f"/api/v1/clouds/{ids['cloud']}", None),
        ("DELETE", f"/api/v1/users/{ids['user']}", None),
        ("DELETE", f"/api/v1/keys/{ids['key']}", None),
        ("PUT", f"/api/v1/nodes/{ids['host']}", {"cloud_id": ""}),
        ("DELETE", f"/api/v1/nodes/{ids['host']}", None),
        ("POST", "/api/v1/accounts", {"name": "third", "admin_user": "third-admin", "admin_password": "long enough for this"}),
    ]
    for method, path, body in attempts:
        answer = other.request(method, path, body)
        assert answer.status in (400, 403, 404), (method, path, answer)
    assert root.get(f"/api/v1/alerts/{ids['alert']}").json["alert"]["status"] == "open"
    for path in (f"/api/v1/rules/{ids['rule']}", f"/api/v1/channels/{ids['channel']}", f"/api/v1/nodes/{ids['host']}"):
        assert root.get(path).status == 200, path


def test_the_live_stream_carries_only_ones_own_news(server, two_accounts):
    root, other, ids = two_accounts
    streams = {name: open_stream(client) for name, client in (("root", root), ("other", other))}
    assert root.post("/api/v1/changes", {"type": "deploy", "summary": SECRET + " 2"}).status == 201
    harness.wait_for("the owner's news", lambda: SECRET in streams["root"]())
    time.sleep(0.3)
    assert "event: hello" in streams["other"]()
    assert SECRET not in streams["other"]()


def test_the_live_tail_carries_only_ones_own_lines(server, two_accounts):
    root, other, ids = two_accounts
    tails = {name: open_stream(client, "/api/v1/logs/tail") for name, client in (("root", root), ("other", other))}
    for client, line in ((root, f"{SECRET} in the tail"), (other, "a line of the other")):
        assert harness.send(client, "logs", harness.otlp_logs([line], host="h")).status == 200
    harness.wait_for("the owner's line", lambda: SECRET in tails["root"]())
    harness.wait_for("the other's line", lambda: "a line of the other" in tails["other"]())
    time.sleep(0.3)
    assert SECRET not in tails["other"]()
    assert "a line of the other" not in tails["root"]()


def open_stream(client, path="/api/v1/stream"):
    """Starts reading a stream of events; the returned function gives the text so far."""
    connection = http.client.HTTPConnection(client.url.hostname, client.url.port, timeout=30)
    connection.request("GET", path, headers={"Authorization": f"Bearer {client.token}"})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    text = []

    def read():
        with contextlib.suppress(OSError, http.client.HTTPException):
            while chunk := response.read1(65536):
                text.append(chunk.decode())

    threading.Thread(target=read, daemon=True).start()
    return lambda: "".join(text)


def test_metrics_and_health_hold_no_tenant_data(server, two_accounts):
    for path in ("/metrics", "/healthz", "/readyz", "/api/v1/openapi.json"):
        answer = harness.Client(server.url).get(path)
        assert answer.status == 200, (path, answer)
        assert SECRET.encode() not in answer.body and b"default" not in answer.body or path.endswith("openapi.json"), path
