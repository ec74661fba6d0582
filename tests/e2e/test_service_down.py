"""A service breaks: the on-call person is told which, where, and the log lines that say why."""
import os
import random
import tempfile
import time

import harness
import pytest


def start_watching(tmp_path, server, programs, names=("nova-api", "nova-conductor", "glance-api"), **settings):
    services = {}
    for name in names:
        directory = tmp_path / name
        directory.mkdir()
        services[name] = harness.Service(directory, name).start()
        programs.append(services[name])
    agent = harness.Agent(tmp_path, server, services.values(), node="controller", **settings).start()
    programs.append(agent)
    wait_all_up(server, names)
    return services, agent


def states(server):
    nodes = server.client().get("/api/v1/overview").json["nodes"]
    return {s["service"]: s["status"] for n in nodes for s in n["services"]}


def wait_all_up(server, names):
    harness.wait_for(f"{names} to be up", lambda: all(states(server).get(n) == "up" for n in names))


def kill_and_check(service, webhook, server):
    """kill -9, expect the page with the last line, start again, expect the all-clear."""
    before = len(webhook.received)
    marker = f"about to fail {random.random()}"
    service.say("ERROR", marker)
    service.kill()

    def news(event):
        return next((b for b in webhook.events()[before:]
                     if b["event"] == event and b["alert"]["service"] == [service.name]), None)

    opened = harness.wait_for(f"the page about {service.name}", lambda: news("alert.opened") or news("alert.reopened"))
    alert = opened["alert"]
    assert alert["host"] == "controller"
    assert alert["severity"] == "critical"
    assert marker in alert["evidence"][-1]["text"], alert["evidence"]
    assert opened["playbook"]
    service.start()
    closed = harness.wait_for(f"the all-clear of {service.name}", lambda: news("alert.closed"))
    assert closed["alert"]["id"] == alert["id"]
    assert closed["seq"] > opened["seq"]


def test_a_killed_service_pages_with_its_last_words_and_resolves_after_restart(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    services, _ = start_watching(tmp_path, server, programs)
    for service in services.values():
        kill_and_check(service, webhook, server)


def test_death_is_seen_by_pidfd_alone_too(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    services, agent = start_watching(tmp_path, server, programs, names=("nova-api",),
                                     watch={"kernel_events": False, "exit_info": False})
    kill_and_check(services["nova-api"], webhook, server)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a program as somebody else; the others are it already")
def test_an_agent_without_any_privilege_sees_death_too(server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        service = harness.Service(directory, "nova-api").start()
        programs.append(service)
        programs.append(harness.Agent(directory, server, [service], node="controller").as_nobody().start())
        wait_all_up(server, ["nova-api"])
        kill_and_check(service, webhook, server)
        programs.pop().kill()


def test_orderly_stops_page_nobody_and_stand_in_the_history(tmp_path, server, programs, webhook):
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    services, _ = start_watching(tmp_path, server, programs, names=("nova-api", "glance-api"))
    cycles = 4
    for cycle in range(cycles):
        for service in services.values():
            service.terminate()
        harness.wait_for("the stop to show", lambda: states(server)["nova-api"] == "stopping")
        time.sleep(random.uniform(0.2, 1.5))
        for service in services.values():
            service.start()
        wait_all_up(server, services)
    assert [b["alert"]["text"] for b in webhook.events()] == []
    for name in services:
        kinds = [e["type"] for e in client.all_items("/api/v1/changes", service=name)]
        assert kinds.count("service.stopped") == cycles, kinds
        assert kinds.count("service.restarted") == cycles, kinds


def test_a_configured_service_that_never_ran_here_is_not_down(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="info")
    directory = tmp_path / "cinder-api"
    directory.mkdir()
    absent = harness.Service(directory, "cinder-api")
    absent.log_file.write_text("")
    programs.append(harness.Agent(tmp_path, server, [absent], node="second", interval_seconds=1).start())
    harness.wait_for("the state", lambda: states(server).get("cinder-api") == "not_here")
    time.sleep(4)
    assert states(server)["cinder-api"] == "not_here"
    assert webhook.events() == []


def test_an_unreadable_log_is_said_with_the_way_to_mend_it(tmp_path, server, programs):
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    missing = tmp_path / "no-such-dir" / "nova.log"
    service.log_file, real = missing, service.log_file
    agent = harness.Agent(tmp_path, server, [service], node="controller")
    service.log_file = real
    programs.append(agent.start())

    def problem():
        nodes = server.client().get("/api/v1/overview").json["nodes"]
        return next((s["log_problem"] for n in nodes for s in n["services"] if s["log_problem"]), None)

    assert str(missing) in harness.wait_for("the log problem", problem)
