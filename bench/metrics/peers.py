"""The servers that are measured, each alone, in a fresh directory, on a loopback port."""
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import time
import urllib.parse

import harness


def size_of(directory):
    """Bytes of the files below: neither the holes in them nor what is set aside behind their ends."""
    total = 0
    for path in directory.rglob("*"):
        try:
            if path.is_file():
                status = path.lstat()
                total += min(status.st_size, status.st_blocks * 512)
        except FileNotFoundError:  # merged away meanwhile
            continue
    return total


def wait_until_settled(directory, every):
    """Until its size no longer changes: merging goes on in the background. At most two minutes."""
    end, last = time.monotonic() + 120, -1
    while (now := size_of(directory)) != last and time.monotonic() < end:
        last = now
        time.sleep(every)


class Peer:
    """Doors: the format of a load and the path that takes it."""
    package = None
    doors = {}
    def __init__(self, directory):
        self.directory, self.port = pathlib.Path(directory), harness.free_ports(1)[0]
        self.data = self.directory / "data"
        self.authorization, self.process = "", None

    def command(self):
        raise NotImplementedError

    def start(self):
        with open(self.directory / "out", "ab") as out:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd=self.directory)
        harness.wait_for(f"{self.name} to answer", self.answers, timeout=60)
        self.prepare()
        return self

    def answers(self):
        try:
            return self.request("GET", self.health)[0] in (200, 204)
        except OSError:
            return False

    def prepare(self):
        """What the server needs before the first load."""

    def request(self, method, path, body=None, headers=None, timeout=600):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, {**self.headers(), **(headers or {})})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def headers(self):
        return {"Authorization": self.authorization} if self.authorization else {}

    def query_path(self, query):
        """The path that answers a Query."""
        parameters = {"query": query.promql, "time": query.at} if query.step is None else \
            {"query": query.promql, "start": query.at - query.span, "end": query.at, "step": query.step}
        return f"{self.api}/{'query' if query.step is None else 'query_range'}?{urllib.parse.urlencode(parameters)}"

    def rows(self, body):
        """How many series an answer has: tells an empty answer from a quick one."""
        return len(json.loads(body)["data"]["result"])

    def bytes_on_disk(self):
        """What is stored now, as far as it stays."""
        return size_of(self.data)

    def flush(self):
        """Returns when everything is flushed and merged. May stop the server."""
        raise NotImplementedError

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


class VictoriaMetrics(Peer):
    name, package, health, api = "VictoriaMetrics", "victoria-metrics", "/health", "/api/v1"
    doors = {"influx": "/write", "remote": "/api/v1/write"}

    def command(self):
        return ["victoria-metrics", f"-httpListenAddr=127.0.0.1:{self.port}", f"-storageDataPath={self.data}",
                "-retentionPeriod=100y", "-search.disableCache", "-search.maxUniqueTimeseries=5000000",
                "-search.latencyOffset=1ms"]

    def flush(self):
        self.request("GET", "/internal/force_flush")
        self.request("GET", "/internal/force_merge")
        wait_until_settled(self.data, 3)


class Prometheus(Peer):
    name, package, health, api = "Prometheus", "prometheus", "/-/ready", "/api/v1"
    doors = {"remote": "/api/v1/write"}

    def command(self):
        (self.directory / "prometheus.yml").write_text("global: {}\n")
        return ["prometheus", "--config.file=prometheus.yml", f"--storage.tsdb.path={self.data}",
                f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-remote-write-receiver",
                "--storage.tsdb.retention.time=100y", "--web.enable-admin-api", "--log.level=warn"]

    def flush(self):
        self.request("POST", "/api/v1/admin/tsdb/snapshot")

    def bytes_on_disk(self):
        """A snapshot with the head as a block: what the samples come to without the write-ahead log."""
        return size_of(self.data / "snapshots")


class InfluxDB(Peer):
    name, package, health = "InfluxDB", "influxdb", "/ping"
    doors = {"influx": "/write?db=bench"}

    def command(self):
        data = self.data
        (self.directory / "influxdb.conf").write_text(f"""reporting-disabled = true
bind-address = "127.0.0.1:{harness.free_ports(1)[0]}"
[meta]
dir = "{data}/meta"
[data]
dir = "{data}/data"
wal-dir = "{data}/wal"
index-version = "tsi1"
max-series-per-database = 0
max-values-per-tag = 0
cache-snapshot-write-cold-duration = "5s"
compact-full-write-cold-duration = "5s"
query-log-enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{self.port}"
log-enabled = false
[logging]
level = "warn"
""")
        return ["influxd", "-config", str(self.directory / "influxdb.conf")]

    def prepare(self):
        self.request("POST", "/query?q=CREATE+DATABASE+bench")

    def query_path(self, query):
        return f"/query?{urllib.parse.urlencode({'db': 'bench', 'epoch': 's', 'q': query.influxql})}" if query.influxql else None

    def rows(self, body):
        return sum(len(result.get("series", ())) for result in json.loads(body)["results"])

    def flush(self):
        wait_until_settled(self.data, 8)


class Sentinella(Peer):
    name, health, api = "Sentinella", "/healthz", "/prometheus/api/v1"
    doors = {"influx": "/influxdb/write", "remote": "/prometheus/api/v1/write"}
    sync = "1s"

    def command(self):
        (self.directory / "server.conf").write_text(f"[journal]\nsync = {self.sync}\n")
        return [str(harness.BIN / "sentinella-server"), "--config", str(self.directory / "server.conf"), "--data-dir",
                str(self.data), "--listen", f"127.0.0.1:{self.port}"]

    def answers(self):
        return (self.data / "ready").exists() and super().answers()

    def prepare(self):
        bootstrap = json.loads((self.data / "bootstrap.json").read_text())
        self.authorization = f"Bearer {bootstrap['api_key']}"

    def flush(self):
        time.sleep(12)  # a checkpoint
        self.stop()

    def bytes_on_disk(self):
        """Without the journal, which is bounded and goes once all stores have it."""
        return size_of(self.data) - size_of(self.data / "journal")


class SentinellaSyncingCommits(Sentinella):
    name, sync = "Sentinella, a sync per commit", "commit"


ALL = [Sentinella, VictoriaMetrics, Prometheus, InfluxDB]


def install(wanted=ALL):
    missing = [peer.package for peer in wanted if peer.package and not shutil.which(peer.package) and peer is not InfluxDB]
    missing += [] if InfluxDB not in wanted or shutil.which("influxd") else [InfluxDB.package]
    if missing:
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*sudo, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
