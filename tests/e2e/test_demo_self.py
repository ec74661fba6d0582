"""A first look: the server alone also watches the host it runs on."""
import re
import subprocess

import harness


def test_one_command_shows_this_host_and_ends_whole(tmp_path, programs):
    output = tmp_path / "demo.out"
    listen = f"127.0.0.1:{harness.free_ports(1)[0]}"
    demo = harness.Program([harness.BIN / "sentinella-server", "--demo-self", "--data-dir", tmp_path / "data", "--listen",
                            listen, "--ui-dir", harness.ROOT / "ui/dist"], output)
    (tmp_path / "data").mkdir()
    programs.append(demo.start())
    link = harness.wait_for("the link", lambda: re.search(r"^Apollo: +(http\S+/login#\S+)$", demo.log(), re.M))
    assert link.group(1).startswith(f"http://{listen}/")
    key = harness.json.loads((tmp_path / "data/bootstrap.json").read_text())["api_key"]
    client = harness.Client(f"http://{listen}", key)
    harness.wait_for("this host", lambda: client.get("/api/v1/overview").json["nodes"], timeout=60)
    harness.wait_for("its figures", lambda: client.get(
        "/api/v1/samples", metric="host_cpu_used_ratio", **{"from": "now-5m", "to": "now"}).json["series"], timeout=60)
    harness.wait_for("a line", lambda: client.items("/api/v1/logs/search", service="sentinella", **{"from": "now-5m"}),
                     timeout=60)
    harness.wait_for("a service", lambda: [
        one for node in client.get("/api/v1/overview").json["nodes"] for one in node["services"]
        if (one["service"], one["status"]) == ("sentinella", "up")], timeout=60)
    agent = int((tmp_path / "data/self/agent.pid").read_text())
    demo.terminate()
    assert subprocess.run(["kill", "-0", str(agent)], stderr=subprocess.DEVNULL).returncode != 0


def test_a_demo_beyond_loopback_is_refused(tmp_path):
    port = harness.free_ports(1)[0]
    run = subprocess.run([harness.BIN / "sentinella-server", "--demo-self", "--data-dir", str(tmp_path), "--listen",
                          f"0.0.0.0:{port}"], capture_output=True, text=True, timeout=60)
    assert run.returncode != 0
    assert "loopback" in run.stderr
