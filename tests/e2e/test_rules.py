"""Rules that people bring: Prometheus' files, tests, lints, backtests, and how rules stand."""
import subprocess
import time

import harness

GROUP = """
groups:
- name: e2e
  interval: 1s
  rules:
  - record: job:depth:max
    expr: max(e2e_depth)
  - alert: DeepQueue
    expr: job:depth:max > 5
    labels: {severity: error, team: infra}
    annotations: {summary: "{{ $value }} wait"}
"""

OWN = """
id: own-depth
kind: gauge
event: OwnDepth
owner: infra
impact: work waits
expr: last(e2e_depth)
levels: {warning: {set: "> %s", clear: "< 2"}}
"""


def put(client, value):
    answer = harness.send(client, "metrics", harness.otlp_gauge("e2e_depth", [(time.time(), value)]))
    assert answer.status == 200, answer


def post_yaml(client, path, text):
    return client.post(path, text.encode(), headers={"Content-Type": "application/yaml"})


def test_a_prometheus_group_fires_resolves_and_is_shown_as_prometheus_shows_it(server):
    client = server.client()
    put(client, 9.0)
    answer = post_yaml(client, "/api/v1/rules", GROUP)
    assert answer.status == 201, answer
    assert answer.json["kind"] == "group" and len(answer.json["rules"]) == 2

    def live():
        return [a for a in client.items("/api/v1/alerts", status="open") if a["event"] == "DeepQueue"]

    alert = harness.wait_for("the alert", live, timeout=15)[0]
    assert alert["severity"] == "major" and alert["text"] == "9 wait"
    shown = client.get("/prometheus/api/v1/alerts").json["data"]["alerts"]
    mine = [a for a in shown if a["labels"]["alertname"] == "DeepQueue"]
    assert mine and mine[0]["state"] == "firing" and mine[0]["labels"]["team"] == "infra"
    groups = client.get("/prometheus/api/v1/rules").json["data"]["groups"]
    rules = {r["name"]: r for g in groups if g["name"] == "e2e" for r in g["rules"]}
    assert rules["job:depth:max"]["type"] == "recording" and rules["job:depth:max"]["health"] == "ok"
    assert rules["DeepQueue"]["state"] == "firing" and rules["DeepQueue"]["query"] == "job:depth:max > 5"
    put(client, 1.0)
    harness.wait_for("the end", lambda: not live(), timeout=15)


def test_an_edit_is_checked_and_compared_with_the_past(server):
    client = server.client()
    now = time.time()
    points = [(now - 600 + 10 * i, 8.0 if 20 <= i < 30 else 1.0) for i in range(60)]
    assert harness.send(client, "metrics", harness.otlp_gauge("e2e_depth", points)).status == 200
    # Durable is not yet readable; an empty store knows no names to compare with.
    harness.wait_for("the series", lambda: client.get("/prometheus/api/v1/series", **{"match[]": "e2e_depth"}).json["data"])
    bad = post_yaml(client, "/api/v1/rules", OWN.replace("last(e2e_depth)", "last(host_load1)") % 4)
    assert bad.status == 400 and "H4" in bad.json["error"]["message"], bad
    checked = post_yaml(client, "/api/v1/rules/check", OWN.replace("e2e_depth", "e2e_detph") % 4)
    assert any("did you mean e2e_depth" in f["text"] for f in checked.json["findings"]), checked.json
    assert post_yaml(client, "/api/v1/rules", OWN % 4).status == 201
    answer = client.post("/api/v1/rules/backtest", {"yaml": OWN % 20, "days": 0.5})
    assert answer.status == 200, answer
    assert answer.json["old"]["episodes"] == 1 and answer.json["new"]["episodes"] == 0, answer.json
    assert answer.json["only_old"] == 1
    put(client, 1.0)  # a rule begins with what comes after it
    shown = harness.wait_for("an instance", lambda: client.items("/api/v1/rules/own-depth/instances"))
    assert shown[0]["state"] == "ok"
    assert client.post("/api/v1/rules/own-depth/actions", {"action": "tier:info"}).json["tier"] == "info"
    assert client.get("/api/v1/rules/lint").json["total"] >= 0
    assert "infra" in client.get("/api/v1/rules/report").json["text"]


def test_rule_files_are_tested_and_linted_without_a_server(tmp_path):
    program = harness.BIN / "sentinella-server"
    (tmp_path / "rules.yaml").write_text("sentinella_rules:\n- " + (OWN % 4).strip().replace("\n", "\n  ") + "\n")
    (tmp_path / "test.yaml").write_text("""
rule_files: [rules.yaml]
tests:
- name: depth
  input_series: [{series: 'e2e_depth{host="c1"}', values: '1 8 8 1'}]
  transitions:
  - {at: 1m, event: OwnDepth, resource: c1, state: firing, severity: warning}
  - {at: 3m, event: OwnDepth, state: resolved}
""")
    run = subprocess.run([str(program), "rules", "test", str(tmp_path / "test.yaml")], capture_output=True, text=True)
    assert run.returncode == 0 and "1 tests passed" in run.stdout, run
    (tmp_path / "test.yaml").write_text((tmp_path / "test.yaml").read_text().replace("at: 3m", "at: 2m"))
    run = subprocess.run([str(program), "rules", "test", str(tmp_path / "test.yaml")], capture_output=True, text=True)
    assert run.returncode != 0 and "expected, got at 3m" in run.stderr, run
    run = subprocess.run([str(program), "rules", "lint", str(tmp_path / "rules.yaml")], capture_output=True, text=True)
    assert run.returncode == 0, run
