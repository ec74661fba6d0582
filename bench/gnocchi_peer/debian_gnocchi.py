"""Debian's own Gnocchi as it is run: an API process, metricd, PostgreSQL as indexer, files as storage.

Needs Debian's python3-gnocchi and postgresql. The API is one process behind the standard library's WSGI server: with
bodies of thousands of measures it does not matter what stands before it.
"""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import urllib.request

import harness

POSTGRES = pathlib.Path("/usr/lib/postgresql/15/bin")
PYTHON = "/usr/bin/python3"
POLICY = "/usr/lib/python3/dist-packages/gnocchi/rest/policy.yaml"
API = """
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server
from gnocchi import service
from gnocchi.rest import app
port, sys.argv = int(sys.argv[1]), ["gnocchi-api", *sys.argv[2:]]
class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *arguments):
        pass
make_server("127.0.0.1", port, app.load_app(service.prepare_service()), handler_class=Quiet).serve_forever()
"""
COMMAND = "import sys; from gnocchi.cli.{module} import {name}; sys.argv[0] = '{name}'; sys.exit({name}())"
TICKS = os.sysconf("SC_CLK_TCK")


def is_there():
    found = subprocess.run([PYTHON, "-c", "import gnocchi.rest.app, psycopg2"], capture_output=True, cwd="/").returncode == 0
    return found and POSTGRES.exists()


class Gnocchi:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port, self.sql_port = harness.free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes = []
        (self.directory / "storage").mkdir(parents=True)
        (self.directory / "gnocchi.conf").write_text(f"""[api]
auth_mode = basic
[oslo_policy]
policy_file = {POLICY}
[indexer]
url = postgresql://postgres@127.0.0.1:{self.sql_port}/gnocchi
[storage]
driver = file
file_basepath = {self.directory}/storage
[incoming]
driver = file
file_basepath = {self.directory}/storage
[metricd]
workers = 1
metric_processing_delay = 1
""")

    def start(self):
        self.start_postgres()
        self.command("manage", "upgrade", "--sacks-number", "8").wait(120)
        self.api = subprocess.Popen([PYTHON, "-c", API, str(self.port), *self.options()], cwd=self.directory,
                                    stdout=self.log("api"), stderr=subprocess.STDOUT, start_new_session=True)
        self.metricd = self.command("metricd", "metricd")
        self.processes += [self.api, self.metricd]
        harness.wait_for("Gnocchi to answer", self.answers, timeout=60, every=0.3)
        return self

    def start_postgres(self):
        data, owner = self.directory / "postgres", pwd.getpwnam("postgres")
        data.mkdir()
        os.chown(data, owner.pw_uid, owner.pw_gid)
        for parent in [self.directory, *self.directory.parents][:2]:
            parent.chmod(parent.stat().st_mode | 0o011)
        run = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        subprocess.run([*run, POSTGRES / "initdb", "-D", data, "-A", "trust", "-N"], check=True, capture_output=True, cwd="/")
        self.sql = subprocess.Popen([*run, POSTGRES / "postgres", "-D", data, "-p", str(self.sql_port), "-k", data,
                                     "-h", "127.0.0.1"], cwd="/", stdout=self.log("postgres"), stderr=subprocess.STDOUT)
        self.processes.append(self.sql)
        create = [POSTGRES / "createdb", "-h", "127.0.0.1", "-p", str(self.sql_port), "-U", "postgres", "gnocchi"]
        harness.wait_for("PostgreSQL", lambda: subprocess.run(create, capture_output=True).returncode == 0, timeout=30,
                         every=0.3)

    def options(self):
        return ["--config-file", str(self.directory / "gnocchi.conf")]

    def log(self, name):
        return open(self.directory / f"{name}.log", "w")

    def command(self, module, name, *arguments):
        code = COMMAND.format(module=module, name=name)
        return subprocess.Popen([PYTHON, "-c", code, *self.options(), *arguments], cwd=self.directory,
                                stdout=self.log(name), stderr=subprocess.STDOUT, start_new_session=True)

    def answers(self):
        try:
            return urllib.request.urlopen(self.url + "/healthcheck", timeout=5).status == 200
        except OSError:
            return False

    def has_processed(self):
        """Whether no measure waits to be aggregated."""
        request = urllib.request.Request(self.url + "/v1/status?details=false", headers={"Authorization": "basic YWRtaW46"})
        return json.load(urllib.request.urlopen(request, timeout=30))["storage"]["summary"]["measures"] == 0

    def cpu_seconds(self):
        """Of API, metricd and PostgreSQL, children that have ended included."""
        return sum(tree_seconds(process.pid) for process in self.processes)

    def stored_bytes(self):
        return sum(path.stat().st_size for path in (self.directory / "storage").rglob("*") if path.is_file())

    def stop(self):
        for process in reversed(self.processes):
            try:
                os.killpg(process.pid, signal.SIGKILL) if process is not self.sql else process.send_signal(signal.SIGINT)
            except ProcessLookupError:
                pass
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        shutil.rmtree(self.directory / "storage", ignore_errors=True)


def tree_seconds(pid):
    """User and system time of a process and all below it, with what their ended children took."""
    parents, times = {}, {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
        times[int(stat.parent.name)] = sum(map(int, fields[11:15])) / TICKS

    def below(one):
        while one in parents:
            if one == pid:
                return True
            one = parents[one]
        return False
    return sum(took for one, took in times.items() if below(one))
