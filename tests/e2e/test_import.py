"""Old logs are imported once, whole, with their own times, however often the command is run."""
import gzip
import subprocess
import time

import harness


def run(agent, *arguments, stdin=None):
    return subprocess.run([harness.BIN / "sentinella", "-c", agent.config, "import", *map(str, arguments)], text=True,
                          timeout=60, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


# Older than `[retention] logs_age` would not be kept.
DAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 5 * 86400))


def old_lines(count, first=0):
    return "".join(f"{DAY} {10 + i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.000 7 INFO nova.compute [-] old line {i} of many\n"
                   for i in range(first, first + count))


def total(server, query):
    rows = server.client().get("/api/v1/logs/query", q=f"{query} | count", **{"from": f"{DAY}T00:00:00Z"}).json["rows"]
    return rows[0][-1] if rows else 0


def test_files_are_imported_once_and_continued(server, tmp_path):
    agent = harness.Agent(tmp_path, server, [], node="compute7")
    folder = tmp_path / "log" / "nova"
    folder.mkdir(parents=True)
    packed, plain = folder / "nova-compute.log.1.gz", folder / "nova-api.log"
    packed.write_bytes(gzip.compress(old_lines(20_000).encode()))
    plain.write_text(old_lines(100))
    done = run(agent, folder / "*", "--zone", "+01:00")
    assert done.returncode == 0, done.stderr
    harness.wait_for("all lines", lambda: total(server, "service:nova-compute") == 20_000)
    assert total(server, "service:nova-api host:compute7") == 100
    record = server.client().items("/api/v1/logs/search", q='"old line 0 of"', **{"from": f"{DAY}T00:00:00Z"})[0]
    assert record["time"].startswith(f"{DAY}T09:00:00") and record["source"].startswith(str(folder))

    assert run(agent, packed).returncode == 0
    with open(plain, "a") as out:
        out.write(old_lines(50, first=100))
    again = run(agent, plain)
    assert again.returncode == 0, again.stderr
    harness.wait_for("the new lines", lambda: total(server, "service:nova-api") == 150)
    assert total(server, "service:nova-compute") == 20_000


def test_standard_input_and_faults(server, tmp_path):
    agent = harness.Agent(tmp_path, server, [])
    done = run(agent, "-", "--service", "keystone", "--host", "h9", stdin=old_lines(3))
    assert done.returncode == 0, done.stderr
    harness.wait_for("the lines", lambda: total(server, "service:keystone host:h9") == 3)
    missing = run(agent, tmp_path / "none.log")
    assert missing.returncode == 66 and "none.log" in missing.stderr
    (tmp_path / "cut.gz").write_bytes(gzip.compress(old_lines(1000).encode())[:-20])
    assert "cut" in run(agent, tmp_path / "cut.gz").stderr
    assert run(agent, "-", "--format", "olso", stdin="x\n").returncode == 65
