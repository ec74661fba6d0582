"""The OpenAPI document and the running server say the same."""
import time

import harness
import jsonschema


def resolver(document):
    return jsonschema.RefResolver.from_schema(document)


def schema_of(document, path, method, status):
    responses = document["paths"][path][method]["responses"]
    response = responses.get(str(status)) or responses.get("default")
    assert response, f"{method} {path} answered {status}, which the document does not have"
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].split("/")[-1]]
    return response.get("content", {}).get("application/json", {}).get("schema")


def check(document, path, method, answer):
    schema = schema_of(document, path, method, answer.status)
    if schema is not None:
        jsonschema.Draft202012Validator(schema, resolver=resolver(document)).validate(answer.json)


def test_answers_fit_their_schemas(server):
    boot = server.bootstrap
    login = {"name": boot["admin_user"], "password": boot["admin_password"]}
    client = server.client(server.client().post("/api/v1/auth/login", login).json["access_token"])
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"].startswith("3.1")
    harness.send(client, "metrics", harness.otlp_gauge("m", [(time.time(), 1.0)]))
    harness.send(client, "logs", harness.otlp_logs([f"{harness.oslo_time()} 1 CRITICAL a.b [-] boom"]))
    alert = harness.wait_for("an alert", lambda: client.items("/api/v1/alerts"))[0]["id"]
    channel = harness.add_webhook(client, "http://127.0.0.1:9/x")
    line = client.items("/api/v1/logs/search")[0]["id"]
    rule = client.items("/api/v1/rules")[0]["id"]
    ids = {"alerts": alert, "channels": channel, "logs": line, "rules": rule}
    checked = 0
    for path, item in document["paths"].items():
        if "get" not in item or path in ("/api/v1/stream", "/api/v1/logs/tail", "/metrics"):
            continue
        real = path.replace("{host}", "h1").replace("{id}", ids.get((path.split("/") + [""] * 4)[3], "none"))
        if path == "/api/v1/samples":
            real += "?metric=m&from=now-1h&to=now"
        if path == "/api/v1/logs/query":
            real += "?q=%7C%20count%20by%20service"
        if path == "/api/v1/logs/backtrace":
            real += "?id=req-1"
        if path.startswith("/prometheus/"):
            real = path.replace("{name}", "host") + "?query=m&start=0&end=1&step=1&match[]=m"
        if path == "/influxdb/query":
            real += "?q=CREATE%20DATABASE%20db"
        answer = client.get(real)
        if "application/json" in answer.headers.get("Content-Type", ""):
            check(document, path, "get", answer)
        assert answer.status in (200, 204, 404), (real, answer)
        checked += answer.status == 200
    assert checked >= 18, checked
    bad = client.post("/api/v1/rules", {"yaml": "x"})
    check(document, "/api/v1/rules", "post", bad)
    made = client.post("/api/v1/changes", {"type": "deploy", "summary": "v2"})
    check(document, "/api/v1/changes", "post", made)
