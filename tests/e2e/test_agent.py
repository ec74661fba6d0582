"""The agent beyond processes that end: hung services, checks, a new configuration, a second server, plug-ins."""
import base64
import json
import os
import secrets
import signal
import subprocess
import threading
import time

import harness


def start_service(tmp_path, programs, name="nova-api"):
    (tmp_path / name).mkdir()
    service = harness.Service(tmp_path / name, name).start()
    programs.append(service)
    return service


def start_agent(tmp_path, server, programs, services, **settings):
    agent = harness.Agent(tmp_path, server, services, node="controller", interval_seconds=0.5, **settings)
    programs.append(agent.start())
    return agent


def run_agent_command(agent, *arguments):
    return subprocess.run([harness.BIN / "sentinella", "-c", agent.config, *arguments], text=True, timeout=30,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class Api(harness.StandIn):
    """Answers with `status`; stops answering, but not listening, when `silent` is set."""

    def __init__(self):
        self.status, self.silent, self.release = 200, False, threading.Event()
        super().__init__()

    def answer(self, request):
        if self.silent:
            self.release.wait(30)
        return self.status, b"", {}

    def close(self):
        self.release.set()
        super().close()


class Cloud(harness.StandIn):
    """Keystone, and an API that says how it is to those who have a token."""

    def __init__(self):
        self.state, self.password, self.token = "up", secrets.token_hex(8), secrets.token_hex(16)
        super().__init__()

    def answer(self, request):
        if request.command == "POST":
            known = self.password in request.body.decode() and request.path == "/v3/auth/tokens"
            return 201 if known else 401, {}, {"X-Subject-Token": self.token}
        if request.headers["X-Auth-Token"] != self.token:
            return 401, {}, {}
        return 200, {"api": {"state": self.state}}, {}


def page_about(webhook, event, kind="alert.opened"):
    return webhook.wait(f"{kind} of {event}", lambda b: b["event"] == kind and b["alert"]["event"] == event)


def test_a_stopped_process_pages_and_resolves_when_it_goes_on(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    service = start_service(tmp_path, programs)
    agent = start_agent(tmp_path, server, programs, [service])
    client = server.client()
    harness.wait_for("the service to be seen", lambda: client.get(
        "/prometheus/api/v1/query", query='service_responding{service="nova-api"}').json["data"]["result"])
    os.kill(service.process.pid, signal.SIGSTOP)
    opened = page_about(webhook, "ServiceHung")
    assert opened["alert"]["host"] == "controller" and opened["alert"]["service"] == ["nova-api"], opened["alert"]
    assert "HUNG" in run_agent_command(agent, "status").stdout
    assert "kill -CONT" in run_agent_command(agent, "status").stdout
    os.kill(service.process.pid, signal.SIGCONT)
    page_about(webhook, "ServiceHung", "alert.closed")
    # It was alive all the time: nobody may have been told that it is down.
    assert {b["alert"]["event"] for b in webhook.events()} == {"ServiceHung"}


def test_a_hung_service_that_dies_is_hung_until_what_is_started_answers(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    service = start_service(tmp_path, programs)
    start_agent(tmp_path, server, programs, [service])
    client = server.client()
    harness.wait_for("the service to be seen", lambda: client.get(
        "/prometheus/api/v1/query", query='service_responding{service="nova-api"}').json["data"]["result"])
    os.kill(service.process.pid, signal.SIGSTOP)
    page_about(webhook, "ServiceHung")
    service.kill()
    harness.wait_for("its death", lambda: any(
        one["event"] == "ServiceDown" for one in client.items("/api/v1/alerts", status="open")))
    time.sleep(3)  # rounds without the check, which is absent now
    live = {one["event"] for one in client.items("/api/v1/alerts", status="open")}
    assert live >= {"ServiceHung", "ServiceDown"}, "that it does not run is no proof that it would answer"
    service.start()
    page_about(webhook, "ServiceHung", "alert.closed")
    harness.wait_for("all to be well", lambda: not [
        one for one in client.items("/api/v1/alerts", status="open") if one["event"].startswith("Service")])


def test_a_service_that_runs_and_does_not_answer_its_check_pages(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    service, api = start_service(tmp_path, programs), Api()
    try:
        agent = harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=0.5)
        config = json.loads(agent.config.read_text())
        config["nova-api"]["check"] = api.url
        agent.config.write_text(json.dumps(config))
        programs.append(agent.start())
        client = server.client()
        harness.wait_for("the check to be answered", lambda: client.get(
            "/prometheus/api/v1/query", query='check_up{service="nova-api"} == 1').json["data"]["result"])
        api.silent = True
        page_about(webhook, "ServiceHung")
        events = client.items("/api/v1/changes", type="service.hung")
        assert any(api.url in e["summary"] for e in events), events
        api.silent = False
        api.release.set()
        page_about(webhook, "ServiceHung", "alert.closed")
    finally:
        api.close()


def test_an_api_is_asked_with_a_token_and_must_say_that_it_is_well(tmp_path, server, programs, webhook):
    harness.add_webhook(server.client(), webhook.url, min_tier="page")
    service, cloud = start_service(tmp_path, programs), Cloud()
    try:
        agent = harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=0.5, log_level="DEBUG",
                              openstack_credentials={"user": "monitor", "password": cloud.password,
                                                     "project": "service", "auth_url": cloud.url + "/v2.0"})
        config = json.loads(agent.config.read_text())
        config["nova-api"]["check"] = {"url": cloud.url + "/health", "token": True, "status": [200],
                                       "json": {"api.state": "up"}}
        agent.config.write_text(json.dumps(config))
        programs.append(agent.start())
        client = server.client()
        harness.wait_for("the check to be answered", lambda: client.get(
            "/prometheus/api/v1/query", query='check_up{service="nova-api"} == 1').json["data"]["result"])
        cloud.token = secrets.token_hex(16)  # the old one is worth nothing any more
        cloud.state = "down"
        opened = page_about(webhook, "ServiceHung")
        assert opened["alert"]["service"] == ["nova-api"]
        summaries = [e["summary"] for e in client.items("/api/v1/changes", type="service.hung")]
        assert any('api.state is "down"' in s for s in summaries), summaries
        cloud.state = "up"
        page_about(webhook, "ServiceHung", "alert.closed")
        shown = run_agent_command(agent, "status", "--json").stdout + agent.log() + json.dumps(summaries)
        assert cloud.password not in shown and cloud.token not in shown
    finally:
        cloud.close()


def test_a_new_configuration_is_taken_without_losing_a_line_and_a_broken_one_is_not(tmp_path, server, programs):
    first, second = start_service(tmp_path, programs), start_service(tmp_path, programs, "glance-api")
    agent = start_agent(tmp_path, server, programs, [first])
    client = server.client()
    harness.wait_for("the first line", lambda: client.items("/api/v1/logs/search", q="Heartbeat"))
    pid, good = agent.process.pid, json.loads(agent.config.read_text())

    agent.config.write_text("{broken")
    os.kill(pid, signal.SIGHUP)
    harness.wait_for("the complaint", lambda: "the new configuration is not used" in agent.log())

    good["glance-api"] = {"process": second.process_name, "log": str(second.log_file)}
    agent.config.write_text(json.dumps(good))
    for number in range(300):
        first.say("INFO", f"numbered {number:06d}")
        if number == 150:
            os.kill(pid, signal.SIGHUP)
    harness.wait_for("the new service", lambda: any(
        s["service"] == "glance-api" and s["status"] == "up"
        for n in client.get("/api/v1/overview").json["nodes"] for s in n["services"]))
    assert agent.running() and agent.process.pid == pid

    def numbered():
        return [int(r["message"].split()[1]) for r in
                client.all_items("/api/v1/logs/search", q="numbered", limit=1000, order="asc")]

    harness.wait_for("every line", lambda: len(numbered()) >= 300)
    assert sorted(numbered()) == list(range(300))


def test_logs_by_pattern_appear_and_what_is_over_their_limit_is_counted(tmp_path, server, programs):
    service, more = start_service(tmp_path, programs), tmp_path / "more"
    more.mkdir()
    agent = harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=0.5)
    config = json.loads(agent.config.read_text())
    config["nova-api"]["log"] = [str(service.log_file), str(more / "*.log")]
    config["nova-api"]["log_limits"] = {"records_per_second": 5}
    agent.config.write_text(json.dumps(config))
    programs.append(agent.start())
    client = server.client()
    harness.wait_for("the first line", lambda: client.items("/api/v1/logs/search", q="Heartbeat"))

    (more / "vm1.log").write_text(f"{harness.oslo_time()} 1 ERROR qemu [-] the guest crashed\n")
    found = harness.wait_for("the log that appeared", lambda: client.items("/api/v1/logs/search", q="crashed"))
    assert found[0]["service"] == "nova-api" and found[0]["source"] == str(more / "vm1.log")

    flood = more / "flood.log"
    flood.write_text("".join(f"{harness.oslo_time()} 1 INFO x [-] flood {number:03d}\n" for number in range(200)))

    def accounted():
        sent = client.get("/api/v1/logs/query", q="flood | count").json["rows"][0][0]
        dropped = client.get("/prometheus/api/v1/query",
                             query=f'agent_log_records_dropped_total{{source="{flood}"}}').json["data"]["result"]
        return sent, int(dropped[0]["value"][1]) if dropped else 0

    harness.wait_for("every line sent or counted", lambda: sum(accounted()) == 200)
    assert accounted()[1] > 100
    status = run_agent_command(agent, "status").stdout
    assert "records of its logs were left out" in status and "over log_limits" in status, status


def test_lines_of_other_programs_in_a_services_log_are_records_of_their_own(tmp_path, server, programs):
    service = start_service(tmp_path, programs)
    start_agent(tmp_path, server, programs, [service])
    client = server.client()
    harness.wait_for("the first line", lambda: client.items("/api/v1/logs/search", q="Heartbeat"))
    now = time.gmtime()
    with open(service.log_file, "a") as log:
        log.write(f"{harness.oslo_time()} 1 INFO nova.compute [-] started the helper:\n"
                  f"with key=value level=error in a line of its own, mixture\n"
                  f'time="{time.strftime("%Y-%m-%dT%H:%M:%SZ", now)}" level=error msg="mixture of pairs"\n'
                  f"{time.strftime('W%m%d %H:%M:%S', now)}.000000    4711 kubelet.go:2347] mixture of klog\n"
                  "CRITICAL:keystonemiddleware.auth_token:mixture of logging\n")
    found = harness.wait_for("all four", lambda: (
        lambda items: items if len(items) == 4 else None)(client.items("/api/v1/logs/search", q="mixture", order="asc")))
    assert sorted((r["severity"], r["component"]) for r in found) == [
        ("CRITICAL", "keystonemiddleware.auth_token"), ("ERROR", ""), ("INFO", "nova.compute"), ("WARNING", "kubelet.go")]
    joined = next(r for r in found if r["component"] == "nova.compute")
    assert joined["message"].endswith("mixture") and "key=value" in joined["message"]


def test_over_its_own_caps_the_agent_gives_up_step_by_step_and_loses_nothing(tmp_path, server, programs):
    service = start_service(tmp_path, programs)
    agent = harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=0.5,
                          tags={"rack": "r12"}, limits={"memory_mb": 1, "window_seconds": 0.5})
    programs.append(agent.start())
    client = server.client()

    def value(query):
        rows = client.get("/prometheus/api/v1/query", query=query).json["data"]["result"]
        return rows[0]["value"][1] if rows else None

    def status():
        return json.loads(run_agent_command(agent, "status", "--json").stdout)

    harness.wait_for("the last step", lambda: value("agent_guard_step") == "3")
    assert status()["guard"]["step"] == 3
    assert "limits.memory_mb" in status()["guard"]["problem"]
    assert "holds itself back" in run_agent_command(agent, "doctor").stdout
    harness.wait_for("all three steps to be told",
                     lambda: len(client.items("/api/v1/changes", type="agent.limited")) == 3)
    assert all("are its cap" in e["summary"] for e in client.items("/api/v1/changes", type="agent.limited"))
    assert value('host_tags_info{rack="r12"}') == "1"

    def found(text):
        return client.items("/api/v1/logs/search", q=text)

    # The log waits in its file, and metrics go on.
    before = float(value("agent_cpu_seconds_total"))
    service.say("ERROR", "written while the logs wait")
    harness.wait_for("metrics to go on", lambda: float(value("agent_cpu_seconds_total")) > before)
    assert found("written while the logs wait") == []
    config = json.loads(agent.config.read_text())
    config["limits"] = {"memory_mb": 1000, "window_seconds": 0.5}
    agent.config.write_text(json.dumps(config))
    os.kill(agent.process.pid, signal.SIGHUP)
    harness.wait_for("the line", lambda: found("written while the logs wait"))
    assert len(found("written while the logs wait")) == 1
    harness.wait_for("the step to be none", lambda: value("agent_guard_step") == "0")


