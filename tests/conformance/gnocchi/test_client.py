"""Debian's gnocchi command walks over the API, with HTTP basic."""
import json
import os
import subprocess
import sys

import debian
import harness
import pytest

PACKAGES = ["python3-gnocchiclient", "python3-cliff", "python3-dateutil", "python3-debtcollector", "python3-futurist",
            "python3-iso8601", "python3-keystoneauth1", "python3-monotonic", "python3-pbr", "python3-six",
            "python3-ujson", "python3-autopage", "python3-cmd2", "python3-importlib-metadata", "python3-prettytable",
            "python3-pyparsing", "python3-stevedore", "python3-attr", "python3-pyperclip", "python3-wcwidth",
            "python3-os-service-types", "python3-requests", "python3-certifi", "python3-chardet", "python3-idna",
            "python3-urllib3", "python3-wrapt", "python3-zipp", "python3-more-itertools", "python3-pkg-resources",
            "python3-charset-normalizer"]
MEASURES = ["2026-03-02T10:00:10@1", "2026-03-02T10:00:20@3"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = harness.Server(tmp_path_factory.mktemp("client"), "[gnocchi]\nauth_mode = basic\n").start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def gnocchi(server):
    root = debian.unpacked(*PACKAGES)
    environment = {**os.environ, "PYTHONPATH": str(root / "usr/lib/python3/dist-packages"),
                   "GNOCCHI_ENDPOINT": server.url + "/gnocchi", "OS_AUTH_TYPE": "gnocchi-basic",
                   "GNOCCHI_USER": "admin"}
    program = "import sys; from gnocchiclient.shell import main; sys.exit(main())"

    def run(*arguments, fails=False):
        result = subprocess.run([sys.executable, "-c", program, *map(str, arguments)], env=environment,
                                capture_output=True, text=True, timeout=60)
        assert (result.returncode != 0) == fails, result.stdout + result.stderr
        return result.stderr if fails else result.stdout

    def ask(*arguments):
        out = run(*arguments, "-f", "json")
        return json.loads(out) if out.strip() else None

    run.ask = ask
    return run


def test_policies_and_rules(gnocchi):
    made = gnocchi.ask("archive-policy", "create", "slow", "-d", "granularity:5m,points:100", "-m", "mean", "-m", "max",
                       "-m", "rate:mean")
    assert made["name"] == "slow"
    assert {one["name"] for one in gnocchi.ask("archive-policy", "list")} == {"bool", "high", "low", "medium", "slow"}
    assert gnocchi.ask("archive-policy", "show", "slow")["back_window"] == 0
    gnocchi("archive-policy", "update", "slow", "-d", "granularity:5m,points:200")
    gnocchi("archive-policy-rule", "create", "-a", "slow", "-m", "disk.*", "disks")
    assert [one["name"] for one in gnocchi.ask("archive-policy-rule", "list")] == ["disks", "default"]
    assert gnocchi.ask("archive-policy-rule", "show", "disks")["metric_pattern"] == "disk.*"
    assert "Archive policy slow is still in use" in gnocchi("archive-policy", "delete", "slow", fails=True)
    gnocchi("archive-policy-rule", "delete", "disks")
    gnocchi("archive-policy", "delete", "slow")


def test_metrics_and_measures(gnocchi):
    metric = gnocchi.ask("metric", "create", "-a", "low", "-u", "%", "cpu")["id"]
    gnocchi("measures", "add", *[word for one in MEASURES for word in ("-m", one)], metric)
    assert gnocchi.ask("measures", "show", metric) == [
        {"timestamp": "2026-03-02T10:00:00+00:00", "granularity": 300.0, "value": 2.0}]
    shown = gnocchi.ask("measures", "show", "--aggregation", "max", "--utc", metric)
    assert shown[0]["value"] == 3.0
    assert gnocchi.ask("metric", "show", metric)["unit"] == "%"
    assert [one["id"] for one in gnocchi.ask("metric", "list")] == [metric]
    rows = gnocchi.ask("aggregates", f"(+ (metric {metric} mean) 40)")
    assert rows[0]["value"] == 42.0
    gnocchi("metric", "delete", metric)
    assert "does not exist" in gnocchi("metric", "show", metric, fails=True)


def test_resources_types_and_history(gnocchi):
    gnocchi("resource-type", "create", "instance", "-a", "host:string:true:max_length=31", "-a", "flavor:number:false")
    assert "instance" in [one["name"] for one in gnocchi.ask("resource-type", "list")]
    made = gnocchi.ask("resource", "create", "-t", "instance", "-a", "host:cmp1", "-a", "project_id:p1", "-n", "cpu:low",
                       "vm1")
    assert made["host"] == "cmp1"
    gnocchi("resource", "update", "-t", "instance", "-a", "host:cmp2", "vm1")
    history = gnocchi.ask("resource", "history", "-t", "instance", "vm1")
    assert [one["host"] for one in history] == ["cmp1", "cmp2"]
    found = gnocchi.ask("resource", "search", "-t", "instance", "host = 'cmp2'")
    assert [one["original_resource_id"] for one in found] == ["vm1"]
    gnocchi("measures", "add", "-r", "vm1", "-m", MEASURES[0], "cpu")
    rows = gnocchi.ask("aggregates", "--resource-type", "instance", "(metric cpu mean)", "host like 'cmp%'")
    assert rows[0]["value"] == 1.0
    gnocchi("resource-type", "update", "instance", "-a", "zone:string:false", "-r", "flavor")
    assert "still in use" in gnocchi("resource-type", "delete", "instance", fails=True)
    gnocchi("resource", "delete", "vm1")
    gnocchi("resource-type", "delete", "instance")


def test_batches_status_and_capabilities(gnocchi, tmp_path):
    metric = gnocchi.ask("metric", "create", "-a", "low", "batch")["id"]
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps({metric: [{"timestamp": "2026-03-02T10:00:10", "value": 5}]}))
    gnocchi("measures", "batch-metrics", batch)
    assert gnocchi.ask("measures", "show", metric)[0]["value"] == 5.0
    assert gnocchi.ask("status")["storage/total number of measures to process"] == 0
    assert "rate:mean" in json.dumps(gnocchi.ask("capabilities", "list"))
    gnocchi("server", "version")
