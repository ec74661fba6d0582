"""A busy hour of a healthy cloud: load, log rotation, twenty restarts as an upgrade does them, backups. No page."""
import os
import signal
import time

import harness
import pytest
from openstack_bed import WATCHED
from test_faults import Load

MINUTES = 60 if harness.LONG else 6
RESTARTS = 20


@pytest.fixture
def hour(testbed, tmp_path):
    server = harness.Server(tmp_path).start()
    webhook = harness.Webhook()
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    agents = testbed.agents(tmp_path, server)
    for agent in agents:
        agent.start()
    yield testbed, server, webhook, tmp_path
    for program in [*agents, server]:
        program.kill()
    webhook.close()


def everything_up(server):
    def up():
        nodes = server.client().get("/api/v1/overview").json["nodes"]
        states = {(n["host"], s["service"]): s["status"] for n in nodes for s in n["services"]}
        return all(states.get(one) == "up" for one in WATCHED)
    harness.wait_for("all services to be up", up, timeout=120, every=0.5)


def rotate(log):
    """As logrotate's copytruncate: the services keep their files open."""
    with open(log, "rb") as source, open(f"{log}.1", "wb") as copy:
        copy.write(source.read())
    os.truncate(log, 0)


def test_a_busy_hour_pages_nobody(hour):
    testbed, server, webhook, directory = hour
    everything_up(server)
    load = Load(testbed)
    load.start()
    targets = list(WATCHED)
    begin, pause = time.monotonic(), MINUTES * 60 / RESTARTS
    for number in range(RESTARTS):
        node, service = targets[number % len(targets)]
        name, _, log = WATCHED[node, service]
        if number % 3 == 0:
            rotate(testbed.state / "log" / log)
        if number % 7 == 2:
            server.client().post("/api/v1/backup", {"directory": str(directory / f"backup{number}")})
        testbed.kill(name, signal.SIGTERM)
        time.sleep(5)
        _, heal = testbed.heal(name)
        heal.wait()
        time.sleep(max(0.0, begin + (number + 1) * pause - time.monotonic()))
    everything_up(server)
    load.stopping = True
    pages = [f"{b['alert']['event']} {b['alert']['resource']}: {b['alert']['text']}" for b in webhook.events()
             if b["alert"]["tier"] == "page"]
    print(f"{MINUTES} minutes, {RESTARTS} restarts: {len(pages)} pages")
    assert pages == []
