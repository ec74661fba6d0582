"""The agent beside prometheus-node-exporter, collectd and pcp: host figures every 10 s, all at the same time.

Where it may, it makes bridges without ports until the host has 500 figures. Then: the first figure after a start, a
look at 2,000 processes, a death until its record is sent (agent_death.py). Those that are not installed are left out.
SENTINELLA_BENCH_SECONDS (default 60) is the window."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import agent_death
import harness
from agent_idle import precise_cpu_seconds, resident_mb

SECONDS = int(os.environ.get("SENTINELLA_BENCH_SECONDS", "60"))
WANTED_VALUES = 500
VALUES_AN_INTERFACE = 8
PROCESSES = 2000
EXPORTER_URL = "http://127.0.0.1:19100/metrics"
# Leaves that its kernel agent has itself: of those that pmcd derives pmlogger complains at each round.
PCP_METRICS = ("kernel.all.load", "kernel.all.cpu", "kernel.percpu.cpu", "mem.util", "mem.vmstat", "disk.dev.read",
               "disk.dev.write", "disk.dev.read_bytes", "disk.dev.write_bytes", "network.interface.in",
               "network.interface.out", "filesys.used", "filesys.free", "filesys.avail", "filesys.full")
COLLECTD = """BaseDir "{base}"
PIDFile "{base}/collectd.pid"
Interval 10
""" + "".join(f"LoadPlugin {name}\n" for name in (
    "cpu", "memory", "load", "df", "disk", "interface", "processes", "swap", "uptime", "vmem", "entropy", "irq",
    "contextswitch", "tcpconns", "csv")) + """<Plugin csv>
  DataDir "{base}/csv"
