"""Services in real containers of podman and docker: found by themselves, their logs read in Kolla's volume or where the
engine keeps their output, and watched over the death and the new start of a container."""
import os
import pathlib
import shutil
import subprocess
import tarfile

import harness
import pytest

SERVICES = {"nova-compute": "nova_compute", "glance-api": "glance_api"}  # and the names of their containers
IMAGE = "localhost/sentinella-test"
OF_HOST = [f"{path}:{path}:ro" for path in ("/usr", "/bin", "/lib", "/lib64")]  # the programs: the image is empty


class Engine:
    def __init__(self, directory):
        self.directory, self.daemon = directory, None

    def call(self, *arguments, check=True):
        done = subprocess.run([*self.command, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=120)
        assert not check or done.returncode == 0, f"{self.name} {arguments}: {done.stderr[-2000:]}"
        return done.stdout.strip()

    def why_not(self):
        if os.geteuid() != 0:
            return "not root"
        for program in self.programs:
            if not shutil.which(program):
                return f"{program} is not installed"
        return f"there is {self.volume} already" if self.volume.exists() else None

    def run(self, container, mounts, *command):
        # The limits: for where they may not be raised.
        self.call("run", "-d", "--name", container, "--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit",
                  "nproc=1024:1024", "--log-driver", self.log_driver, *(part for mount in mounts for part in ("-v", mount)), IMAGE,
                  *command)

    def start(self):
        with tarfile.open(self.directory / "empty.tar", "w"):
            pass
        self.call("import", self.directory / "empty.tar", IMAGE)

    def clean(self):
        for command in (("rm", "-f", *SERVICES.values()), ("volume", "rm", "kolla_logs"), ("rmi", IMAGE)):
            self.call(*command, check=False)


class Podman(Engine):
    name, log_driver = "podman", "k8s-file"
    programs = ("podman", "runc")
    command = ("podman", "--runtime", "runc")
    volume = pathlib.Path("/var/lib/containers/storage/volumes/kolla_logs")


class Docker(Engine):
    """With a daemon of the test's own, which touches no network of the machine's."""
    name, log_driver = "docker", "json-file"
    programs = ("dockerd", "docker")
    volume = pathlib.Path("/var/lib/docker/volumes/kolla_logs")

    @property
    def command(self):
        return "docker", "--host", f"unix://{self.directory}/docker.sock"

    def why_not(self):
        if pathlib.Path("/run/docker.pid").exists() or pathlib.Path("/run/docker.sock").exists():
            return "a docker runs here already"
        return super().why_not()

    def start(self):
        log = open(self.directory / "dockerd.out", "wb")
        self.daemon = subprocess.Popen(["dockerd", "--iptables=false", "--ip-masq=false", "--bridge=none", "--host",
                                        self.command[2], "--pidfile", self.directory / "docker.pid"], stdout=log, stderr=log)
        harness.wait_for("docker", lambda: self.call("version", "-f", "{{.Server.Version}}", check=False), timeout=60)
        super().start()

    def clean(self):
        super().clean()
        self.daemon.terminate()
        self.daemon.wait(30)


def already_here():
    return next((name for name in SERVICES
                 if subprocess.run(["pgrep", "-f", f"python3 .*{name}( |$)"], capture_output=True).returncode == 0), None)


@pytest.fixture(params=[Podman, Docker], ids=["podman", "docker"])
def engine(request, tmp_path):
    """nova_compute as Kolla runs it, and glance_api, which writes to its standard output."""
    engine = request.param(tmp_path)
    if missing := engine.why_not():
        pytest.skip(missing)
    if name := already_here():
        pytest.skip(f"{name} runs here")
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in SERVICES:
        shutil.copy(pathlib.Path(__file__).parent / "stand_in_service.py", programs / name)
    mounts = [*OF_HOST, f"{programs}:/opt:ro"]
    try:
        engine.start()
        engine.run("nova_compute", [*mounts, "kolla_logs:/var/log/kolla"], "/bin/sh", "-c",
                   "mkdir -p /var/log/kolla/nova; exec /usr/bin/python3 /opt/nova-compute /var/log/kolla/nova/nova-compute.log")
        engine.run("glance_api", mounts, "/usr/bin/python3", "/opt/glance-api", "/dev/stdout")
        yield engine
    finally:
        engine.clean()


def heartbeats(client, service):
    return len(client.items("/api/v1/logs/search", q=f'Heartbeat service="{service}"', limit=1000))


def states(client):
    return {s["service"]: s["status"] for n in client.get("/api/v1/overview").json["nodes"] for s in n["services"]}


def test_services_in_containers_are_found_read_and_watched(engine, tmp_path, server, programs):
    shown = subprocess.run([harness.BIN / "sentinella", "discover"], capture_output=True, text=True, check=True).stdout
    for service, container in SERVICES.items():
        line = next(line for line in shown.splitlines() if line.startswith(service))
        assert f"container {engine.call('inspect', '-f', '{{.Id}}', container)[:12]}" in line
    agent = harness.Agent(tmp_path, server, [], node="c1", interval_seconds=1, discover=True)
    programs.append(agent.start())
    client = server.client()
    harness.wait_for("both to be up", lambda: [states(client).get(name) for name in SERVICES] == ["up", "up"], timeout=60)
    for service in SERVICES:
        harness.wait_for(f"the lines of {service}", lambda: heartbeats(client, service) > 3, timeout=30)

    engine.call("kill", "nova_compute")
    down = harness.wait_for("the alert", lambda: [a for a in client.items("/api/v1/alerts") if a["event"] == "ServiceDown"])
    assert [(a["service"], a["host"]) for a in down] == [(["nova-compute"], "c1")]
    engine.call("start", "nova_compute")
    harness.wait_for("it to be well", lambda: not client.items("/api/v1/alerts"), timeout=60)
    before = heartbeats(client, "nova-compute")
    harness.wait_for("its lines to go on", lambda: heartbeats(client, "nova-compute") > before, timeout=30)
