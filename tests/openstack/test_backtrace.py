"""A failed boot on a real OpenStack, told as one story from the API call to the conductor's NoValidHost, whoever shipped the
lines: rsyslog for nova-api, our agents for the rest. BACKTRACE_LINES (default 200 000) older lines are stored before; with
BACKTRACE_FOLDER the server that has them is kept there, and the next run with that folder does not store them again."""
import os
import pathlib
import shutil
import statistics
import subprocess
import time

import harness
from openstack_bed import WATCHED, Watched

LINES = int(os.environ.get("BACKTRACE_LINES", 200_000))
LIMIT = 0.1  # seconds, for the whole round trip
CORPUS = harness.ROOT / "build/release/bin/log_corpus_bench"
BYTES_PER_RECORD = 345


def start_rsyslog(directory, log, port):
    config = directory / "rsyslog.conf"
    config.write_text(f"""
global(workDirectory="{directory}" localHostname="controller")
module(load="imfile" PollingInterval="1")
input(type="imfile" File="{log}" Tag="nova-api:" freshStartTail="on")
action(type="omfwd" target="127.0.0.1" port="{port}" protocol="tcp")
""")
    return harness.Program(["rsyslogd", "-n", "-f", config, "-i", directory / "rsyslog.pid"], directory / "rsyslog.out").start()


def store_old_lines(directory, server):
    if (directory / "filled").exists():
        return
    importer = harness.Agent(directory, server, [], name="importer", node="archive")
    corpus = directory / "corpus"
    corpus.mkdir()
    subprocess.run([CORPUS, "make", corpus, str(LINES * BYTES_PER_RECORD)], check=True, cwd=harness.ROOT)
    subprocess.run([harness.BIN / "sentinella", "-c", importer.config, "import", *sorted(corpus.iterdir())], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(corpus)
    (directory / "filled").touch()


def boot_in_vain(testbed, directory):
    """The request id of a boot that no compute node has room for."""
    (directory / "disk.img").write_bytes(b"\0" * 1024)
    name = f"too-big-{os.getpid()}"
    for command in (("flavor", "create", "--ram", "256", "--vcpus", "1", "--disk", "900000", name),
                    ("image", "create", "--file", str(directory / "disk.img"), "--disk-format", "raw", name)):
        done = testbed.openstack(*command)
        assert done.returncode == 0, done.stdout
    testbed.boot_again(1, name, name)
    testbed.openstack("image", "delete", name)
    testbed.openstack("flavor", "delete", name)


def test_a_failed_boot_is_one_story(testbed, tmp_path):
    testbed.up()
    port = harness.free_ports(1)[0]
    folder = pathlib.Path(os.environ.get("BACKTRACE_FOLDER", tmp_path))
    server = harness.Server(folder, config=f"[syslog]\ntcp = 127.0.0.1:{port}\n[retention]\nlogs_age = 3650d\n").start()
    programs = [server]
    try:
        client = server.client()
        store_old_lines(folder, server)
        stored = client.get("/api/v1/logs/query", q="* | count", **{"from": "1970-01-01T00:00:00Z"}).json["rows"][0][-1]
        assert stored >= LINES * 0.9
        by_agent = {key: value for key, value in WATCHED.items() if key[1] != "nova-api"}
        nodes = {}
        for (node, service), (_, process, log) in by_agent.items():
            nodes.setdefault(node, []).append(Watched(service, process, testbed.state / "log" / log))
        programs += [harness.Agent(tmp_path, server, services, name=node, node=node).start()
                     for node, services in nodes.items()]
        programs.append(start_rsyslog(tmp_path, testbed.state / "log/nova/nova-api.log", port))
        time.sleep(3)
        boot_in_vain(testbed, tmp_path)
        alert = harness.wait_for("the alert", lambda: next((a for a in client.items("/api/v1/alerts")
                                                            if a["event"] == "NoValidHost"), None), timeout=60)
        request = next(e for e in client.get(f"/api/v1/alerts/{alert['id']}").json["alert"]["evidence"]
                       if "No valid host" in e["text"])["requestId"]

        def story():
            answer = client.get("/api/v1/logs/backtrace", id=request).json
            services = {r["service"] for r in answer["records"]}
            return answer if {"nova-api", "nova-conductor"} <= services else None

        told = harness.wait_for("the story with both services", story, timeout=30)
        records = told["records"]
        assert records[0]["service"] == "nova-api", [r["service"] for r in records]
        assert [r["time"] for r in records] == sorted(r["time"] for r in records)
        assert any("NoValidHost" in r.get("traceback", "") and r["service"] == "nova-conductor" for r in records)
        took = []
        for _ in range(20):
            begin = time.perf_counter()
            client.get("/api/v1/logs/backtrace", id=request)
            took.append(time.perf_counter() - begin)
        print(f"backtrace of {request} over {stored} stored lines: {len(records)} records of "
              f"{sorted({r['service'] for r in records})}, median {statistics.median(took) * 1000:.1f} ms, worst {max(took) * 1000:.1f} ms")
        assert statistics.median(took) < LIMIT
    finally:
        for program in programs:
            program.kill()
