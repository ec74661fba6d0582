"""Debian's prometheus sends its alerts to us, and Debian's amtool lists and silences them."""
import json
import subprocess
import urllib.parse

import debian
import harness
import pytest


@pytest.fixture(scope="module")
def amtool(server, tmp_path_factory):
    program = debian.program("prometheus-alertmanager", "usr/bin/amtool")
    config = tmp_path_factory.mktemp("amtool") / "http.yml"
    config.write_text(json.dumps({"authorization": {"credentials": server.bootstrap["api_key"]}}))

    def run(*arguments):
        done = subprocess.run([program, f"--alertmanager.url={server.url}/alertmanager", f"--http.config.file={config}",
                               *arguments], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run


@pytest.fixture
def prometheus(server, tmp_path):
    """Watches itself; its one rule fires at once."""
    port, = harness.free_ports(1)
    rule = {"alert": "AlwaysOn", "expr": "vector(1)", "labels": {"severity": "critical", "instance": "db1:9100"},
            "annotations": {"summary": "it is on"}}
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "interval": "1s", "rules": [rule]}]}))
    config = {
        "global": {"evaluation_interval": "1s"}, "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"path_prefix": "/alertmanager",
                                        "authorization": {"credentials": server.bootstrap["api_key"]},
                                        "static_configs": [{"targets": [urllib.parse.urlsplit(server.url).netloc]}]}]}}
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    program = harness.Program([debian.program("prometheus", "usr/bin/prometheus"), "--config.file=prometheus.yml",
                               f"--storage.tsdb.path={tmp_path / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
                               "--rules.alert.resend-delay=1s"], tmp_path / "prometheus.out", cwd=tmp_path).start()
    yield program
    print(program.log()[-2000:])
    program.kill()


def shown(amtool, *arguments):
    return [a["labels"]["alertname"] for a in json.loads(amtool("alert", "query", "-o", "json", *arguments))]


def test_prometheus_alerts_arrive_and_amtool_lists_and_silences_them(server, prometheus, amtool):
    harness.wait_for("the alert", lambda: shown(amtool) == ["AlwaysOn"], timeout=60, every=0.5)
    client = server.client()
    alert, = client.items("/api/v1/alerts")
    assert (alert["event"], alert["resource"], alert["severity"]) == ("AlwaysOn", "db1:9100", "critical")
    harness.wait_for("its repeats", lambda: client.items("/api/v1/alerts")[0]["duplicateCount"] >= 2, timeout=30)
    assert shown(amtool, "instance=~db.*") == ["AlwaysOn"] and shown(amtool, "instance=web1") == []
    silence = amtool("silence", "add", "--author=kim", "--comment=known", "--duration=1h", "alertname=AlwaysOn").strip()
    assert silence in amtool("silence", "query")
    assert shown(amtool) == [] and shown(amtool, "--silenced") == ["AlwaysOn"]
    amtool("silence", "update", "--comment=still known", "--duration=2h", silence)
    amtool("silence", "expire", silence)
    assert shown(amtool) == ["AlwaysOn"] and silence in amtool("silence", "query", "--expired", "--within=1h")


def test_amtool_checks_the_server(amtool):
    assert "ready" in amtool("cluster", "show")


def test_an_alert_that_amtool_adds_is_one_of_ours(server, amtool):
    amtool("alert", "add", "DiskFull", "instance=db2:9100", "--annotation=summary=no space")
    found = [a for a in server.client().items("/api/v1/alerts") if a["event"] == "DiskFull"]
    assert found and found[0]["text"] == "no space"
