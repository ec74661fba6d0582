"""The web UI in a real browser against the real server and agent."""
import http.server
import os
import socket
import subprocess
import threading
import urllib.parse

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


def test_the_scenarios_pass_in_a_real_browser(tmp_path, server, programs):
    service = watched(tmp_path, server, programs)
    service.say("ERROR", "<img src=x onerror=alert(1)> last words")
    browser(server, ["apart", "apollo", "manage"], APOLLO_APART=server.apart, APOLLO_SERVICE="nova-api",
            APOLLO_BREAK=f"kill -9 {service.process.pid}")


class Control:
    """Does for the browser's scenarios what a browser cannot: POST /say."""

    def __init__(self, service):
        def say(given):
            service.say(given["level"], given["text"])

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                url = urllib.parse.urlsplit(self.path)
                known = url.path == "/say"
                if known:
                    say(dict(urllib.parse.parse_qsl(url.query)))
                self.send_response(200 if known else 404)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()


def test_the_scenarios_with_short_tokens_pass_in_a_real_browser(tmp_path, programs):
    server = harness.Server(tmp_path, "[auth]\naccess_life = 5s\n").start()
    programs.append(server)
    service = watched(tmp_path, server, programs)
    control = Control(service)
    try:
        browser(server, ["scenarios"], APOLLO_CONTROL=control.url)
    finally:
        control.close()
