"""Agents take settings of the server, keep them when they prove themselves, and go back when they do not."""
import json
import subprocess

import harness


def status_of(agent):
    shown = subprocess.run([harness.BIN / "sentinella", "-c", agent.config, "status", "--json"],
                           capture_output=True, timeout=10)
    return json.loads(shown.stdout) if shown.returncode == 0 else None


def put(client, layer, settings, **more):
    answer = client.request("PUT", f"/api/v1/agent-settings/{layer}", {"settings": settings, **more})
    assert answer.status == 200, answer
    return answer.json["version"]


def agent_on(client, host):
    return next((a for a in client.items("/api/v1/agents") if a["host"] == host), None)


def wait_for_version(client, host, version):
    harness.wait_for(f"version {version} on {host}",
                     lambda: (agent_on(client, host) or {}).get("settings_version") == version)


def start(tmp_path, programs, server, **settings):
    agent = harness.Agent(tmp_path, server, [], node="controller", interval_seconds=0.2, **settings)
    programs.append(agent.start())
    client = server.client()
    harness.wait_for("the agent", lambda: agent_on(client, "controller"))
    return agent, client


def test_a_service_is_watched_because_the_server_says_so(tmp_path, programs, server):
    service = harness.Service(tmp_path, "heat-api")
    programs.append(service.start())
    agent, client = start(tmp_path, programs, server, remote={"log_directories": [str(tmp_path)]})
    named = {"process": service.process_name, "log": str(service.log_file)}
    version = put(client, "group:controllers", {"services": {"heat-api": named}}, hosts=["contr*"])
    put(client, "node:elsewhere", {"services": {"nova-api": named}})
    wait_for_version(client, "controller", version + 1)
    service.say("INFO", "seen by remote settings")
    harness.wait_for("a line of the service",
                     lambda: client.items("/api/v1/logs/search", q="seen by remote settings"))
    status = status_of(agent)
    assert status["settings"] == {"version": version + 1, "on_trial": False, "problem": ""}
    assert [s["name"] for s in status["services"]] == ["heat-api"]
    # They are still there when the agent begins anew and the server is away.
    agent.terminate()
    server.kill()
    agent.start()
    harness.wait_for("the agent's status", lambda: status_of(agent))
    assert [s["name"] for s in status_of(agent)["services"]] == ["heat-api"]


def test_settings_with_which_the_server_is_not_reached_are_taken_back(tmp_path, programs, server):
    agent, client = start(tmp_path, programs, server)
    good = put(client, "default", {"kernel_log": False})
    wait_for_version(client, "controller", good)
    bad = put(client, "node:controller", {"server_url": "http://127.0.0.1:9"})
    harness.wait_for("the refusal", lambda: agent_on(client, "controller")["settings_problem"])
    shown = client.get(f"/api/v1/agents/{agent_on(client, 'controller')['id']}/settings").json
    assert (shown["in_use"], shown["refused"], shown["version"]) == (good, bad, bad)
    assert "was not reached" in shown["problem"] and shown["layers"] == ["default", "node:controller"]
    status = status_of(agent)
    assert status["settings"]["version"] == good and any(str(bad) in p for p in status["problems"])
    # The same agent as before, and on the next good settings at once.
    assert len(client.items("/api/v1/agents")) == 1
    fixed = client.request("PUT", "/api/v1/agent-settings/node:controller", {"settings": {}, "version": bad}).json["version"]
    wait_for_version(client, "controller", fixed)
    assert not agent_on(client, "controller")["settings_problem"]


def test_the_server_can_neither_run_programs_nor_have_other_files_read(tmp_path, programs, server):
    agent, client = start(tmp_path, programs, server)
    for settings in ({"plugins": {"x": ["y"]}}, {"scrape": "/tmp/x"}, {"account_key": "x"},
                     {"services": {"x": {"command": ["/bin/sh"]}}}):
        answer = client.request("PUT", "/api/v1/agent-settings/default", {"settings": settings})
        assert answer.status == 400, (settings, answer)
    put(client, "default", {"services": {"spy": {"process": "init", "log": "/etc/shadow"}}})
    harness.wait_for("the refusal", lambda: agent_on(client, "controller")["settings_problem"])
    assert "services.spy.log" in agent_on(client, "controller")["settings_problem"]
    assert agent_on(client, "controller")["settings_version"] == 0
    assert status_of(agent)["services"] == []
