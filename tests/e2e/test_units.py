"""The systemd units: well formed, narrow, and wide enough for what the programs do. systemd itself need not run."""
import os
import pathlib
import re
import shutil
import signal
import subprocess

import harness
import pytest

UNITS = harness.ROOT / "packaging/systemd"
NAMES = ("sentinella", "sentinella-server")

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def analyze(*arguments, **kwargs):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60, **kwargs)


@pytest.fixture
def root(tmp_path):
    """A host with the units, their drop-ins and programs, as the packages lay them."""
    place = tmp_path / "root"
    shutil.copytree(UNITS, place / "lib/systemd/system", ignore=shutil.ignore_patterns("drop-ins"))
    (place / "usr/bin").mkdir(parents=True)
    for name in (*NAMES, "kill"):
        program = place / ("bin" if name == "kill" else "usr/bin") / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return place


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_is_well_formed(root, name):
    done = analyze("verify", "--man=no", "--recursive-errors=no", f"--root={root}", f"{name}.service")
    own = [line for line in done.stderr.splitlines() if "sentinella" in line]
    assert own == [], done.stderr


@pytest.mark.parametrize("name, most", [("sentinella", 3.5), ("sentinella-server", 2.0)])
def test_a_unit_gives_little_to_whoever_takes_the_program_over(name, most):
    done = analyze("security", "--offline=true", f"--threshold={int(most * 10)}", UNITS / f"{name}.service")
    assert done.returncode == 0, done.stdout[-3000:]


def test_every_capability_stands_in_a_drop_in_of_its_own():
    assert re.search(r"^CapabilityBoundingSet=$", (UNITS / "sentinella.service").read_text(), re.M)
    given = {}
    for file in (*UNITS.glob("*.service.d/*.conf"), *UNITS.glob("drop-ins/*.conf")):
        text = file.read_text()
        capabilities = re.findall(r"^AmbientCapabilities=(.+)$", text, re.M)
        assert capabilities == re.findall(r"^CapabilityBoundingSet=(.+)$", text, re.M), file
        given[file.parent.name, capabilities[0]] = file.name
    assert set(given) == {("sentinella.service.d", "CAP_NET_ADMIN"), ("sentinella.service.d", "CAP_SYSLOG"),
                          ("drop-ins", "CAP_SYS_PTRACE")}


def calls_of(group, known):
    """The system calls of a group of the filter's; groups name others."""
    if not group.startswith("@"):
        return {group}
    if group not in known:
        lines = [line.strip() for line in analyze("syscall-filter", group).stdout.splitlines()[1:]]
        known[group] = set()
        for call in (line for line in lines if line and not line.startswith("#")):
            known[group] |= calls_of(call, known)
    return known[group]


def allowed(name):
    line = re.search(r"^SystemCallFilter=(.+)$", (UNITS / f"{name}.service").read_text(), re.M)[1]
    known = {}
    return set().union(*(calls_of(word, known) for word in line.split()))


class Traced:
    """A program under strace, which counts every system call's name; the program is its only child."""

    def __init__(self, program, into):
        self.program, self.into = program, into
        self.program.arguments = ["strace", "-f", "-qq", "-c", "-o", str(into), *map(str, program.arguments)]

    def __enter__(self):
        harness.Program.start(self.program)
        return self

    def stop(self):
        """Ends the program itself, so that strace writes what it has seen."""
        pid = self.program.process.pid
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), signal.SIGTERM)
        self.program.process.wait(60)
        lines = [line.split() for line in self.into.read_text().splitlines()]
        return {words[-1] for words in lines if words and words[0][0].isdigit()} - {"total"}

    def __exit__(self, *_):
        if self.program.process.poll() is None:
            self.stop()


needs_strace = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")


@needs_strace
def test_the_agent_uses_no_system_call_that_its_unit_forbids(tmp_path, server, programs):
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    harness.give_plugin(tmp_path, "says", {"so": {"interval_seconds": 1, "command": ["/bin/echo", "[]"]}})
    agent = harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=0.5,
                          plugins={"says": ["so"]}, checks={"itself": server.url + "/healthz"})
    programs.append(agent)
    client = server.client()
    with Traced(agent, tmp_path / "calls") as traced:
        harness.wait_for("the agent at work", lambda: client.items("/api/v1/logs/search", q="Heartbeat"), timeout=60)
        service.kill()
        harness.wait_for("the death", lambda: client.items("/api/v1/alerts"), timeout=60)
        calls = traced.stop()
    assert {"pidfd_open", "adjtimex", "clock_adjtime"} & calls, "it was looked at"
    assert calls - allowed("sentinella") == set()


@needs_strace
def test_the_server_uses_no_system_call_that_its_unit_forbids(tmp_path, programs):
    server = harness.Server(tmp_path)
    server.arguments = [harness.BIN / "sentinella-server", "--config", server.config, "--data-dir", server.data, "--listen",
                        server.listen, "--ui-dir", harness.ROOT / "ui/dist"]
    programs.append(server)
    with Traced(server, tmp_path / "calls") as traced:
        server.wait_ready()
        assert server.client().get("/api/v1/overview").status == 200
        calls = traced.stop()
    assert "fdatasync" in calls, "it was looked at"
    assert calls - allowed("sentinella-server") == set()
