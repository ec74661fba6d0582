"""A table of faults: how long until somebody is told, how many pages, whether what is told is the cause."""
import dataclasses
import json
import os
import subprocess
import threading
import time
import urllib.request

import harness
import pytest
from openstack_bed import WATCHED, beneath
from test_clock_step import LIBRARY, Clock

REPORT = harness.ROOT / "build" / "openstack-faults.md"
SETTLE = 15  # seconds after the first message, in which symptoms show
WANTED = os.environ.get("SENTINELLA_FAULTS", "").split(",")  # beginnings of names; none: all
MACHINE = ("LoadHigh", "CpuSaturated", "IoPressure")  # true of the machine under the test bed, and no part of a fault
FOR_CERTAIN = ("ServiceDown", "ServiceHung", "AgentSilent", "HostClockWrong")  # end with the fault
OPENED = ("alert.opened", "alert.reopened", "alert.severity")


class Load(threading.Thread):
    """Somebody uses the cloud: a token, a list of servers, a key pair, every other second."""

    def __init__(self, bed):
        super().__init__(daemon=True)
        self.stopping, self.answered = False, 0
        environment = bed.run("env")
        lines = subprocess.run(["bash", "-c", environment + "\nenv"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.env = dict(line.split("=", 1) for line in lines.splitlines() if line.startswith("OS_"))
        self.nova = "http://127.0.0.1:8774/v2.1"

    def call(self, url, body=None, token=None, method=None):
        headers = {"Content-Type": "application/json", **({"X-Auth-Token": token} if token else {})}
        return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=15)

    def token(self):
        user = {"name": self.env["OS_USERNAME"], "domain": {"name": "Default"}, "password": self.env["OS_PASSWORD"]}
        project = {"name": self.env["OS_PROJECT_NAME"], "domain": {"name": "Default"}}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": {"project": project}}}
        url = self.env["OS_AUTH_URL"].rstrip("/") + "/auth/tokens"
        with self.call(url, json.dumps(body).encode()) as answer:
            return answer.headers["X-Subject-Token"]

    def run(self):
        token, number = None, 0
        while not self.stopping:
            number += 1
            for step in ("token", "list", "write"):
                try:
                    if step == "token":
                        token = self.token() if number % 5 == 1 or token is None else token
                    elif step == "list":
                        self.call(self.nova + "/servers", token=token).close()
                    else:
                        name = f"load-{os.getpid()}-{number}"
                        self.call(self.nova + "/os-keypairs", f'{{"keypair":{{"name":"{name}"}}}}'.encode(), token).close()
                        self.call(f"{self.nova}/os-keypairs/{name}", token=token, method="DELETE").close()  # there is a quota
                    self.answered += 1
                except Exception:  # that is what is measured
                    pass
            time.sleep(2)


@dataclasses.dataclass
class Fault:
    name: str
    event: tuple        # of the alert that is the cause
    host: str           # "" = any
    service: str        # "" = the host
    wound: object       # (bed, agents) -> None
    heal: object
    limit: float = 60   # seconds until somebody must be told


def kill(name):
    return lambda bed, agents: bed.kill(name)


def fault(name, how):
    return lambda bed, agents: bed.run("fault", name, how)


def heal(*names):
    def do(bed, agents):
        for name in names:
            bed.run("heal", name)
    return do


def sql(bed, statement):
    """As root of the test bed's own database."""
    command = ["mariadb", "--no-defaults", f"--socket={bed.state / 'run/mariadb.sock'}", "-u", "root", "-e", statement]
    subprocess.run(command, check=True, timeout=20)


class FullDisk:
    """A file system of its own, so that nobody else suffers."""

    def __init__(self, directory):
        self.image, self.mount = directory / "disk.img", directory / "disk"
        self.mount.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", self.image], check=True)
        self.usable = subprocess.run(["mount", "-o", "loop", self.image, self.mount]).returncode == 0

    def fill(self, *_):
        with open(self.mount / "filler", "wb") as filler:
            try:
                while True:
                    filler.write(b"\0" * (1 << 20))
                    filler.flush()
            except OSError:
                pass

    def empty(self, *_):
        (self.mount / "filler").unlink()

    def close(self):
        if self.usable:
            subprocess.run(["umount", self.mount], check=False)


def agent_dead(_, agents):
    agents["compute2"].kill()


def node_dead(bed, agents):
    agents["compute1"].kill()
    bed.kill("nova-compute1")


def restart(node):
    def do(bed, agents):
        if node == "compute1":
            bed.run("heal", "nova-compute1")
        agents[node].start()
    return do


def faults(disk, clock):
    silent = ("AgentSilent",)
    table = [
        Fault("death (kill -9)", ("ServiceDown",), "controller", "nova-conductor", kill("nova-conductor"), heal("nova-conductor")),
        Fault("hang (SIGSTOP)", ("ServiceDown", "ServiceHung", "ApiEndpointDown", "ApiDown", "ServiceUnresponsive"), "controller",
              "nova-api", fault("nova-api", "stop"), heal("nova-api"), limit=75),
        Fault("API errors (nova-api misses a table)", ("ApiErrors",), "controller",
              "nova-api", lambda bed, _: sql(bed, "RENAME TABLE nova_api.key_pairs TO nova_api.gone"),
              lambda bed, _: sql(bed, "RENAME TABLE nova_api.gone TO nova_api.key_pairs"), limit=75),
        Fault("broker down", ("ServiceDown",), "controller", "rabbitmq", kill("rabbitmq"), heal("rabbitmq")),
        Fault("database down", ("ServiceDown",), "controller", "mariadb", kill("database"), heal("database")),
        Fault("agent dead", silent, "compute2", "", agent_dead, restart("compute2")),
        Fault("node dead", silent, "compute1", "", node_dead, restart("compute1")),
    ]
    if LIBRARY.exists():
        table.append(Fault("clock step (+1 h)", ("HostClockWrong",), "compute2", "", lambda *_: clock.step(3600),
                           lambda *_: clock.step(0), limit=75))
    if disk.usable:
        # All three agents see the machine's disks.
        table.append(Fault("disk full", ("DiskFilling", "DiskFull"), "", "", disk.fill, disk.empty, limit=150))
    return table


@pytest.fixture
def bed(tmp_path, testbed):
    testbed.up()
    server = harness.Server(tmp_path).start()
    webhook = harness.Webhook()
    harness.add_webhook(server.client(), webhook.url, min_tier="ticket")
    disk = FullDisk(tmp_path)
    agents, clock = {}, Clock(tmp_path / "clock")
    for agent in testbed.agents(tmp_path, server, extra=beneath(testbed)):
        if agent.directory.name == "compute2" and LIBRARY.exists():
            agent.env = clock.env()
        agents[agent.directory.name] = agent.start()
    load = Load(testbed)
    load.start()
    try:
        everything_up(server)
        yield testbed, server, webhook, agents, disk, clock
    finally:
        load.stopping = True
        for program in [*agents.values(), server]:
            print(f"--- {program.arguments[0]} ---\n{program.log()[-1500:]}")
            program.kill()
        disk.close()
        webhook.close()


def everything_up(server):
    states = {}

    def up():
        nodes = server.client().get("/api/v1/overview").json["nodes"]
        states.update({(n["host"], s["service"]): s["status"] for n in nodes for s in n["services"]})
        return len(states) == len(WATCHED) + 2 and set(states.values()) == {"up"}
    try:
        harness.wait_for("all services to be up", up, timeout=120, every=0.5)
    except AssertionError as error:
        raise AssertionError(f"{error}: {states}") from None


def is_news(body):
    return body["event"] in OPENED and body["alert"]["event"] not in MACHINE


def is_root(one, alert):
    return alert["event"] in one.event and one.host in ("", alert["host"]) and (not one.service or alert["service"] == [one.service])


def measure(one, bed, server, webhook, agents):
    client = server.client()
    start, at = len(webhook.received), time.time()
    one.wound(bed, agents)
    try:
        first = harness.wait_for("a message", lambda: next(
            ((t, b) for t, b, _ in webhook.received[start:] if is_news(b)), None), one.limit, every=0.1)
    except AssertionError:
        first = None
    time.sleep(SETTLE)
    told = [b for _, b, _ in webhook.received[start:] if is_news(b)]
    pages = [b for b in told if b["alert"]["tier"] == "page"]
    open_now = [a for a in client.items("/api/v1/alerts", page_size=1000) if a["event"] not in MACHINE]
    roots = [a for a in open_now if is_root(one, a)]
    others = [a for a in open_now if a not in roots]
    folded = [a for a in others if roots and a["cause"] == roots[0]["id"]]
    names = "; ".join(dict.fromkeys(f"{b['alert']['event']} {b['alert']['resource']}" for b in told)) or "nothing"
    right = bool(roots) and bool(told) and is_root(one, told[0]["alert"])
    waited = f"{first[0] - at:.1f}" if first else f"not within {one.limit:.0f}"
    loose = ", ".join(f"{a['event']} {a['resource']}" for a in others if a not in folded)
    one.heal(bed, agents)
    harness.wait_for("everything to be well again", lambda: all_closed(client), timeout=240, every=0.5)
    return [one.name, waited, str(len(pages)), str(len(told)), names, f"{len(folded)} of {len(others)}", "yes" if right else "no",
            loose or "-"]


def calm(client):
    """Services go on complaining for a while after what they need is back."""
    try:
        harness.wait_for("pages to close", lambda: not [a for a in client.items("/api/v1/alerts", page_size=1000)
                                                        if a["tier"] == "page"], timeout=120, every=0.5)
    except AssertionError as error:
        print(error)


def all_closed(client):
    """Log alerts close when it has been quiet; they need not hold up the next fault."""
    return not [a for a in client.items("/api/v1/alerts", page_size=1000) if a["event"] in FOR_CERTAIN]


def test_each_fault_is_told_once_by_its_cause(bed):
    testbed, server, webhook, agents, disk, clock = bed
    rows = []
    for one in faults(disk, clock):
        if not any(one.name.startswith(name) for name in WANTED):
            continue
        everything_up(server)
        calm(server.client())
        for alert in server.client().items("/api/v1/alerts", page_size=1000):
            server.client().post(f"/api/v1/alerts/{alert['id']}/actions", {"action": "close"})
        rows.append(measure(one, testbed, server, webhook, agents))
        print("| " + " | ".join(rows[-1]) + " |", flush=True)
        write_report(rows)


def write_report(rows):
    REPORT.parent.mkdir(exist_ok=True)
    head = ["fault", "told after s", "pages", "messages", "what was told", "others folded under it", "cause right", "not folded"]
    table = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows]
    REPORT.write_text("\n".join(table) + "\n")
