"""The web UI in a real browser against the real server and agent."""
import contextlib
import http.server
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import pytest

import harness
from test_service_down import start_watching


@pytest.fixture
def server(tmp_path, programs):
    """One whose pages may also be served from another site, at a port that is free now."""
    apart = f"http://127.0.0.1:{harness.free_ports(1)[0]}"
    server = harness.Server(tmp_path, f"[DEFAULT]\nui_origins = {apart}\n").start()
    server.apart = apart
    programs.append(server)
    return server


def browser(server, files, timeout=600, **more):
    """Runs scenarios of ui/e2e; their output when they fail."""
    boot = server.bootstrap
    run = subprocess.run(["node", "--test", "--test-reporter=spec", *(f"e2e/{name}.spec.mjs" for name in files)],
                         cwd=harness.ROOT / "ui", timeout=timeout, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         env={**os.environ, "APOLLO_URL": server.url, "APOLLO_LINK": boot["login_link"],
                              "APOLLO_USER": boot["admin_user"], "APOLLO_PASSWORD": boot["admin_password"],
                              "APOLLO_API_KEY": boot["api_key"], "APOLLO_HOST": "controller", **more})
    assert run.returncode == 0, run.stdout[-6000:]


def watched(tmp_path, server, programs):
    """A node with one service, whose first values are there."""
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    programs.append(harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=1).start())
    client = server.client()
    harness.wait_for("the node", lambda: client.get("/api/v1/overview").json["nodes"])
    harness.wait_for("the first gauge", lambda: client.get(
        "/api/v1/samples", metric="host_cpu_used_ratio", **{"from": "now-5m", "to": "now"}).json["series"])
    return service


def test_the_first_half_minute_in_a_real_browser(tmp_path, programs):
    begun = time.time()
    server = harness.Server(tmp_path, more=["--demo-self"]).start()
    programs.append(server)
    browser(server, ["first"], APOLLO_BEGUN=str(round(begun * 1000)))


def test_the_scenarios_pass_in_a_real_browser(tmp_path, server, programs):
    service = watched(tmp_path, server, programs)
    service.say("ERROR", "<img src=x onerror=alert(1)> last words")
    browser(server, ["apart", "apollo", "triage", "manage"], APOLLO_APART=server.apart, APOLLO_SERVICE="nova-api",
            APOLLO_BREAK=f"kill -9 {service.process.pid}")


def test_every_page_is_for_everybody_in_a_real_browser(tmp_path, server, programs):
    watched(tmp_path, server, programs).say("ERROR", "something failed")
    browser(server, ["access"], timeout=1500)


def test_how_one_looks_at_things_in_a_real_browser(tmp_path, programs):
    server = harness.Server(tmp_path, "[alerts]\nalarm_model = isa_18_2\n").start()
    programs.append(server)
    browser(server, ["views"])


class Control:
    """Does for the browser's scenarios what a browser cannot: POST /NAME?parameters calls acts[NAME](parameters)."""

    def __init__(self, **acts):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                url = urllib.parse.urlsplit(self.path)
                act = acts.get(url.path[1:])
                answer = json.dumps(act(dict(urllib.parse.parse_qsl(url.query))) or {} if act else {}).encode()
                self.send_response(200 if act else 404)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()


def test_the_scenarios_with_short_tokens_pass_in_a_real_browser(tmp_path, programs):
    server = harness.Server(tmp_path, "[auth]\naccess_life = 5s\n").start()
    programs.append(server)
    service = watched(tmp_path, server, programs)
    with Control(say=lambda given: service.say(given["level"], given["text"])) as control:
        browser(server, ["scenarios"], APOLLO_CONTROL=control.url)


def flood(client, lines):
    """Lines of the last two hours, the newest with the greatest number."""
    begin, at_once = time.time() - 7200, 20_000
    for first in range(0, lines, at_once):
        text = "\n".join(f"{harness.oslo_time(begin + n * 7190 / lines)} 1 INFO a.b [-] flood line {n}"
                         for n in range(first, min(first + at_once, lines)))
        answer = client.post("/api/v1/logs/lines?host=controller&service=nova-api&source=/var/log/nova-api.log",
                             text.encode(), headers={"Content-Type": "text/plain"})
        assert answer.status == 200, answer


def test_lines_spans_and_empty_pages_in_a_real_browser(tmp_path, server, programs):
    """A million lines with SENTINELLA_LONG=1, less without."""
    service = watched(tmp_path, server, programs)
    service.say("ERROR", "something failed")
    acts = {"flood": lambda given: flood(server.client(), int(given["lines"])),
            "freeze": lambda _: harness.send_signal(server, signal.SIGSTOP),
            "thaw": lambda _: harness.send_signal(server, signal.SIGCONT)}
    with Control(**acts) as control:
        browser(server, ["lines", "cloud"], APOLLO_CONTROL=control.url,
                **({"APOLLO_LINES": "1000000"} if harness.LONG else {}))


FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


@pytest.mark.skipif(not FAKETIME.exists(), reason="libfaketime is not installed")
def test_services_that_die_and_what_the_pages_say_in_a_real_browser(tmp_path, server, programs, webhook):
    services, agent = start_watching(tmp_path, server, programs, names=("nova-compute", "rabbitmq"), interval_seconds=1)
    slack = harness.Webhook()
    harness.wait_for("the first gauge", lambda: server.client().get(
        "/api/v1/samples", metric="host_load1", **{"from": "now-5m", "to": "now"}).json["series"])

    def rotate(_):
        """The logs grow too old while the server is away: it starts once forty days from now, which drops them."""
        agent.kill()
        server.terminate()
        server.env = {"LD_PRELOAD": str(FAKETIME), "FAKETIME": "+40d", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        server.start()
        client = server.client()
        harness.wait_for("the logs to be dropped", lambda: not client.items("/api/v1/logs/search", q="unreachable",
                                                                            **{"from": "now-60d", "to": "now"}))
        server.terminate()
        server.env = {}
        server.start()

    acts = {"kill": lambda given: services[given["service"]].kill(),
            "start": lambda given: services[given["service"]].start() and None,
            "say": lambda given: services[given["service"]].say(given["level"], given["text"]),
            "webhook": lambda _: harness.add_webhook(server.client(), webhook.url) and None,
            "slack": lambda _: {"url": slack.url},
            "messages": lambda _: {"opened": len(webhook.events("alert.opened"))},
            "silence": lambda _: agent.kill(), "rotate": rotate}
    with Control(**acts) as control, contextlib.closing(slack):
        browser(server, ["outage"], APOLLO_CONTROL=control.url)


def test_scenarios_that_bring_their_own_data_in_a_real_browser(tmp_path, server, programs, webhook):
    watched(tmp_path, server, programs)

    def message(given):
        told = [one for one in webhook.events("alert.opened") if given["text"] in one["alert"]["text"]]
        return {"alert_url": told[0]["alert_url"]} if told else {}

    with Control(message=message, webhook=lambda _: harness.add_webhook(server.client(), webhook.url) and None) as control:
        browser(server, ["seeded"], APOLLO_CONTROL=control.url)


def test_pages_of_a_server_that_knows_nothing_in_a_real_browser(server):
    browser(server, ["empty"], APOLLO_EMPTY="1")


def test_a_server_that_restarts_and_forgets_in_a_real_browser(tmp_path, programs):
    server = harness.Server(tmp_path, "[auth]\naccess_life = 5s\n").start()
    programs.append(server)
    watched(tmp_path, server, programs)

    def restart(_):
        server.kill()
        time.sleep(2)
        server.start()

    acts = {"restart": restart, "gone": lambda _: server.kill(), "back": lambda _: server.start() and None}
    with Control(**acts) as control:
        browser(server, ["trouble"], APOLLO_CONTROL=control.url)


def test_thousands_of_alerts_and_a_storm_in_a_real_browser(tmp_path, server):
    """Ten thousand and a minute's storm with SENTINELLA_LONG=1, less of both without."""
    long = {"APOLLO_CROWD": "10000", "APOLLO_STORM_SECONDS": "60", "APOLLO_SOAK_ROUNDS": "500"}
    browser(server, ["crowd"], timeout=3000, **(long if harness.LONG else {}))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start an agent as somebody else")
def test_a_node_that_enrols_and_what_it_tells_in_a_real_browser(tmp_path, server, programs, webhook):
    watched(tmp_path, server, programs)
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        service = harness.Service(directory, "nova-compute").start()
        programs.append(service)

        def enrol(given):
            os.chmod(service.log_file, 0o600)
            agent = harness.Agent(directory, server, [service], name="second", node="second",
                                  account_key=given["token"], interval_seconds=1)
            programs.append(agent.as_nobody().start())

        def message(_):
            told = [one for one in webhook.events("alert.opened") if "nova-compute" in one["alert"]["text"]]
            return {"alert_url": told[0]["alert_url"]} if told else {}

        with Control(enrol=enrol, message=message, kill=lambda _: service.kill(),
                     webhook=lambda _: harness.add_webhook(server.client(), webhook.url) and None) as control:
            browser(server, ["arrivals"], APOLLO_CONTROL=control.url)
        programs.pop().kill()
