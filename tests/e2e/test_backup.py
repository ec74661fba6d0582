"""Backup and restore of the whole server, by the command line."""
import shutil
import subprocess
import time

import harness

RULE = """
id: backup-marker
kind: tailable
event: BackupMarker
tier: ticket
summary: a marker line
match: {pattern: "BACKUPMARK"}
by: [host]
quiet: 1h
"""


def run(*arguments, **kwargs):
    return subprocess.run([str(harness.BIN / "sentinella-server"), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, **kwargs)


def send_sample(client, name, at, number):
    return client.post("/influxdb/write", f"kept,host={name} sample={number} {int(at * 1e9)}".encode()).status == 204


def send_line(client, name, at, number):
    mark = "BACKUPMARK" if number == 3 else "quiet"
    return harness.send(client, "logs", harness.otlp_logs([f"line {number:06d} {mark}"], host=name)).status == 200


def restored(tmp_path, programs, backup):
    """A server that starts from the backup, elsewhere."""
    server = harness.Server(tmp_path / "elsewhere")
    server.data.rmdir()
    done = run("restore", backup, "--data-dir", server.data)
    assert done.returncode == 0, done.stderr
    programs.append(server.start())
    return server


def check(server, samples, lines, before):
    """Everything acknowledged before is there, and nothing twice."""
    client = server.client()
    found = harness.values(client, f'kept_sample{{host="{samples.name_}"}}', samples.begun)
    assert len(found) == len(set(found)) and before[0] <= set(found), "samples"
    found = [int(r["message"].split()[1]) for r in client.all_items("/api/v1/logs/search", host=lines.name_, limit=1000)]
    assert len(found) == len(set(found)) and before[1] <= set(found), "lines"
    alerts = [a for a in client.items("/api/v1/alerts") if a["event"] == "BackupMarker"]
    assert [(a["host"], a["duplicateCount"]) for a in alerts] == [(lines.name_, 0)], alerts
    assert any(rule["id"] == "backup-marker" for rule in client.items("/api/v1/rules"))


def test_a_backup_under_load_holds_all_that_was_acknowledged_once(tmp_path, server, programs):
    client = server.client()
    assert client.post("/api/v1/rules", RULE.encode(), headers={"Content-Type": "application/yaml"}).status == 201
    samples, lines = harness.Writer(server, "s", send_sample), harness.Writer(server, "l", send_line)
    samples.start(), lines.start()
    harness.wait_for("the alert", lambda: any(a["event"] == "BackupMarker" for a in client.items("/api/v1/alerts")))
    harness.wait_for("samples and lines", lambda: len(samples.acknowledged) > 5 and len(lines.acknowledged) > 5)
    before = set(samples.acknowledged), set(lines.acknowledged)
    done = run("backup", tmp_path / "backup", "--data-dir", server.data)
    assert done.returncode == 0, done.stderr
    assert "journal record" in done.stdout, done
    time.sleep(0.2)
    server.kill()
    samples.finish(), lines.finish()
    assert before[0] and before[1]
    shutil.rmtree(server.data)
    other = restored(tmp_path, programs, tmp_path / "backup")
    check(other, samples, lines, before)
    # It goes on as any server: new data, a crash, and both are there.
    at = samples.begun - 100
    assert send_sample(other.client(), samples.name_, at, 1_000_000)
    other.kill()
    other.start()
    check(other, samples, lines, before)
    assert harness.values(other.client(), 'kept_sample{host="s"}', at - 1)[0] == 1_000_000


def test_a_killed_servers_directory_is_backed_up_as_it_is(tmp_path, server, programs):
    client = server.client()
    assert client.post("/api/v1/rules", RULE.encode(), headers={"Content-Type": "application/yaml"}).status == 201
    samples, lines = harness.Writer(server, "s", send_sample), harness.Writer(server, "l", send_line)
    samples.start(), lines.start()
    harness.wait_for("the alert", lambda: any(a["event"] == "BackupMarker" for a in client.items("/api/v1/alerts")))
    harness.wait_for("samples and lines", lambda: len(samples.acknowledged) > 5 and len(lines.acknowledged) > 5)
    server.kill()
    samples.finish(), lines.finish()
    done = run("backup", tmp_path / "backup", "--data-dir", server.data)
    assert done.returncode == 0 and "does not run" in done.stdout, done
    check(restored(tmp_path, programs, tmp_path / "backup"), samples, lines,
          (samples.acknowledged, lines.acknowledged))


def test_nothing_is_overwritten_and_only_the_servers_admin_may(tmp_path, server):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    done = run("backup", tmp_path / "full", "--data-dir", server.data)
    assert done.returncode != 0 and "not empty" in done.stderr, done
    assert run("backup", tmp_path / "backup", "--data-dir", server.data).returncode == 0
    done = run("restore", tmp_path / "backup", "--data-dir", server.data)
    assert done.returncode != 0 and "not empty" in done.stderr, done
    done = run("restore", tmp_path / "full", "--data-dir", tmp_path / "new")
    assert done.returncode != 0 and "no backup" in done.stderr and not (tmp_path / "new").exists(), done
    client = server.client()
    key = client.post("/api/v1/keys", {"name": "operator", "role": "operator"}).json["key"]
    answer = server.client(key).post("/api/v1/backup", {"directory": str(tmp_path / "stolen")})
    assert answer.status == 403 and not (tmp_path / "stolen").exists(), answer
    assert client.post("/api/v1/backup", {"directory": "relative"}).status == 400