def test_when_one_door_is_closed_the_next_one_is_taken(tmp_path, server, programs):
    service = start_service(tmp_path, programs)
    start_agent(tmp_path, server, programs, [service], server_url=["http://127.0.0.1:1", server.url])
    client = server.client()
    harness.wait_for("the first line", lambda: client.items("/api/v1/logs/search", q="Heartbeat"))


def walkthrough():
    """The commands of docs/plugins.md, word for word."""
    text = (harness.ROOT / "docs/plugins.md").read_text().split("## From nothing to a figure on the screen")[1].split("## ")[0]
    return "".join(line[4:] + "\n" for line in text.splitlines() if line.startswith("    "))


def test_the_walkthrough_leads_from_nothing_to_a_plug_ins_figure_on_the_server(tmp_path, server, programs):
    agent = start_agent(tmp_path, server, programs, [])
    client = server.client()
    harness.wait_for("the agent to run", lambda: run_agent_command(agent, "status").returncode == 0)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "sentinella").write_text(f'#!/bin/sh\nexec {harness.BIN / "sentinella"} -c {agent.config} "$@"\n')
    (tools / "systemctl").write_text(f"#!/bin/sh\nkill -HUP {agent.process.pid}\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    done = subprocess.run(["sh", "-ec", walkthrough()], cwd=tmp_path, text=True, timeout=60, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stdout
    assert "metric tea_celsius" in done.stdout
    found = harness.wait_for("the figure", lambda: client.get(
        "/prometheus/api/v1/query", query='tea_celsius{pot="blue"}').json["data"]["result"])
    assert found[0]["value"][1] == "63.5" and found[0]["metric"]["plugin"] == "tea"


class Teahouse(harness.StandIn):
    """Tells how it is as JSON and as OpenMetrics, to those with a password."""

    def answer(self, request):
        if request.headers["Authorization"] != "Basic " + base64.b64encode(b"guest:jasmine").decode():
            return 401, b"", {}
        if request.path == "/pots.json":
            pots = [{"colour": "blue", "celsius": 63.5}, {"colour": "red", "celsius": 41}]
            return 200, {"pots": pots}, {"Content-Type": "application/json"}
        return 200, b"# TYPE cups counter\ncups_total{size=\"large\"} 7\n# EOF\n", {"Content-Type": "application/openmetrics-text"}


def test_plug_ins_without_a_program_ask_read_and_announce(tmp_path, server, programs):
    house, book = Teahouse(), tmp_path / "guests.log"
    book.write_text("guest early left after 9 min\n")
    (tmp_path / "password").write_text("jasmine\n")
    account = {"user": "guest", "password_file": str(tmp_path / "password")}
    harness.give_plugin(tmp_path, "tea", {
        "pots": {"interval_seconds": 1, "http": {**account, "url": house.url + "/pots.json", "each": "pots",
                                                 "metrics": {"pot.celsius": "celsius"}, "labels": {"pot": "colour"}}},
        "cups": {"interval_seconds": 1, "http": {**account, "url": house.url + "/metrics", "format": "openmetrics"}},
        "guests": {"interval_seconds": 1, "pattern": {
            "file": str(book), "regex": r"guest (?P<name>\w+) left after (?P<minutes>\d+) min",
            "metrics": {"guest.minutes": "minutes"}, "event": {"type": "guest.left", "summary": "{name} has left"}}}})
    try:
        agent = start_agent(tmp_path, server, programs, [], plugins={"tea": ["pots", "cups", "guests"]})
        client = server.client()

        def value(query):
            rows = client.get("/prometheus/api/v1/query", query=query).json["data"]["result"]
            return rows[0]["value"][1] if rows else None

        harness.wait_for("the pots", lambda: value('pot_celsius{pot="blue",plugin="tea"}') == "63.5")
        assert value('pot_celsius{pot="red"}') == "41"
        harness.wait_for("the cups", lambda: value('cups_total{size="large",host="controller"}') == "7")
        harness.wait_for("the book to be open", lambda: value('plugin_matches_total{function="guests"}') == "0")
        with open(book, "a") as text:
            text.write("guest Ana left after 42 min\nno guest\n")
        harness.wait_for("the guest", lambda: value("guest_minutes") == "42")
        told = harness.wait_for("the event", lambda: client.items("/api/v1/changes", type="guest.left"))
        assert [e["summary"] for e in told] == ["Ana has left"]
        assert run_agent_command(agent, "show").stdout == "module: tea - functions: pots, cups, guests\n"
        assert "jasmine" not in agent.log()
        broken = tmp_path / "broken"
        broken.mkdir()
        (broken / "plugin.json").write_text(json.dumps({"name": "broken", "version": "1", "functions": {
            "f": {"http": {"url": house.url, "metrics": {"a": 1}}}}}))
        refused = run_agent_command(agent, "install", str(broken))
        assert refused.returncode != 0 and "http.metrics.a" in refused.stderr + refused.stdout
    finally:
        house.close()


def test_a_service_is_found_by_name_with_what_proves_it(tmp_path, programs):
    script = tmp_path / "masakari-engine"   # no other test has one
    script.write_text("import time\ntime.sleep(60)\n")
    program = harness.Program([harness.sys.executable, script], tmp_path / "out").start()
    programs.append(program)
    line = harness.wait_for("the service to be found", lambda: next(
        (text for text in subprocess.run([harness.BIN / "sentinella", "discover"], text=True, timeout=30,
                                         stdout=subprocess.PIPE).stdout.splitlines()
         if text.startswith("masakari-engine ")), None))
    assert f"pid {program.process.pid}" in line and "/var/log/masakari/masakari-engine.log" in line
