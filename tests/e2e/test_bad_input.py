"""What is malformed gets the documented status and a message that names the fault, and changes nothing."""
import base64
import gzip
import hashlib
import hmac
import json
import time

import harness


def test_bad_requests_to_the_otlp_door_are_refused_and_change_nothing(server):
    client = server.client()
    good = json.dumps(harness.otlp_gauge("m", [(time.time(), 1.0)])).encode()
    js, pb = "application/json", "application/x-protobuf"
    cases = [
        ("not JSON", b"{", {"Content-Type": js}, 400),
        ("JSON of another shape", b'{"resourceMetrics": 7}', {"Content-Type": js}, 400),
        ("not protobuf", b"\xff\xff\xff\xff\x0f garbage", {"Content-Type": pb}, 400),
        ("truncated protobuf", b"\x0a\x7f\x0a", {"Content-Type": pb}, 400),
        ("no content type", good, {}, 415),
        ("another content type", good, {"Content-Type": "text/plain"}, 415),
        ("an unknown coding", good, {"Content-Type": js, "Content-Encoding": "br"}, 415),
        ("a broken coding", b"nonsense", {"Content-Type": js, "Content-Encoding": "gzip"}, 400),
        ("a bomb", gzip.compress(b" " * (100 << 20)), {"Content-Type": js, "Content-Encoding": "gzip"}, 413),
        ("a batch id without an agent", good, {"Content-Type": js, "Sentinella-Batch": "ff-1"}, 400),
    ]
    for what, body, headers, status in cases:
        answer = client.request("POST", "/otlp/v1/metrics", body, {"Content-Type": "", **headers})
        assert answer.status == status, (what, answer)
        error = answer.json["error"]
        assert error["message"] and error["code"], what
    oversize = client.request("POST", "/otlp/v1/metrics", b"x" * (17 << 20), {"Content-Type": js})
    assert oversize.status == 413
    assert client.get("/api/v1/status").json["intake"]["log_records"] == 0
    # What comes later is there: then the others would be.
    assert harness.send(client, "metrics", harness.otlp_gauge("later", [(time.time(), 1.0)])).status == 200

    def series(metric):
        return client.get("/api/v1/samples", metric=metric, **{"from": "now-5m", "to": "now"}).json["series"]
    harness.wait_for("the good sample", lambda: series("later"))
    assert series("m") == []
    assert client.request("POST", "/otlp/v1/metrics", good, {"Content-Type": js}).status == 200


