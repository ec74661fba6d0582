"""Services without a port: whether they hold their connection to the message broker."""
import json
import os
import socket
import subprocess
import tempfile

import harness
import pytest


class Broker:
    """Takes connections and keeps them; on the same port after stop() and start()."""

    def __init__(self):
        self.port = harness.free_ports(1)[0]
        self.start()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=16)

    def stop(self):
        # What waits in the backlog is reset with it.
        self.listener.close()


def start_worker(directory, programs, broker, name="nova-compute"):
    service = harness.Service(directory, name)
    service.arguments.append(str(broker.port))
    programs.append(service.start())
    return service


def start_agent(directory, server, programs, service, broker, as_nobody=False, **settings):
    agent = harness.Agent(directory, server, [service], node="compute1", interval_seconds=0.5,
                          peer_ports={"broker": [broker.port], "database": []}, **settings)
    programs.append((agent.as_nobody() if as_nobody else agent).start())
    return agent


def connected(client):
    rows = client.get("/prometheus/api/v1/query",
                      query='service_broker_connected{host="compute1"}').json["data"]["result"]
    return rows[0]["value"][1] if rows else None


def told(client, kind):
    return [e["summary"] for e in client.items("/api/v1/changes", type=kind)]


def status(agent):
    out = subprocess.run([harness.BIN / "sentinella", "-c", agent.config, "status", "--json"], text=True, timeout=30,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return json.loads(out.stdout) if out.returncode == 0 else {"services": [{}], "problems": []}


def lose(server, agent, broker):
    client = server.client()
    harness.wait_for("the connection to be seen", lambda: connected(client) == "1")
    broker.stop()
    harness.wait_for("the loss to be told", lambda: connected(client) == "0")
    harness.wait_for("its event", lambda: told(client, "service.disconnected"))
    assert "nova-compute" in told(client, "service.disconnected")[0]
    assert status(agent)["services"][0]["broker"] == "lost"
    assert any("lost its connection to the message broker" in p for p in status(agent)["problems"])


def find(server, broker):
    client = server.client()
    broker.start()
    harness.wait_for("its return", lambda: connected(client) == "1")
    harness.wait_for("the second event", lambda: told(client, "service.connected"))


def test_a_worker_that_loses_the_broker_is_told_to_whom_it_concerns_and_pages_nobody(tmp_path, server, programs,
                                                                                    webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="info")
    broker = Broker()
    service = start_worker(tmp_path, programs, broker)
    agent = start_agent(tmp_path, server, programs, service, broker)
    lose(server, agent, broker)
    opened = webhook.wait("the alert", lambda b: b["event"] == "alert.opened")
    assert opened["alert"]["event"] == "ServiceBrokerLost" and opened["alert"]["tier"] == "info", opened["alert"]
    assert opened["alert"]["host"] == "compute1" and opened["alert"]["service"] == ["nova-compute"]
    find(server, broker)
    webhook.wait("its end", lambda b: b["event"] == "alert.closed")


def test_restarts_of_a_worker_are_no_lost_connection(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="info")
    client = server.client()
    broker = Broker()
    service = start_worker(tmp_path, programs, broker)
    start_agent(tmp_path, server, programs, service, broker)
    for _ in range(3):
        harness.wait_for("the connection to be seen", lambda: connected(client) == "1")
        service.terminate()
        service.start()
    harness.wait_for("the last of its connections", lambda: connected(client) == "1")
    assert told(client, "service.disconnected") == []
    assert [b for b in webhook.events() if b["alert"]["event"] == "ServiceBrokerLost"] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a program as somebody else")
def test_without_the_right_to_look_its_users_connections_are_the_sign(server, programs):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        broker = Broker()
        service = start_worker(directory, programs, broker)
        agent = start_agent(directory, server, programs, service, broker, as_nobody=True)
        lose(server, agent, broker)
        assert status(agent)["services"][0]["broker_by_owner"] is True
        find(server, broker)
        programs.pop().kill()
