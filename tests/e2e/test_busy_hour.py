"""A busy hour in which nothing is wrong, in seconds: work, log rotation, upgrades, backups. Nobody is told of anything."""
import os
import random
import threading
import time

import harness
from test_service_down import start_watching, states, wait_all_up

NAMES = ("keystone", "nova-api", "nova-conductor", "glance-api")
RESTARTS = 20


class Work(threading.Thread):
    """What a cloud does all day: requests in the logs, warnings now and then, numbers that go up and down."""

    def __init__(self, client, services):
        super().__init__(daemon=True)
        self.client, self.services, self.stopping, self.lines = client, services, False, 0

    def run(self):
        while not self.stopping:
            for service in self.services:
                if service.running():
                    service.write("".join(f"{harness.oslo_time()} {service.process.pid} INFO nova.osapi_compute.wsgi.server "
                                          f"[req-{random.getrandbits(64):016x}] \"GET /v2.1/servers HTTP/1.1\" status: 200 len: 1520 "
                                          f"time: {random.random():.7f}\n" for _ in range(20)))
                    self.lines += 20
            self.services[1].say("WARNING", "The flavor cache is older than expected, refreshing")
            points = [(time.time(), random.uniform(0.2, 0.7))]
            harness.send(self.client, "metrics", harness.otlp_gauge("host_cpu_used_ratio", points, host="controller"))
            time.sleep(0.1)


def rotate(service, number):
    """As logrotate does it, in both of its ways."""
    rotated = f"{service.log_file}.{number}"
    if number % 2 == 0:
        with open(service.log_file, "rb") as log, open(rotated, "wb") as copy:
            copy.write(log.read())
        os.truncate(service.log_file, 0)
    else:
        os.rename(service.log_file, rotated)


def upgrade(service):
    """What a package's scripts do: stop on request, new files, start."""
    service.terminate()
    time.sleep(random.uniform(0.05, 0.5))
    service.start()


def test_a_busy_hour_pages_nobody(tmp_path, server, programs, webhook):
    client, boot = server.client(), server.bootstrap
    login = client.post("/api/v1/auth/login", {"name": boot["admin_user"], "password": boot["admin_password"]})
    admin = server.client(login.json["access_token"])
    harness.add_webhook(client, webhook.url, min_tier="info")
    services, _ = start_watching(tmp_path, server, programs, names=NAMES, interval_seconds=1)
    services = list(services.values())
    work = Work(client, services)
    work.start()
    for number in range(RESTARTS):
        service = services[number % len(services)]
        if number % 4 == 1:
            rotate(service, number)
        if number % 8 == 3:
            began = admin.post("/api/v1/backup", {"directory": str(tmp_path / f"backup{number}")})
            assert began.status in (202, 409), began  # 409: the one before still runs
        upgrade(service)
    wait_all_up(server, NAMES)
    harness.wait_for("the upgrades to stand in the history", lambda: sum(
        e["type"] == "service.restarted" for e in client.all_items("/api/v1/changes")) == RESTARTS)
    work.stopping = True
    work.join()
    time.sleep(2)
    assert [b["alert"]["text"] for b in webhook.events()] == []
    assert set(states(server).values()) == {"up"}
    assert work.lines > 1000, "there was no work: the test tested nothing"
