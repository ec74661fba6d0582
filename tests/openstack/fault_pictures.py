#!/usr/bin/python3
"""Pictures of the alert page for every class of fault that the test bed offers, into docs/images/faults and docs/faults.md.

    /usr/bin/python3 tests/openstack/fault_pictures.py --testbed PATH [NAME...]

NAME: only these faults (the others keep their pictures). Needs the programs (./dev build) and the UI's packages.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "e2e"), str(pathlib.Path(__file__).resolve().parent)]

import harness  # noqa: E402
from openstack_bed import Testbed, Watched  # noqa: E402
from test_clock_step import LIBRARY, Clock  # noqa: E402
from test_faults import FullDisk, Load, agent_dead, fault, heal, kill, node_dead, restart, sql  # noqa: E402

IMAGES = harness.ROOT / "docs" / "images" / "faults"
INDEX = harness.ROOT / "docs" / "faults.md"
TEXTS = IMAGES / "faults.json"
SETTLE = 12  # seconds in which symptoms, charts and messages come


@dataclasses.dataclass
class Picture:
    name: str        # of the file
    what: str        # what was done
    events: tuple    # of the alert that is shown; the first that is there
    host: str
    service: str     # "" = the host
    wound: object    # (bed, agents)
    heal: object
    limit: float = 90


def key_pairs(old, new):
    return lambda bed, _: sql(bed, f"RENAME TABLE nova_api.{old} TO nova_api.{new}")


def doomed_boot(bed, _):
    """No host has as much memory: nova-conductor says NoValidHost."""
    with tempfile.NamedTemporaryFile() as image:
        image.write(b"\0" * 1024)
        image.flush()
        bed.openstack("flavor", "create", "--ram", "256", "--vcpus", "1", "--disk", "900000", "doomed")
        bed.openstack("image", "create", "--file", image.name, "--disk-format", "raw", "doomed")
    bed.openstack("server", "create", "--image", "doomed", "--flavor", "doomed", "--nic", "none", "doomed")


def nothing(*_):
    pass


def pictures(disk, clock):
    down = ("ServiceDown",)
    hung = ("ServiceHung", "ServiceUnresponsive", "ApiEndpointDown", "ApiDown", "ServiceDown")
    silent = ("AgentSilent",)
    table = [
        Picture(f"kill-{name}", f"`kill -9` of {service}", down, host, service, kill(name), heal(name))
        for name, host, service in (
            ("nova-api", "controller", "nova-api"), ("nova-conductor", "controller", "nova-conductor"),
            ("nova-scheduler", "controller", "nova-scheduler"), ("nova-compute1", "compute1", "nova-compute"),
            ("keystone", "controller", "keystone"), ("glance", "controller", "glance-api"),
            ("placement", "controller", "placement-api"), ("neutron", "controller", "neutron-server"),
            ("memcached", "controller", "memcached"), ("rabbitmq", "controller", "rabbitmq"),
            ("database", "controller", "mariadb"))]
    table += [
        Picture("stop-nova-api", "SIGSTOP of nova-api: it is there and answers nobody", hung, "controller", "nova-api",
                fault("nova-api", "stop"), heal("nova-api"), limit=120),
        Picture("stop-nova-conductor", "SIGSTOP of nova-conductor", hung + ("LogErrors",), "controller", "nova-conductor",
                fault("nova-conductor", "stop"), heal("nova-conductor"), limit=150),
        Picture("term-nova-scheduler", "SIGTERM of nova-scheduler, and it does not come back", down + ("ServiceStopped",),
                "controller", "nova-scheduler", fault("nova-scheduler", "term"), heal("nova-scheduler"), limit=150),
        Picture("api-errors", "nova-api misses a table of its database", ("TracebackBurst", "LogErrors", "DatabaseErrors",
                "NewError"), "controller", "nova-api", key_pairs("key_pairs", "gone"), key_pairs("gone", "key_pairs"), limit=120),
        Picture("no-valid-host", "a server is asked for that fits on no host", ("NoValidHost",), "controller",
                "nova-conductor", doomed_boot, nothing, limit=120),
        Picture("agent-dead", "the agent of compute2 is killed", silent, "compute2", "", agent_dead, restart("compute2")),
        Picture("node-dead", "everything on compute1 is killed", silent, "compute1", "", node_dead, restart("compute1")),
    ]
    if LIBRARY.exists():
        table.append(Picture("clock-step", "the clock of compute2 is set one hour ahead", ("HostClockWrong",), "compute2", "",
                             lambda *_: clock.step(3600), lambda *_: clock.step(0), limit=120))
    if disk.usable:
        table.append(Picture("disk-full", "a file system of the controller is filled", ("DiskFull", "DiskFilling"),
                             "controller", "", disk.fill, disk.empty, limit=180))
    return table


def extra(bed):
    log = bed.state / "log"
    return {"controller": [Watched("rabbitmq", "beam.smp -s rabbit boot", log / "rabbitmq/rabbitmq.log"),
                           Watched("mariadb", "mariadbd my.cnf", log / "mariadb/error.log"),
                           Watched("memcached", "memcached", log / "console/memcached.log"),
                           Watched("neutron-server", "neutron-server", log / "neutron/neutron-server.log"),
                           Watched("placement-api", "placement", log / "placement/placement-api.log")]}


def open_alerts(client):
    return client.items("/api/v1/alerts", page_size=1000)


def shown(client, one):
    """The alert of this fault, the best named first."""
    mine = [a for a in open_alerts(client) if a["event"] in one.events and a["host"] == one.host
            and (not one.service or a["service"] == [one.service])]
    return min(mine, key=lambda a: one.events.index(a["event"]), default=None)


def take(one, bed, server, boot, agents):
    client = server.client()
    for alert in open_alerts(client):
        client.post(f"/api/v1/alerts/{alert['id']}/actions", {"action": "close"})
    at = time.time()
    one.wound(bed, agents)
    try:
        alert = harness.wait_for(f"the alert of {one.name}", lambda: shown(client, one), one.limit, every=0.3)
        told = time.time() - at
        time.sleep(SETTLE)
        alert = shown(client, one) or alert
        IMAGES.mkdir(parents=True, exist_ok=True)
        subprocess.run(["node", "e2e/picture.mjs", f"/alerts/{alert['id']}", str(IMAGES / f"{one.name}.webp")],
                       cwd=harness.ROOT / "ui", check=True, timeout=180,
                       env={**os.environ, "APOLLO_URL": server.url, "APOLLO_USER": boot["admin_user"],
                            "APOLLO_PASSWORD": boot["admin_password"]})
        return {"what": one.what, "says": alert["text"], "event": alert["event"]}, told
    finally:
        one.heal(bed, agents)


def everything_up(server, count):
    states = {}

    def up():
        nodes = server.client().get("/api/v1/overview").json["nodes"]
        states.update({(n["host"], s["service"]): s["status"] for n in nodes for s in n["services"]})
        return len(states) == count and set(states.values()) == {"up"}
    try:
        harness.wait_for("all services to be up", up, timeout=240, every=0.5)
    except AssertionError as error:
        raise AssertionError(f"{error}: {states}") from None


def write_index(all_pictures):
    texts = json.loads(TEXTS.read_text()) if TEXTS.exists() else {}
    lines = ["# Faults of a real OpenStack, and what the alert page says of each", "",
             "Made by `tests/openstack/fault_pictures.py` on the test bed (OpenStack Zed of Debian 12: two compute nodes, RabbitMQ,",
             "MariaDB, memcached; agents on all). Each picture is the page of the alert as the link in the message opens it, 1280x800,",
             "not scrolled, nothing pressed.", ""]
    for one in all_pictures:
        if (text := texts.get(one.name)) and (IMAGES / f"{one.name}.webp").exists():
            lines += [f"## {one.what[0].upper() if one.what[0] != '`' else '`'}{one.what[1:]}", "",
                      f"*{text['event']}*: {text['says'].splitlines()[0]}", "",
                      f"![The alert after: {one.what}](images/faults/{one.name}.webp)", ""]
    missing = [one.what for one in all_pictures if not (IMAGES / f"{one.name}.webp").exists()]
    if missing:
        lines += ["No picture was taken yet after: " + "; ".join(missing) + "."]
    INDEX.write_text("\n".join(lines).rstrip("\n") + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--testbed", required=True, help="directory of the OpenStack test bed (has a script `testbed`)")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    bed = Testbed(given.testbed)
    bed.up()
    with tempfile.TemporaryDirectory(prefix="faults-") as directory:
        directory = pathlib.Path(directory)
        disk = FullDisk(directory)
        clock = Clock(directory / "clock")
        table = pictures(disk, clock)
        server = harness.Server(directory).start()
        boot = server.bootstrap  # its password goes with the first login
        harness.add_webhook(server.client(), (webhook := harness.Webhook()).url, min_tier="ticket")
        # One service after the other dies here within minutes: each is to be told for itself.
        settings = {"flapping": False, "storm_messages": 0}
        assert server.client().request("PUT", "/api/v1/alerting", settings).status == 200
        agents = {one.directory.name: one for one in bed.agents(directory, server, extra=extra(bed))}
        if LIBRARY.exists():
            agents["compute2"].env = clock.env()
        for agent in agents.values():
            agent.start()
        load = Load(bed)
        load.start()
        failed = []
        try:
            for one in table:
                if given.names and one.name not in given.names:
                    continue
                everything_up(server, 12)
                try:
                    text, told = take(one, bed, server, boot, agents)
                except (AssertionError, subprocess.SubprocessError) as error:
                    failed.append(one.name)
                    print(f"{one.name}: {error}; open: {[(a['event'], a['resource']) for a in open_alerts(server.client())]}",
                          flush=True)
                    continue
                texts = json.loads(TEXTS.read_text()) if TEXTS.exists() else {}
                TEXTS.write_text(json.dumps({**texts, one.name: text}, indent=1, sort_keys=True) + "\n")
                print(f"{one.name}: {text['event']} after {told:.1f} s: {text['says']}", flush=True)
        finally:
            load.stopping = True
            for program in [*agents.values(), server]:
                program.kill()
            webhook.close()
            disk.close()
            write_index(table)
        sys.exit(f"without a picture: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