</Plugin>
"""


class Peer:
    """One agent under measurement: its processes, and how many values it gives each round."""

    def __init__(self, name, processes, values, installed):
        self.name, self.processes, self.values, self.installed = name, processes, values, installed

    def pids(self):
        """With the processes that they have started."""
        found = [p.pid for p in self.processes if p.poll() is None]
        for pid in found:
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text().split())
        return found

    def cpu(self):
        return sum(precise_cpu_seconds(pid) for pid in self.pids())

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


class EmptyBridges:
    """A host as large as a compute node, as far as counters of interfaces go."""

    def __init__(self, count):
        self.names = []
        for number in range(count):
            name = f"sntbench{number}"
            if subprocess.run(["ip", "link", "add", name, "type", "bridge"], capture_output=True).returncode != 0:
                break
            self.names.append(name)

    def remove(self):
        for name in self.names:
            subprocess.run(["ip", "link", "delete", name], capture_output=True)


def figures_of(config):
    shown = subprocess.run([harness.BIN / "sentinella", "-c", config, "run", "--once", "--print"], text=True,
                           capture_output=True, timeout=60).stdout
    return shown.count("\nmetric ")


def spawn(*arguments, **kwargs):
    return subprocess.Popen([str(a) for a in arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **kwargs)


def installed_kb(*packages):
    out = subprocess.run(["dpkg-query", "-W", "-f=${Installed-Size}\n", *packages], text=True, capture_output=True).stdout
    return sum(int(line) for line in out.split())


def ours(base, server):
    agent = harness.Agent(base, server, [], node="bench", ca_file=str(server.data / "tls/certificate.pem")).start()
    program = harness.BIN / "sentinella"
    stripped = base / "stripped"
    subprocess.run(["strip", "-o", stripped, program], check=True)
    return Peer("sentinella, over TLS", [agent.process], figures_of(agent.config), stripped.stat().st_size // 1024)


def node_exporter(base, _server):
    if not shutil.which("prometheus-node-exporter"):
        return None
    process = spawn("prometheus-node-exporter", "--web.listen-address=127.0.0.1:19100")
    text = harness.wait_for("node_exporter", lambda: scrape(), 10)
    threading.Thread(target=scrape_for_ever, args=(process,), daemon=True).start()
    values = sum(1 for line in text.splitlines() if line and not line.startswith("#"))
    return Peer("prometheus-node-exporter, scraped", [process], values, installed_kb("prometheus-node-exporter"))


def scrape():
    try:
        return urllib.request.urlopen(EXPORTER_URL, timeout=5).read().decode()
    except OSError:
        return ""


def scrape_for_ever(process):
    while process.poll() is None:
        scrape()
        time.sleep(10)


def collectd(base, _server):
    program = shutil.which("collectd", path="/usr/sbin:/usr/bin")
    if not program:
        return None
    (base / "collectd.conf").write_text(COLLECTD.format(base=base))
    process = spawn(program, "-f", "-C", base / "collectd.conf")
    time.sleep(22)  # two rounds: rates need two
    values = sum(1 for path in (base / "csv").rglob("*") if path.is_file())
    return Peer("collectd, CSV", [process], values, installed_kb("collectd-core"))


def pcp(base, _server):
    if not pathlib.Path("/usr/lib/pcp/bin/pmcd").exists():
        return None
    names = pathlib.Path("/var/lib/pcp/pmns")
    if not (names / "root").exists():  # its service does that at the first start
        subprocess.run(["./Rebuild", "-u"], cwd=names, check=True, capture_output=True)
    log = base / "pcp"
    log.mkdir()
    environment = {**os.environ, "PCP_RUN_DIR": str(log), "PMCD_PORT": "44399", "PMDA_LOCAL_PROC": ""}
    daemon = spawn("/usr/lib/pcp/bin/pmcd", "-f", "-A", "-l", log / "pmcd.log", "-p", "44399", "-s", log / "pmcd.socket",
                   env=environment, cwd=log)
    time.sleep(4)
    metrics = subprocess.run(["pminfo", "-h", "127.0.0.1:44399", "-f", *PCP_METRICS], text=True, capture_output=True,
                             env=environment).stdout
    (log / "logger.conf").write_text("log mandatory on 10 seconds { %s }\n" % " ".join(PCP_METRICS))
    logger = spawn("pmlogger", "-h", "127.0.0.1:44399", "-c", log / "logger.conf", "-l", log / "logger.log", log / "archive",
                   env=environment, cwd=log)
    return Peer("pcp: pmcd and pmlogger", [daemon, logger], metrics.count(" value "), installed_kb("pcp", "libpcp3"))


def first_sample(config):
    """Seconds from the program's start to its first figure."""
    begun = time.monotonic()
    with subprocess.Popen([harness.BIN / "sentinella", "-c", config, "run", "--once", "--print"],
                          stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("metric "):
                took = time.monotonic() - begun
                process.kill()
                return took
    return float("nan")


def look_at_processes():
    """Milliseconds of `sentinella discover` beside 2,000 processes more than usual, and with none of them."""
    def look():
        begun = time.monotonic()
        subprocess.run([harness.BIN / "sentinella", "discover"], stdout=subprocess.DEVNULL, check=True)
        return time.monotonic() - begun

    usual = min(look() for _ in range(5))
    holder = subprocess.Popen(["sh", "-c", f"i=0; while [ $i -lt {PROCESSES} ]; do sleep 300 & i=$((i+1)); done; echo x; wait"],
                              stdout=subprocess.PIPE, start_new_session=True)
    try:
        holder.stdout.readline()
        return min(look() for _ in range(5)) * 1000, usual * 1000
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()


def compare(base, server):
    peers = [peer for start in (ours, node_exporter, collectd, pcp) if (peer := start(base, server))]
    try:
        time.sleep(20)
        before, begun = [peer.cpu() for peer in peers], time.monotonic()
        time.sleep(SECONDS)
        minutes = (time.monotonic() - begun) / 60
        print("| agent | values a round | CPU-s a minute | µs a value | resident MB | installed KB |\n|---|---|---|---|---|---|")
        for peer, at_first in zip(peers, before):
            used = (peer.cpu() - at_first) / minutes
            memory = sum(resident_mb(pid) for pid in peer.pids())
            print(f"| {peer.name} | {peer.values} | {used:.4f} | {used / 6 / max(peer.values, 1) * 1e6:.1f} | {memory:.1f} "
                  f"| {peer.installed} |", flush=True)
    finally:
        for peer in peers:
            peer.stop()


def run():
    with tempfile.TemporaryDirectory() as directory:
        base = pathlib.Path(directory)
        server = harness.Server(base, address="0.0.0.0").start()
        probe = harness.Agent(base, server, [], name="probe")
        dummies = EmptyBridges(max(0, WANTED_VALUES - figures_of(probe.config)) // VALUES_AN_INTERFACE + 1)
        try:
            compare(base, server)
            print(f"\nFirst figure {first_sample(base / 'agent/sentinella.conf') * 1000:.0f} ms after the start (limit 50).")
            with_many, usual = look_at_processes()
            print(f"A look at {PROCESSES:,} processes more: {with_many:.0f} ms, {usual:.0f} ms without them (limit 50).\n", flush=True)
        finally:
            dummies.remove()
            server.kill()
    with tempfile.TemporaryDirectory() as directory:
        agent_death.print_table(agent_death.measure(pathlib.Path(directory)))
