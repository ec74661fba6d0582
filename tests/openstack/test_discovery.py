"""`sentinella init --yes` on a real OpenStack: finds all its services and nothing else; then each of them is killed, and
stopped (SIGSTOP), and the agent with that configuration must say which one it was. The table goes to
build/openstack-discovery.md."""
import json
import os
import signal
import subprocess
import time

import harness
import pytest

REPORT = harness.ROOT / "build" / "openstack-discovery.md"
# In the catalogue's words -> in the test bed's. Two nova-compute are one service of this machine, which is down when both are;
# fakes of the test bed (agents of OVS, the tap) are no services of OpenStack's.
SERVICES = {"keystone": "keystone", "placement-api": "placement", "glance-api": "glance", "nova-api": "nova-api",
            "nova-conductor": "nova-conductor", "nova-scheduler": "nova-scheduler", "nova-compute": "nova-compute1 nova-compute2",
            "neutron-server": "neutron", "memcached": "memcached", "mariadb": "database", "rabbitmq-server": "rabbitmq"}
EVENTS = {"kill": ("ServiceDown",), "stop": ("ServiceHung",)}
LIMIT = 45


@pytest.fixture
def found(tmp_path, testbed):
    """The server, an agent with what `init` found, and that."""
    testbed.up()
    server = harness.Server(tmp_path).start()
    agent = harness.Agent(tmp_path, server, [], node="controller", interval_seconds=1)
    settings = json.loads(agent.config.read_text())
    agent.config.unlink()
    subprocess.run([harness.BIN / "sentinella", "-c", agent.config, "init", "--yes", "--account-key",
                    server.bootstrap["account_key"], "--server-url", server.url], check=True, stdout=subprocess.DEVNULL,
                   stdin=subprocess.DEVNULL)
    written = json.loads(agent.config.read_text())
    agent.config.write_text(json.dumps({**written, **settings}))
    agent.start()
    yield testbed, server, {name for name, value in written.items() if isinstance(value, dict) and "process" in value}
    for program in (agent, server):
        print(f"--- {program.arguments[0]} ---\n{program.log()[-3000:]}")
        program.kill()


def states(client):
    nodes = client.get("/api/v1/overview").json["nodes"]
    return {s["service"]: s["status"] for n in nodes for s in n["services"]}


def wound(bed, names, how):
    for pid in [bed.pid(name) for name in names.split()]:
        os.killpg(pid, signal.SIGKILL if how == "kill" else signal.SIGSTOP)
    return time.time()


def mend(bed, names, how):
    for name in names.split():
        if how == "stop":
            os.killpg(bed.pid(name), signal.SIGCONT)
        else:
            bed.run("heal", name)


def alerts_of(client, how):
    return {a["id"]: a["service"][0] for a in client.items("/api/v1/alerts", page_size=1000) if a["event"] in EVENTS[how]}


def measure(bed, client, service, how):
    harness.wait_for(f"{service} to be up", lambda: states(client).get(service) == "up", timeout=120, every=0.5)
    before = alerts_of(client, how)

    def named():
        return [name for alert, name in alerts_of(client, how).items() if alert not in before]

    at = wound(bed, SERVICES[service], how)
    try:
        harness.wait_for("an alert", lambda: service in named(), timeout=LIMIT, every=0.1)
        took = f"{time.time() - at:.1f}"
    except AssertionError:
        took = f"not within {LIMIT}"
    told = named()
    mend(bed, SERVICES[service], how)
    harness.wait_for(f"{service} to be up again", lambda: states(client).get(service) == "up", timeout=180, every=0.5)
    others = sorted(set(told) - {service})
    return [service, how, took, "yes" if service in told else "no", ", ".join(others) or "-"]


def test_init_finds_every_service_and_each_fault_is_seen_with_the_right_one(found):
    bed, server, services = found
    client = server.client()
    assert services == set(SERVICES), (sorted(set(SERVICES) - services), sorted(services - set(SERVICES)))
    rows = []
    for how in ("kill", "stop"):
        for service in SERVICES:
            rows.append(measure(bed, client, service, how))
            print("| " + " | ".join(rows[-1]) + " |", flush=True)
            write_report(rows)
    assert all(row[3] == "yes" for row in rows), [row for row in rows if row[3] != "yes"]


def write_report(rows):
    REPORT.parent.mkdir(exist_ok=True)
    head = ["service", "fault", "alert after s", "right service", "others with the same alert"]
    table = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(row) + " |" for row in rows]
    REPORT.write_text("\n".join(table) + "\n")
