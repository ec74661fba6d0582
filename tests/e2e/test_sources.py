"""What the agent collects from real systems: PostgreSQL and MariaDB over TLS, systemd's journal and D-Bus, pings."""
import glob
import json
import os
import pathlib
import shutil
import socket
import subprocess
import time

import pytest

import harness

JOURNALD = pathlib.Path("/lib/systemd/systemd-journald")


def value(client, query):
    result = client.get("/prometheus/api/v1/query", query=query).json["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def wait_value(client, query, wanted, timeout=20.0):
    harness.wait_for(f"{query} to be {wanted}", lambda: value(client, query) == wanted, timeout, every=0.1)


def make_certificate(directory):
    """A certificate for localhost that signs itself, and its key, of the user nobody."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    key.chmod(0o600)
    for file in (certificate, key):
        shutil.chown(file, "nobody", "nogroup")
    return certificate, key


@pytest.fixture
def place(tmp_path):
    """A directory that the user nobody can reach."""
    if os.geteuid() != 0:
        pytest.skip("databases are started as another user, which needs root")
    directory = pathlib.Path(subprocess.run(["mktemp", "-d", "/tmp/sentinella-source-XXXXXX"], check=True, text=True,
                                            capture_output=True).stdout.strip())
    shutil.chown(directory, "nobody", "nogroup")
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


def as_nobody(program):
    program.identity = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    return program


def run_agent(tmp_path, server, programs, **settings):
    agent = harness.Agent(tmp_path, server, [], node="db1", interval_seconds=1, **settings)
    programs.append(agent.start())
    return agent


def test_postgresql_is_asked_over_tls_with_a_password_that_is_never_sent(tmp_path, server, programs, place):
    tools = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not tools:
        pytest.skip("PostgreSQL is not installed")
    certificate, key = make_certificate(place)
    (place / "password").write_text("tea and biscuits\n")
    (place / "password").chmod(0o644)
    data, port = place / "data", harness.free_ports(1)[0]
    subprocess.run([f"{tools[-1]}/initdb", "-D", data, "-U", "monitor", "--auth=scram-sha-256", "-N",
                    f"--pwfile={place / 'password'}"], check=True, capture_output=True, user="nobody", group="nogroup",
                   extra_groups=[], cwd=place)
    database = as_nobody(harness.Program(
        [f"{tools[-1]}/postgres", "-D", data, "-p", port, "-k", place, "-c", "fsync=off", "-c", "ssl=on", "-c",
         f"ssl_cert_file={certificate}", "-c", f"ssl_key_file={key}"], place / "out", cwd=place))
    (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")  # and nothing without TLS
    programs.append(database.start())
    harness.wait_for("the database", lambda: "ready to accept connections" in database.log())
    account = {"url": f"postgresql://localhost:{port}", "user": "monitor", "password_file": str(place / "password"),
               "ca_file": str(certificate)}
    harness.give_plugin(tmp_path, "books", {
        "sizes": {"interval_seconds": 1, "sql": {
            **account, "query": "SELECT datname, 1.5, NULL FROM pg_database WHERE datname = 'postgres'",
            "columns": ["database", "books.weight", "books.lost"], "labels": ["database"]}},
        "wrong": {"interval_seconds": 1, "sql": {**account, "query": "SELECT nothing", "columns": ["x"]}}})
    agent = run_agent(tmp_path, server, programs, collect={"postgresql": account},
                      plugins={"books": ["sizes", "wrong"]})
    client = server.client()
    wait_value(client, "pg_up", 1)
    assert value(client, "pg_settings_max_connections") == 100
    assert value(client, 'pg_stat_database_xact_commit{datname="postgres"}') >= 0
    assert value(client, "pg_replication_is_replica") == 0
    wait_value(client, 'books_weight{database="postgres",plugin="books"}', 1.5)
    assert value(client, "books_lost") is None
    wait_value(client, 'plugin_up{plugin="books",function="wrong"}', 0)
    assert 'column "nothing" does not exist' in agent.log()
    assert "tea and biscuits" not in agent.log()


@pytest.fixture
def mariadb(programs, place):
    """A real one: its program, port and certificate. Who is `monitor` must use TLS, `watcher` need not; both drink tea."""
    program = shutil.which("mariadbd", path="/usr/sbin:/usr/bin")
    if not program or not shutil.which("mariadb-install-db"):
        pytest.skip("MariaDB is not installed")
    certificate, key = make_certificate(place)
    data, port = place / "data", harness.free_ports(1)[0]
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
                    "--skip-test-db"], check=True, capture_output=True, user="nobody", group="nogroup", extra_groups=[],
                   cwd=place)
    (place / "users.sql").write_text("CREATE USER monitor@'%' IDENTIFIED BY 'tea' REQUIRE SSL;\n"
                                     "CREATE USER watcher@'%' IDENTIFIED BY 'tea';\n")
    database = as_nobody(harness.Program(
        [program, "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
         f"--socket={place}/socket", f"--init-file={place}/users.sql", f"--ssl-cert={certificate}", f"--ssl-key={key}",
         f"--pid-file={place}/pid"], place / "out", cwd=place))
    programs.append(database.start())
    harness.wait_for("the database", lambda: "ready for connections" in database.log())
    return database, port, certificate


def test_mariadb_is_asked_over_tls_and_an_unknown_certificate_is_refused(tmp_path, server, programs, place, mariadb):
    database, port, certificate = mariadb
    account = {"url": f"mysql://localhost:{port}", "user": "monitor", "password": "tea"}
    (place / "password").write_text("tea\n")
    harness.give_plugin(tmp_path, "books", {"sizes": {"interval_seconds": 1, "sql": {
        "url": account["url"], "user": "monitor", "password_file": str(place / "password"), "ca_file": str(certificate),
        "query": "SELECT 'a', 2, 3.25 UNION SELECT 'b', NULL, 4",
        "columns": ["shelf", "books.count", "books.weight"], "labels": ["shelf"]}}})
    agent = run_agent(tmp_path, server, programs, plugins={"books": ["sizes"]}, collect={"mariadb": [
        {**account, "ca_file": str(certificate)},
        {**account, "url": f"mysql://127.0.0.1:{port}", "tls": True}]})
    client = server.client()
    wait_value(client, f'mysql_up{{instance="localhost:{port}"}}', 1)
    assert value(client, f'mysql_global_variables_max_connections{{instance="localhost:{port}"}}') > 10
    wait_value(client, f'mysql_up{{instance="127.0.0.1:{port}"}}', 0)
    harness.wait_for("the reason", lambda: "certificate" in agent.log())
    wait_value(client, 'books_weight{shelf="a"}', 3.25)
    wait_value(client, 'books_weight{shelf="b"}', 4)
    assert value(client, 'books_count{shelf="a"}') == 2 and value(client, 'books_count{shelf="b"}') is None


def test_mariadb_is_watched_without_a_trace_in_its_log(tmp_path, server, programs, mariadb):
    database, port, _ = mariadb
    url = f"mysql://127.0.0.1:{port}"
    run_agent(tmp_path, server, programs, checks={"db": url},
              collect={"mariadb": {"url": url, "user": "watcher", "password": "tea"}})
    client = server.client()
    wait_value(client, 'check_up{check="db"}', 1)
    asked = 'count_over_time(check_up{check="db"}[1m])'
    harness.wait_for("some rounds", lambda: (value(client, asked) or 0) > 3)
    wait_value(client, f'mysql_up{{instance="127.0.0.1:{port}"}}', 1)
    assert "Aborted" not in database.log()
    assert value(client, f'mysql_global_status_aborted_connects{{instance="127.0.0.1:{port}"}}') == 0


class Journal(harness.Program):
    """A journald of its own, with a /run of its own; its files can be read from outside."""

    def __init__(self, directory):
        self.run = directory / "run"
        self.run.mkdir()
        super().__init__(["unshare", "-m", "sh", "-c", f"mount --bind {self.run} /run && exec {JOURNALD}"],
                         directory / "journald.out")

    def start(self):
        super().start()
        self.socket = self.run / "systemd/journal/socket"
        try:
            harness.wait_for("journald", lambda: self.socket.exists() or not self.running(), timeout=5)
        except AssertionError:
            pass
        if not self.socket.exists():
            self.kill()
            pytest.skip("journald does not run here: " + self.log()[-300:])
        return self

    def say(self, **fields):
        text = "".join(f"{name}={value}\n" for name, value in fields.items()).encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(text, str(self.socket))


def test_the_journal_is_followed_without_loss_or_doubles_over_kill_9_and_restart(tmp_path, server, programs):
    if os.geteuid() != 0 or not JOURNALD.exists():
        pytest.skip("needs root and systemd-journald")
    journal = Journal(tmp_path).start()
    programs.append(journal)
    journal.say(MESSAGE="before the agent", SYSLOG_IDENTIFIER="nova-compute", PRIORITY=6)
    agent = harness.Agent(tmp_path, server, [], node="compute1", interval_seconds=1,
                          journal_dir=str(journal.run / "log/journal"),
                          **{"nova-compute": {"process": "no-such-process-here",
                                              "log": "journal:SYSLOG_IDENTIFIER=nova-compute"}})
    programs.append(agent.start())
    client = server.client()
    first = harness.wait_for("what was there before", lambda: client.items("/api/v1/logs/search", q='"before the agent"'))
    assert first[0]["service"] == "nova-compute"
    for number in range(600):
        journal.say(MESSAGE=f"numbered {number:06d}", SYSLOG_IDENTIFIER="nova-compute", PRIORITY=3)
        journal.say(MESSAGE="of somebody else", SYSLOG_IDENTIFIER="cron", PRIORITY=3)
        if number in (200, 400):
            time.sleep(0.3)
            agent.kill()
        if number in (250, 450):
            agent.start()

    def numbered():
        return [int(r["message"].split()[1]) for r in
                client.all_items("/api/v1/logs/search", q="numbered", limit=1000)]

    harness.wait_for("every entry", lambda: len(numbered()) >= 600, every=0.2)
    assert sorted(numbered()) == list(range(600))
    found = client.items("/api/v1/logs/search", q="numbered", limit=1)[0]
    assert found["severity"].lower() == "error" and found["host"] == "compute1", found
    assert not client.items("/api/v1/logs/search", q='"somebody else"')


def test_units_that_fail_or_restart_are_seen_over_d_bus(tmp_path, server, programs):
    pytest.importorskip("dbus")
    if os.geteuid() != 0 or not shutil.which("dbus-daemon"):
        pytest.skip("needs root and dbus-daemon")
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("a /run of its own cannot be made here (a chroot?)")
    address = f"unix:path={tmp_path}/bus"
    config = tmp_path / "bus.conf"
    config.write_text(f"""<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd"><busconfig><type>session</type><listen>{address}</listen>
 <auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
 </busconfig>""")
    programs.append(harness.Program(["dbus-daemon", f"--config-file={config}", "--nofork"], tmp_path / "bus.out").start())
    harness.wait_for("the bus", (tmp_path / "bus").exists)
    states = {"nova-compute.service": {"active": "active", "sub": "running", "result": "success", "file": "disabled",
                                       "restarts": 0}}
    state_file = tmp_path / "units.json"

    def write(**changes):
        states["nova-compute.service"].update(changes)
        new = tmp_path / "units.new"
        new.write_text(json.dumps(states))
        new.rename(state_file)

    write()
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": address}
    systemd = harness.Program(["/usr/bin/python3", pathlib.Path(__file__).with_name("systemd_stand_in.py"), state_file],
                              tmp_path / "systemd.out", env=environment)
    programs.append(systemd.start())
    harness.wait_for("the stand-in", lambda: "ready" in systemd.log())
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    agent = harness.Agent(tmp_path, server, [], node="compute1", interval_seconds=1,
                          **{"nova-compute": {"process": "no-such-process-here", "log": ""}})
    agent.arguments = ["unshare", "-m", "sh", "-c", f'mount --bind {tmp_path}/run /run && exec "$@"', "sh", *agent.arguments]
    agent.env = environment
    programs.append(agent.start())
    client, unit = server.client(), '{unit="nova-compute.service"}'
    wait_value(client, "unit_active" + unit, 1)
    assert value(client, "unit_enabled" + unit) == 0 and value(client, "unit_failed" + unit) == 0
    write(active="failed", sub="failed", result="start-limit-hit", restarts=4)
    wait_value(client, "unit_failed" + unit, 1)
    assert value(client, "unit_restarts_total" + unit) == 4 and value(client, "unit_active" + unit) == 0


def test_a_host_is_pinged_without_privileges(tmp_path, server, programs):
    setting = pathlib.Path("/proc/sys/net/ipv4/ping_group_range")
    run_agent(tmp_path, server, programs, checks={"gateway": "icmp://127.0.0.1"})
    client = server.client()
    least, most = map(int, setting.read_text().split())
    allowed = least <= os.getegid() <= most
    wait_value(client, 'check_up{check="icmp://127.0.0.1"} or check_up{check="gateway"}', 1 if allowed else 0)
