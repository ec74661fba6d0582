"""Gnocchi's API as its clients meet it: a listener of its own, Keystone's tokens, a crash."""
import contextlib
import http.server
import json
import random
import subprocess
import threading
import time

import harness
import pytest


class Keystone:
    """Stands in for Keystone: two tokens, and a count of how often it was asked about one."""
    OWNERS = {"admin-token": ("u-admin", "p-admin", ["admin"]), "member-token": ("u-member", "p-member", ["member"]),
              "other-token": ("u-other", "p-other", ["member"])}

    def __init__(self):
        self.asked, self.logins = [], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, body, **headers):
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name.replace("_", "-"), value)
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self):
                login = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                user = login["auth"]["identity"]["password"]["user"]
                outer.logins += 1
                good = (user["name"], user["password"]) == ("sentinella", "secret")
                self.answer(201 if good else 401, {}, **({"X_Subject_Token": "service-token"} if good else {}))

            def do_GET(self):
                outer.asked.append(self.headers["X-Subject-Token"])
                owner = outer.OWNERS.get(self.headers["X-Subject-Token"])
                if self.headers["X-Auth-Token"] != "service-token":
                    return self.answer(401, {})
                if owner is None:
                    return self.answer(404, {})
                user, project, roles = owner
                expires = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() + 3600))
                self.answer(200, {"token": {"user": {"id": user}, "project": {"id": project}, "expires_at": expires,
                                            "roles": [{"name": role} for role in roles]}})

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v3"


def start(tmp_path, config):
    return contextlib.closing(Started(tmp_path, config))


class Started:
    def __init__(self, tmp_path, config):
        self.server = harness.Server(tmp_path, "[gnocchi]\n" + config).start()

    def request(self, method, path, body=None, **headers):
        client = harness.Client(self.server.url)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.request(method, "/gnocchi" + path, body, {"Accept": "application/json", **named})

    def close(self):
        self.server.kill()


BASIC = {"Authorization": "basic YWRtaW46"}


def test_a_token_is_checked_with_keystone_once(tmp_path):
    keystone = Keystone()
    with start(tmp_path, f"auth_mode = keystone\nkeystone_url = {keystone.url}\nkeystone_user = sentinella\n"
                         "keystone_password = secret\n") as gnocchi:
        made = gnocchi.request("POST", "/v1/metric", {"archive_policy_name": "low", "name": "cpu"},
                               X_Auth_Token="member-token")
        assert made.status == 201, made
        assert made.json["creator"] == "u-member:p-member"
        path = f"/v1/metric/{made.json['id']}/measures"
        for second in range(20):
            measure = [{"timestamp": 1772446200 + second, "value": second}]
            assert gnocchi.request("POST", path, measure, X_Auth_Token="member-token").status == 202
        assert keystone.asked == ["member-token"] and keystone.logins == 1
        for _ in range(3):
            assert gnocchi.request("GET", path, X_Auth_Token="forged").status == 401
        assert keystone.asked.count("forged") == 1


def test_with_keystone_everybody_sees_the_own_project(tmp_path):
    keystone = Keystone()
    with start(tmp_path, f"auth_mode = keystone\nkeystone_url = {keystone.url}\nkeystone_user = sentinella\n"
                         "keystone_password = secret\n") as gnocchi:
        body = {"id": "vm1", "project_id": "p-member", "metrics": {"cpu": {"archive_policy_name": "low"}}}
        assert gnocchi.request("POST", "/v1/resource/generic", body, X_Auth_Token="admin-token").status == 201
        seen = {token: [one["original_resource_id"] for one in
                        gnocchi.request("GET", "/v1/resource/generic", X_Auth_Token=token).json]
                for token in Keystone.OWNERS}
        assert seen == {"admin-token": ["vm1"], "member-token": ["vm1"], "other-token": []}
        assert len(gnocchi.request("GET", "/v1/metric", X_Auth_Token="member-token").json) == 1
        assert gnocchi.request("GET", "/v1/metric", X_Auth_Token="other-token").json == []
        assert gnocchi.request("GET", "/v1/status", X_Auth_Token="member-token").status == 403


def test_without_keystone_nobody_comes_in_and_everybody_is_told_to_try_again(tmp_path):
    with start(tmp_path, "auth_mode = keystone\nkeystone_url = http://127.0.0.1:1/v3\n") as gnocchi:
        assert gnocchi.request("GET", "/v1/metric", X_Auth_Token="member-token").status == 503
        assert gnocchi.request("GET", "/v1/metric").status == 401