def forge(claims, key, algorithm="HS256"):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    head = encode(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    body = encode(json.dumps(claims).encode())
    signature = encode(hmac.new(key, f"{head}.{body}".encode(), hashlib.sha256).digest()) if key else ""
    return f"{head}.{body}.{signature}"


def test_bad_credentials_are_refused(server, tmp_path, programs):
    claims = {"sub": "x", "aud": "user", "iat": 0, "exp": time.time() + 3600, "jti": "1"}
    for what, header in [
        ("none", None), ("garbage", "Bearer garbage"), ("an unknown key", "Bearer snt_" + "A" * 43),
        ("a forged token", "Bearer " + forge(claims, b"guess")), ("alg none", "Bearer " + forge(claims, b"", "none")),
        ("another scheme", "Digest x"), ("bad basic", "Basic " + base64.b64encode(b"admin:wrong").decode()),
        ("not base64", "Basic !!!"),
    ]:
        answer = harness.Client(server.url).request("GET", "/api/v1/alerts",
                                                    headers={"Authorization": header} if header else {})
        assert answer.status == 401, (what, answer)
        assert answer.json["error"]["code"] == "unauthorized"


def test_an_expired_token_is_refused_and_renewed_by_the_cookie(tmp_path, programs):
    server = harness.Server(tmp_path, config="[auth]\naccess_life = 1s\n").start()
    programs.append(server)
    boot = server.bootstrap
    login = harness.Client(server.url).post("/api/v1/auth/login", {"name": boot["admin_user"], "password": boot["admin_password"]})
    assert login.status == 200
    assert "admin_password" not in server.bootstrap, "the password stays in bootstrap.json after the first login"
    token = login.json["access_token"]
    assert harness.Client(server.url, token).get("/api/v1/auth/me").status == 200
    time.sleep(2.1)
    expired = harness.Client(server.url, token).get("/api/v1/auth/me")
    assert expired.status == 401 and "expired" in expired.json["error"]["message"]
    cookie = login.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/api/v1/auth" in cookie
    renewed = harness.Client(server.url).request("POST", "/api/v1/auth/refresh",
                                                 headers={"Cookie": cookie.split(";")[0]})
    assert renewed.status == 200
    assert harness.Client(server.url, renewed.json["access_token"]).get("/api/v1/auth/me").status == 200


def test_wrong_and_unknown_users_get_the_same_answer(server):
    anyone = harness.Client(server.url)
    wrong = anyone.post("/api/v1/auth/login", {"name": "admin", "password": "wrong"})
    unknown = anyone.post("/api/v1/auth/login", {"name": "nobody", "password": "wrong"})
    assert wrong.status == unknown.status == 401
    assert wrong.json["error"]["message"] == unknown.json["error"]["message"]


def test_rule_errors_name_line_and_key(server):
    client = server.client()
    yaml = {"Content-Type": "application/yaml"}
    before = client.get("/api/v1/rules").json["items"]
    unknown = client.post("/api/v1/rules", b"id: x\nkind: gauge\nexprr: last(y)\n", headers=yaml)
    assert unknown.status == 400
    error = unknown.json["error"]
    assert error["field"] == "exprr" and "line 3" in error["message"] and "did you mean expr" in error["message"]
    for text in (b"id: [", b"kind: gauge", b"id: x\nkind: nonsense", b"- id: a\n- id: b",
                 b"id: x\nkind: tailable\nevent: X\ntier: info\nsummary: s\nmatch: {pattern: \"(\"}",
                 b"id: p\nkind: binary\nevent: X\ntier: page\nsummary: s\ncheck: {process: a}"):
        assert client.post("/api/v1/rules", text, headers=yaml).status == 400, text
    assert client.get("/api/v1/rules").json["items"] == before


def test_unknown_routes_methods_and_parameters_are_told_apart(server):
    client = server.client()
    assert client.get("/api/v1/nothing").status == 404
    wrong_method = client.request("DELETE", "/api/v1/overview")
    assert wrong_method.status == 405 and "GET" in wrong_method.headers["Allow"]
    misspelt = client.get("/api/v1/logs/search", sevrity="ERROR")
    assert misspelt.status == 400 and misspelt.json["error"]["field"] == "sevrity"
    for parameter, value in (("limit", "-1"), ("limit", "many"), ("from", "yesterday-ish"), ("severity", "LOUD"),
                             ("cursor", "!!!")):
        answer = client.get("/api/v1/logs/search", **{parameter: value})
        assert answer.status == 400 and answer.json["error"]["field"] == parameter, (parameter, answer)


def test_roles_bound_what_a_key_may_do(server):
    admin = server.client()
    viewer = server.client(admin.post("/api/v1/keys", {"name": "v", "role": "viewer"}).json["key"])
    responder = server.client(admin.post("/api/v1/keys", {"name": "r", "role": "responder"}).json["key"])
    assert viewer.get("/api/v1/alerts").status == 200
    assert viewer.get("/api/v1/users").status == 403
    assert viewer.post("/api/v1/changes", {"type": "deploy", "summary": "x"}).status == 403
    assert harness.send(viewer, "metrics", harness.otlp_gauge("m", [(time.time(), 1.0)])).status == 403
    assert responder.post("/api/v1/rules", {"yaml": "id: x"}).status == 403
    assert responder.post("/api/v1/alerts/00000000-0000-4000-8000-000000000000/actions", {"action": "ack"}).status == 404
