"""The server's commands: accounts, users and keys, rule files, configuration."""
import json
import subprocess
import time

import harness


def run(server, *arguments, password=None):
    return subprocess.run([harness.BIN / "sentinella-server", *arguments, "--data-dir", server.data], text=True, timeout=30,
                          input=None if password is None else password + "\n",
                          stdin=subprocess.DEVNULL if password is None else None,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_accounts_users_and_keys_are_made_listed_and_taken_away(server):
    made = run(server, "account", "create", "acme", password="correct horse battery")
    assert made.returncode == 0, made.stderr
    assert "acme" in run(server, "account", "list").stdout
    login = harness.Client(server.url).post("/api/v1/auth/login", {"name": "acme-admin", "password": "correct horse battery"})
    assert login.status == 200

    user = run(server, "user", "create", "ana", "--role", "responder", password="long enough for ana")
    assert user.returncode == 0, user.stderr
    assert "ana" in run(server, "user", "list").stdout
    assert run(server, "user", "delete", json.loads(user.stdout)["id"]).returncode == 0
    assert "ana" not in run(server, "user", "list").stdout

    key = run(server, "key", "create", "grafana", "--role", "viewer").stdout.strip()
    assert harness.Client(server.url, key).get("/api/v1/alerts").status == 200
    listed = run(server, "key", "list").stdout
    assert "grafana" in listed and key not in listed
    identifier = next(line.split()[0] for line in listed.splitlines() if "grafana" in line)
    assert run(server, "key", "delete", identifier).returncode == 0
    harness.wait_for("the key to be refused", lambda: harness.Client(server.url, key).get("/api/v1/alerts").status == 401)


def test_a_short_password_is_refused_with_the_reason(server):
    refused = run(server, "user", "create", "bob", password="short")
    assert refused.returncode == 64 and "12" in refused.stderr


def test_the_sample_configuration_starts_a_server_and_a_misspelt_key_does_not(tmp_path, programs):
    sample = subprocess.run([harness.BIN / "sentinella-server", "config-sample"], text=True, stdout=subprocess.PIPE).stdout
    programs.append(harness.Server(tmp_path, config=sample).start())
    (tmp_path / "bad").mkdir()
    bad = harness.Server(tmp_path / "bad", config="[retention]\nlog_age = 3d\n").start(wait=False)
    programs.append(bad)
    assert bad.process.wait(10) == 64
    assert 'did you mean "logs_age"' in bad.log()


def test_a_rule_file_is_checked_without_a_server(server, tmp_path):
    good = harness.ROOT / "rules/openstack.yaml"
    assert run(server, "rules", "lint", good).returncode == 0
    bad = tmp_path / "bad.yaml"
    bad.write_text("sentinella_rules:\n- id: x\n  kind: gauge\n  exprr: last(y)\n")
    refused = run(server, "rules", "lint", bad)
    assert refused.returncode == 64 and "exprr" in refused.stderr


def test_a_query_prints_a_table_or_a_chart(server):
    now = int(time.time())  # queries are evaluated at whole milliseconds
    for host, value in (("h1", 1.5), ("h2", 2.5)):
        points = [(now - 600 + i * 60, value + i) for i in range(10)]
        assert harness.send(server.client(), "metrics", harness.otlp_gauge("load", points, host=host)).status == 200
    table = run(server, "query", "load")
    assert table.returncode == 0, table.stderr
    assert [line.split() for line in table.stdout.splitlines()] == [
        ["__name__", "host", "VALUE"], ["load", "h1", "10.5"], ["load", "h2", "11.5"]]
    assert run(server, "query", "sum(load)", "--at", str(now - 600)).stdout.split() == ["VALUE", "4"]
    steps = run(server, "query", "load", "--from", "now-5m", "--step", "1m").stdout.splitlines()
    assert len(steps) == 7 and 'load{host="h1"}' in steps[0]
    chart = run(server, "query", "load", "--chart").stdout
    assert '* load{host="h1"}' in chart and '+ load{host="h2"}' in chart and "|" in chart
    wrong = run(server, "query", "sum(load")
    assert wrong.returncode == 64 and "unclosed left parenthesis" in wrong.stderr
