"""A real OpenStack on loopback, driven through its script `testbed`."""
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.request

import harness

# service of ours -> (name in the test bed, node, what its argv holds, log file under log/)
WATCHED = {
    ("controller", "keystone"): ("keystone", "keystone", "keystone/keystone.log"),
    ("controller", "glance-api"): ("glance", "glance-api", "glance/glance-api.log"),
    ("controller", "nova-api"): ("nova-api", "nova-api", "nova/nova-api.log"),
    ("controller", "nova-conductor"): ("nova-conductor", "nova-conductor", "nova/nova-conductor.log"),
    ("controller", "nova-scheduler"): ("nova-scheduler", "nova-scheduler", "nova/nova-scheduler.log"),
    ("compute1", "nova-compute"): ("nova-compute1", "nova-compute compute1.conf", "compute1/nova/nova-compute.log"),
    ("compute2", "nova-compute"): ("nova-compute2", "nova-compute compute2.conf", "compute2/nova/nova-compute.log"),
}


def read_environment(testbed):
    """That of the test bed's admin."""
    shown = subprocess.run(["bash", "-c", f"{testbed.run('env')}\nexec env -0"], capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in shown.stdout.split("\0") if "=" in line)


class Watched:
    """What harness.Agent needs to know of a service."""

    def __init__(self, name, process_name, log):
        self.name, self.process_name, self.log_file = name, process_name, log


def beneath(testbed):
    """By node: what every service stands on."""
    return {"controller": [Watched("rabbitmq", "beam.smp -s rabbit boot", testbed.state / "log/rabbitmq/rabbitmq.log"),
                           Watched("mariadb", "mariadbd my.cnf", testbed.state / "log/mariadb/error.log")]}


class Testbed:
    def __init__(self, path):
        self.script = pathlib.Path(path)
        if self.script.is_dir():
            self.script = self.script / "testbed"
        self.state = pathlib.Path(os.environ.get("TESTBED_DIR", "/var/tmp/sentinella-testbed"))

    def run(self, *arguments, check=True):
        done = subprocess.run([self.script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=900, cwd="/")
        assert not check or done.returncode == 0, f"testbed {arguments}: {done.stdout[-2000:]}"
        return done.stdout

    def up(self):
        self.run("up", "--minimal")

    def pid(self, name):
        """Of the service's main process; None while it is being started."""
        words = (self.state / "run" / f"{name}.pid").read_text().split()
        return int(words[0]) if words else None

    def kill(self, name, number=signal.SIGKILL):
        """Signals the service's whole process group; the time it was done."""
        pid = self.pid(name)
        at = time.time()
        os.killpg(pid, number)
        return at

    def stop(self, name):
        """As an upgrade does: asks it to end, and waits until it has."""
        stat = pathlib.Path("/proc") / str(self.pid(name)) / "stat"
        self.kill(name, signal.SIGTERM)
        harness.wait_for(f"{name} to stop", lambda: not stat.exists() or ") Z " in stat.read_text(), timeout=80, every=0.2)

    def heal(self, name):
        """Starts the service again; the time its process began."""
        old = self.pid(name)
        process = subprocess.Popen([self.script, "heal", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   cwd="/")
        harness.wait_for(f"{name} to be started", lambda: self.pid(name) not in (None, old), timeout=60)
        return (self.state / "run" / f"{name}.pid").stat().st_mtime, process

    def agents(self, directory, server, extra=None, **settings):
        """`extra`: by node, more services to watch."""
        nodes = {node: list(services) for node, services in (extra or {}).items()}
        for (node, service), (_, process, log) in WATCHED.items():
            nodes.setdefault(node, []).append(Watched(service, process, self.state / "log" / log))
        return [harness.Agent(directory, server, services, name=node, node=node, **settings)
                for node, services in nodes.items()]

    def openstack(self, *arguments):
        """The openstack client, as the test bed's admin."""
        environment = self.run("env")
        command = f"{environment}\nexec openstack " + " ".join(arguments)
        return subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=300)

    def boot_again(self, times, image, flavor):
        """Asks Nova for `times` servers, one request each, without the client's seconds of start-up."""
        def value(*arguments):
            return self.openstack(*arguments, "-f", "value").stdout.strip()

        self.openstack("quota", "set", "--instances", "-1", "--cores", "-1", "--ram", "-1", "admin")
        token = value("token", "issue", "-c", "id")
        endpoint = value("endpoint", "list", "--service", "nova", "--interface", "public", "-c", "URL")
        body = json.dumps({"server": {"name": "doomed", "networks": "none",
                                      "imageRef": value("image", "show", image, "-c", "id"),
                                      "flavorRef": value("flavor", "show", flavor, "-c", "id")}}).encode()
        headers = {"X-Auth-Token": token, "Content-Type": "application/json",
                   "OpenStack-API-Version": "compute 2.37"}
        for _ in range(times):
            request = urllib.request.Request(endpoint + "/servers", body, headers)
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.status == 202