def test_a_listener_of_its_own_has_the_api_at_the_root(tmp_path):
    port, = harness.free_ports(1)
    with start(tmp_path, f"auth_mode = basic\nlisten = 127.0.0.1:{port}\n"):
        client = harness.Client(f"http://127.0.0.1:{port}")
        answer = client.request("GET", "/", headers=BASIC)
        assert answer.json["versions"][0]["links"][0]["href"] == f"http://127.0.0.1:{port}/v1/"
        made = client.request("POST", "/v1/resource/generic", {"id": "vm 1"}, BASIC)
        assert made.headers["Location"].startswith(f"http://127.0.0.1:{port}/v1/resource/generic/")


def test_what_was_answered_is_there_after_a_crash(tmp_path):
    with start(tmp_path, "auth_mode = basic\n") as gnocchi:
        body = {"id": "vm1", "metrics": {"cpu": {"archive_policy_name": "high"}}}
        assert gnocchi.request("POST", "/v1/resource/generic", body, **BASIC).status == 201
        measures = {"vm1": {"cpu": [{"timestamp": 1772446200 + i, "value": i} for i in range(100)],
                            "mem": {"archive_policy_name": "low", "measures": [{"timestamp": 1772446200, "value": 5}]}}}
        path = "/v1/batch/resources/metrics/measures?create_metrics=true"
        assert gnocchi.request("POST", path, measures, **BASIC).status == 202
        gnocchi.server.kill()
        gnocchi.server.start()
        rows = gnocchi.request("GET", "/v1/resource/generic/vm1/metric/cpu/measures?granularity=1", **BASIC).json
        assert [row[2] for row in rows] == list(range(100))
        rows = gnocchi.request("GET", "/v1/resource/generic/vm1/metric/mem/measures", **BASIC).json
        assert rows == [["2026-03-02T10:10:00+00:00", 300.0, 5.0]]
        # Later samples continue the series.
        more = {"vm1": {"cpu": [{"timestamp": 1772446300, "value": 100}]}}
        assert gnocchi.request("POST", path, more, **BASIC).status == 202
        rows = gnocchi.request("GET", "/v1/resource/generic/vm1/metric/cpu/measures?granularity=1", **BASIC).json
        assert len(rows) == 101


def fill_gnocchi(gnocchi):
    """A policy, a rule, a type, a resource that moved, metrics with and without a resource, measures."""
    def ask(method, path, body):
        answer = gnocchi.request(method, "/v1" + path, body, **BASIC)
        assert answer.status < 300, (path, answer)
        return answer.json if answer.body else None
    ask("POST", "/archive_policy", {"name": "fine", "back_window": 2, "aggregation_methods": ["mean", "max", "rate:mean"],
                                    "definition": [{"granularity": 60, "points": 500}, {"granularity": 3600}]})
    ask("POST", "/archive_policy_rule", {"name": "all of cpu", "metric_pattern": "cpu*", "archive_policy_name": "fine"})
    ask("POST", "/resource_type", {"name": "vm", "attributes": {"host": {"type": "string", "max_length": 64},
                                                                "cores": {"type": "number", "required": False}}})
    ask("POST", "/resource/vm", {"id": "web-1", "host": "a", "project_id": "p", "started_at": "2026-03-01T00:00:00",
                                 "metrics": {"cpu": {"archive_policy_name": "fine", "unit": "%"}}})
    ask("PATCH", "/resource/vm/web-1", {"host": "b", "cores": 2})
    ask("PATCH", "/resource/vm/web-1", {"ended_at": "2026-03-03T00:00:00"})
    alone = ask("POST", "/metric", {"archive_policy_name": "low"})["id"]
    cpu = ask("GET", "/resource/vm/web-1", None)["metrics"]["cpu"]
    begin = 1772409600
    ask("POST", "/batch/metrics/measures", {
        cpu: [{"timestamp": begin + i * 60, "value": i % 13 + 0.5} for i in range(1440)],
        alone: [{"timestamp": begin + i * 300, "value": i} for i in range(50)]})
    return cpu, alone


