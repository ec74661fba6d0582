"""The web UI in a real browser against the real server and agent."""
import os
import socket
import subprocess

import pytest

import harness


@pytest.fixture
def server(tmp_path, programs):
    """One whose pages may also be served from another site, at a port that is free now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        apart = f"http://127.0.0.1:{free.getsockname()[1]}"
    server = harness.Server(tmp_path, f"[DEFAULT]\nui_origins = {apart}\n").start()
    server.apart = apart
    programs.append(server)
    return server


def test_the_scenarios_pass_in_a_real_browser(tmp_path, server, programs):
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    programs.append(harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=1).start())
    client = server.client()
    harness.wait_for("the node", lambda: client.get("/api/v1/overview").json["nodes"])
    harness.wait_for("the first gauge", lambda: client.get(
        "/api/v1/samples", metric="host_cpu_used_ratio", **{"from": "now-5m", "to": "now"}).json["series"])
    service.say("ERROR", "<img src=x onerror=alert(1)> last words")
    boot = server.bootstrap
    run = subprocess.run(["npm", "run", "--silent", "e2e"], cwd=harness.ROOT / "ui", timeout=600, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env={**os.environ, "APOLLO_URL": server.url, "APOLLO_LINK": boot["login_link"],
                              "APOLLO_USER": boot["admin_user"], "APOLLO_PASSWORD": boot["admin_password"],
                              "APOLLO_API_KEY": boot["api_key"], "APOLLO_APART": server.apart, "APOLLO_HOST": "controller",
                              "APOLLO_SERVICE": "nova-api", "APOLLO_BREAK": f"kill -9 {service.process.pid}"})
    assert run.returncode == 0, run.stdout[-6000:]
