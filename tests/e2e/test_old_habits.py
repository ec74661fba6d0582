"""What was there before: programs that send statsd, dashboards on the old agent's names."""
import json
import socket
import subprocess

import harness


def value(client, query):
    rows = client.get("/prometheus/api/v1/query", query=query).json["data"]["result"]
    return float(rows[0]["value"][1]) if rows else None


def test_programs_of_the_host_send_statsd_to_the_agent(tmp_path, server, programs):
    port = harness.free_ports(1)[0]
    agent = harness.Agent(tmp_path, server, [], node="ctl1", interval_seconds=0.5, statsd=f"127.0.0.1:{port}")
    programs.append(agent.start())
    client = server.client()
    harness.wait_for("the agent to listen", lambda: value(client, 'agent_statsd_lines_total{result="taken"}') == 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for text in (b"jobs.done:3|c|#queue:a", b"jobs.done:2|c|#queue:a\njobs.waiting:7|g", b"broken"):
            sender.sendto(text, ("127.0.0.1", port))
    harness.wait_for("the counter", lambda: value(client, 'jobs_done_total{host="ctl1",queue="a"}') == 5)
    harness.wait_for("the gauge", lambda: value(client, 'jobs_waiting{host="ctl1"}') == 7)
    harness.wait_for("the bad line", lambda: value(client, 'agent_statsd_lines_total{result="refused"}') == 1)
    done = subprocess.run([harness.BIN / "sentinella", "-c", agent.config, "status", "--json"], text=True, timeout=30,
                          stdout=subprocess.PIPE)
    assert any("statsd: 1 lines were refused" in problem for problem in json.loads(done.stdout)["problems"])


def test_the_old_agents_names_are_sent_on_request(tmp_path, server, programs):
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    programs.append(harness.Agent(tmp_path, server, [service], node="ctl1", interval_seconds=0.5, old_names=True).start())
    client = server.client()
    harness.wait_for("the service", lambda: value(client, 'openstack_processes_nova_api_up{host="ctl1"}') == 1)
    harness.wait_for("the processor", lambda: value(client, 'cpu_percent{host="ctl1"}') is not None)
    assert 0 < value(client, "memory_percent") < 100
    assert value(client, "loadavg_1") is not None