def test_another_gnocchi_is_brought_over_with_its_past(tmp_path):
    (tmp_path / "old").mkdir(), (tmp_path / "new").mkdir()
    with start(tmp_path / "old", "auth_mode = basic\nmax_limit = 3\n") as old, \
            start(tmp_path / "new", "auth_mode = basic\n") as new:
        cpu, alone = fill_gnocchi(old)
        for number in range(9):  # several pages
            old.request("POST", "/v1/resource/generic", {"id": f"r{number}"}, **BASIC)
        def bring_over():
            return subprocess.run(
                [harness.BIN / "sentinella-server", "import", "gnocchi", "--from", old.server.url + "/gnocchi",
                 "--from-user", "admin", "--to-user", "admin", "--state", tmp_path / "state", "--data-dir",
                 new.server.data], capture_output=True, text=True, timeout=60)
        done = bring_over()
        assert done.returncode == 0, done.stderr
        assert "10 resources, 2 metrics, 565 measures" in done.stdout, done.stdout
        for path in ["/v1/archive_policy/fine", "/v1/archive_policy_rule/all%20of%20cpu", "/v1/resource_type/vm",
                     "/v1/resource/vm/web-1", "/v1/resource/vm/web-1/history", f"/v1/metric/{alone}",
                     f"/v1/metric/{cpu}/measures?aggregation=mean&granularity=60",
                     f"/v1/metric/{alone}/measures?aggregation=mean"]:
            assert new.request("GET", path, **BASIC).json == old.request("GET", path, **BASIC).json, path
        hourly = [gnocchi.request("GET", f"/v1/metric/{cpu}/measures?aggregation=mean&granularity=3600", **BASIC).json
                  for gnocchi in (old, new)]
        assert [row[0] for row in hourly[0]] == [row[0] for row in hourly[1]]
        again = bring_over()
        assert again.returncode == 0, again.stderr
        history = "/v1/resource/vm/web-1/history"
        assert new.request("GET", history, **BASIC).json == old.request("GET", history, **BASIC).json


SEEDS = [
    ("POST", "/v1/batch/metrics/measures", '{"00000000-0000-4000-8000-000000000001": [{"timestamp": 1, "value": 2}]}'),
    ("POST", "/v1/batch/resources/metrics/measures?create_metrics=true",
     '{"vm": {"cpu": {"archive_policy_name": "low", "measures": [{"timestamp": "2026-03-02", "value": "1"}]}}}'),
    ("POST", "/v1/search/resource/generic", '{"and": [{"=": {"project_id": "p"}}, {"not": {"like": {"id": "%"}}}]}'),
    ("POST", "/v1/search/metric?metric_id=00000000-0000-4000-8000-000000000001", '{"and": [{">=": [{"+": 23}, 50]}]}'),
    ("POST", "/v1/aggregates", '{"resource_type": "generic", "search": "id = vm", "operations": "(+ (metric cpu mean) 1)"}'),
    ("POST", "/v1/aggregates?fill=0", '{"operations": ["rolling", "mean", 2, ["metric", ["a", "mean"], ["b", "max"]]]}'),
    ("POST", "/v1/archive_policy", '{"name": "x", "definition": [{"granularity": "1 s", "points": 5, "timespan": 5}]}'),
    ("POST", "/v1/resource/generic", '{"id": "vm2", "started_at": 12, "metrics": {"a": {"archive_policy_name": "low"}}}'),
    ("POST", "/v1/resource_type", '{"name": "t", "attributes": {"a": {"type": "string", "min_length": 1}}}'),
    ("PATCH", "/v1/resource/generic/vm", '{"ended_at": "2026-01-01", "metrics": {}}'),
    ("POST", "/v1/influxdb/write?db=generic", "m,host=a,b=c f=1,g=2i 1510581804179554816"),
]
SPICE = ["{", "}", "[", "]", '"', ":", ",", "null", "-1", "1e400", "(", ")", "\\", "\x00", "é", "\\ud800", "not ", "9" * 30]


def test_no_body_makes_the_server_fail(tmp_path):
    rng = random.Random(7)
    with start(tmp_path, "auth_mode = basic\n") as gnocchi:
        gnocchi.request("POST", "/v1/resource/generic", {"id": "vm"}, **BASIC)
        for turn in range(1500):
            method, path, body = SEEDS[turn % len(SEEDS)]
            for _ in range(rng.randrange(4)):
                at = rng.randrange(len(body) + 1)
                body = body[:at] + rng.choice(SPICE) + body[at + rng.randrange(6):]
            data = body.encode("utf-8", "surrogatepass")
            answer = gnocchi.request(method, path, data, Content_Type="application/json", **BASIC)
            assert answer.status < 500, (method, path, body, answer)


@pytest.mark.parametrize("config,reason", [("auth_mode = magic\n", "auth_mode"), ("max_limits = 3\n", "max_limit")])
def test_a_wrong_option_is_named(tmp_path, config, reason):
    server = harness.Server(tmp_path, "[gnocchi]\n" + config).start(wait=False)
    server.process.wait(10)
    assert reason in server.log()
