#!/usr/bin/python3
"""Makes docs/images/*.png: three nodes with stand-in services, one of which is killed. Run after ./dev build and ./dev run."""
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
import harness  # noqa: E402

NODES = {
    "controller": ["keystone", "glance-api", "nova-api", "nova-conductor", "nova-scheduler", "neutron-server"],
    "compute1": ["nova-compute", "neutron-openvswitch-agent"],
    "compute2": ["nova-compute", "neutron-openvswitch-agent"],
}
LAST_WORDS = [
    ("INFO", "Running instance usage audit for host compute2 from 12:00 to 13:00. 4 instances."),
    ("WARNING", "While synchronizing instance power states, found 4 instances in the database and 3 on the hypervisor."),
    ("ERROR", "AMQP server on 10.0.0.5:5672 is unreachable: [Errno 111] ECONNREFUSED. Trying again in 1 seconds."),
    ("ERROR", "Unable to connect to AMQP server on 10.0.0.5:5672 after 12 tries: MessagingTimeout"),
]


def main():
    images = ROOT / "docs/images"
    with tempfile.TemporaryDirectory() as directory:
        base, programs = pathlib.Path(directory), []
        try:
            server = harness.Server(base).start()
            programs.append(server)
            services = {}
            for node, names in NODES.items():
                for name in names:
                    (base / node / name).mkdir(parents=True)
                    services[node, name] = harness.Service(base / node / name, name).start()
                    programs.append(services[node, name])
                of_node = [s for (n, _), s in services.items() if n == node]
                programs.append(harness.Agent(base, server, of_node, name=f"agent-{node}", node=node,
                                              interval_seconds=2).start())
            client = server.client()
            client.post("/api/v1/changes", {"type": "deploy", "summary": "rabbitmq-server 3.10 to 3.12", "host": "controller"})
            time.sleep(45)
            victim = services["compute2", "nova-compute"]
            for level, text in LAST_WORDS:
                victim.say(level, text)
            victim.kill()
            harness.wait_for("the alert", lambda: client.items("/api/v1/alerts"))
            subprocess.run(["node", "e2e/screenshots.mjs", server.bootstrap["login_link"], images], cwd=ROOT / "ui", check=True)
        finally:
            for program in reversed(programs):
                program.kill()


main()
