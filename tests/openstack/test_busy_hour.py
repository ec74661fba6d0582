"""A busy hour of a healthy cloud: load, log rotation, twenty restarts as an upgrade does them, backups. No page."""
import collections
import os
import time

import harness
import pytest
from openstack_bed import WATCHED, beneath
from test_faults import Load, everything_up

MINUTES = 60 if harness.LONG else 6
RESTARTS = 20


@pytest.fixture
def hour(testbed, tmp_path):
    server = harness.Server(tmp_path).start()
    webhook = harness.Webhook()
    harness.add_webhook(server.client(), webhook.url, min_tier="info")
    agents = testbed.agents(tmp_path, server, extra=beneath(testbed))
    for agent in agents:
        agent.start()
    yield testbed, server, webhook, tmp_path
    for program in [*agents, server]:
        program.kill()
    webhook.close()


def rotate(log):
    """As logrotate's copytruncate: the services keep their files open."""
    with open(log, "rb") as source, open(f"{log}.1", "wb") as copy:
        copy.write(source.read())
    os.truncate(log, 0)


def back_up(server, boot, directory):
    login = server.client().post("/api/v1/auth/login", {"name": boot["admin_user"], "password": boot["admin_password"]})
    began = server.client(login.json["access_token"]).post("/api/v1/backup", {"directory": str(directory)})
    assert began.status in (202, 409), began  # 409: the one before still runs


def told(webhook, tier):
    return [f"{b['alert']['event']} {b['alert']['resource']}: {b['alert']['text']}" for b in webhook.events()
            if b["alert"]["tier"] == tier and b["event"] != "alert.closed"]


def test_a_busy_hour_pages_nobody(hour):
    testbed, server, webhook, directory = hour
    boot = server.bootstrap  # the password leaves it with the first login
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
            back_up(server, boot, directory / f"backup{number}")
        testbed.stop(name)
        time.sleep(5)
        _, heal = testbed.heal(name)
        heal.wait()
        print(f"{time.strftime('%H:%M:%S')} restarted {name}; pages so far: {told(webhook, 'page')}", flush=True)
        time.sleep(max(0.0, begin + (number + 1) * pause - time.monotonic()))
    everything_up(server)
    load.stopping = True
    print(f"{MINUTES} minutes, {RESTARTS} restarts, {load.answered} requests answered; messages by tier: "
          f"{dict(collections.Counter(b['alert']['tier'] for b in webhook.events()))}")
    for tier in ("ticket", "info"):
        print(f"{tier}: {told(webhook, tier)}")
    assert told(webhook, "page") == []
    assert load.answered > MINUTES * 30, "there was no load: the test tested nothing"
    assert len(list(directory.glob("backup*/*"))) > 0, "nothing was backed up"
