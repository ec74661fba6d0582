"""ClickHouse 18.16 of Debian over log lines: one column of text, compressed with zstd; CPU time of the whole server.

Its packages are unpacked in build/conformance and not installed. It needs a processor with SSE 4.2.
"""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "tests" / name) for name in ("conformance", "e2e")]
import debian  # noqa: E402
import harness  # noqa: E402

PACKAGES = ("clickhouse-server", "clickhouse-common", "libcapnp-0.9.2", "libcctz2", "libcpuinfo0", "libfarmhash0", "libmetrohash1",
            "libpocofoundation80", "libpocodata80", "libodbc2", "libpocodataodbc80", "libpoconet80", "libpocomongodb80",
            "libpococrypto80", "libpocojson80", "libpocoxml80", "libpocoutil80", "libpoconetssl80", "librdkafka1", "libmariadb3",
            "libre2-9", "libjemalloc2", "libdouble-conversion3", "libboost-filesystem1.74.0", "libboost-program-options1.74.0",
            "libicu72", "libltdl7")
CONFIG = """<yandex>
<logger><level>warning</level><log>{directory}/log</log><errorlog>{directory}/errors</errorlog></logger>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{directory}/data/</path><tmp_path>{directory}/tmp/</tmp_path><users_config>{directory}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database><mark_cache_size>268435456</mark_cache_size>
<compression><case><min_part_size>0</min_part_size><min_part_size_ratio>0</min_part_size_ratio><method>zstd</method></case></compression>
</yandex>"""
USERS = """<yandex><profiles><default><max_threads>1</max_threads></default></profiles><quotas><default/></quotas>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default>
</users></yandex>"""
ROUNDS = 5


class Server:
    def __init__(self, directory):
        root = debian.unpacked(*PACKAGES)
        self.port, directory = harness.free_ports(1)[0], pathlib.Path(directory)
        (directory / "config.xml").write_text(CONFIG.format(directory=directory, http=self.port, tcp=harness.free_ports(1)[0]))
        (directory / "users.xml").write_text(USERS)
        libraries = [str(path.parent) for path in root.rglob("*.so.*")]
        self.process = subprocess.Popen(
            [root / "usr/sbin/clickhouse-server", f"--config-file={directory}/config.xml"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=os.environ | {"LD_LIBRARY_PATH": ":".join(dict.fromkeys(libraries)), "TZ": "UTC"})
        end = time.monotonic() + 30
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                errors = directory / "errors"
                raise RuntimeError(f"ClickHouse does not start here: {errors.read_text()[-500:] if errors.exists() else 'no message'}")
            time.sleep(0.2)

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("SELECT 1").strip() == "1"
        return False

    def ask(self, query, body=b""):
        url = f"http://127.0.0.1:{self.port}/?" + urllib.parse.urlencode({"query": query})
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST"), timeout=120) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{query}: {error.read().decode()[:300]}") from error

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.kill()
        self.process.wait()


def figures(log, word, scratch):
    """Megabytes stored per CPU-second, how many times smaller than raw, raw gigabytes searched per CPU-second."""
    with tempfile.TemporaryDirectory(dir=scratch) as directory:
        server = Server(directory)
        try:
            server.ask("CREATE TABLE logs (line String) ENGINE = MergeTree ORDER BY tuple()")
            size, before = log.stat().st_size, server.cpu()
            with log.open("rb") as lines:
                while part := lines.readlines(16 << 20):
                    body = b"".join(part).replace(b"\\", b"\\\\").replace(b"\t", b"\\t")
                    server.ask("INSERT INTO logs FORMAT TabSeparated", body)
            server.ask("OPTIMIZE TABLE logs FINAL")
            stored = size / 1e6 / (server.cpu() - before)
            packed = int(server.ask("SELECT sum(data_compressed_bytes) FROM system.parts WHERE active AND table = 'logs'"))
            search = f"SELECT count() FROM logs WHERE position(line, '{word}') > 0"
            server.ask(search)
            before = server.cpu()
            for _ in range(ROUNDS):
                server.ask(search)
            return stored, size / packed, size * ROUNDS / 1e9 / max(server.cpu() - before, 0.01)
        finally:
            server.stop()
