"""The server's clock is set: nobody is told of anything that did not happen, and what happens is told. An agent's clock is
set: it goes on measuring."""
import json
import os
import pathlib
import time

import harness
import pytest

LIBRARY = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


class Clock:
    """libfaketime's, read anew at every call; time passes on it as always."""

    def __init__(self, path):
        self.path = path
        self.step(0)

    def step(self, seconds):
        fresh = self.path.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}s\n")
        os.replace(fresh, self.path)

    def env(self):
        return {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.path), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="libfaketime is not installed")


def test_a_clock_that_is_set_by_an_hour_neither_fires_nor_resolves(tmp_path, programs, webhook):
    clock = Clock(tmp_path / "clock")
    server = harness.Server(tmp_path)
    server.env = clock.env()
    programs.append(server.start())
    client = server.client()
    harness.add_webhook(client, webhook.url, min_tier="info")
    service = harness.Service(tmp_path, "nova-api").start()
    broken = harness.Service(tmp_path, "glance-api").start()
    programs += [service, broken, harness.Agent(tmp_path, server, [service, broken], node="controller").start()]
    harness.wait_for("both to be up", lambda: client.get("/api/v1/overview").body.count(b'"up"') >= 2)
    broken.kill()
    webhook.wait("the page", lambda b: b["event"] == "alert.opened" and b["alert"]["service"] == ["glance-api"])
    before = len(webhook.events())
    for seconds in (3600, 0, -3600, 0):
        clock.step(seconds)
        time.sleep(2)
        news = [b["event"] for b in webhook.events()[before:]]
        assert set(news) <= {"alert.reminder"}, f"{news} after a step to {seconds} s"  # an hour has passed, it says
        alert, = client.items("/api/v1/alerts")
        assert alert["status"] == "open" and alert["service"] == ["glance-api"]
    clock.step(3600)
    service.kill()
    webhook.wait("the page", lambda b: b["event"] == "alert.opened" and b["alert"]["service"] == ["nova-api"])
    broken.start()
    webhook.wait("the all-clear", lambda b: b["event"] == "alert.closed" and b["alert"]["service"] == ["glance-api"])


def test_what_an_agent_does_in_turns_goes_on_when_its_clock_is_set_back(tmp_path, programs):
    clock, runs = Clock(tmp_path / "clock"), tmp_path / "runs"
    server = harness.Server(tmp_path).start()
    agent = harness.Agent(tmp_path, server, [], interval_seconds=1, plugins={"tea": ["pot"]})
    agent.env = clock.env()
    plugin = agent.directory / "plugins/tea"
    plugin.mkdir(parents=True)
    (plugin / "plugin.json").write_text(json.dumps({"name": "tea", "version": "1", "functions": {
        "pot": {"command": ["./pot.sh"], "interval_seconds": 1}}}))
    (plugin / "pot.sh").write_text(f"#!/bin/sh\necho >> {runs}\necho '[]'\n")
    (plugin / "pot.sh").chmod(0o755)
    programs += [server, agent.start()]
    harness.wait_for("a first run", runs.exists)
    clock.step(-7200)
    before = runs.stat().st_size
    harness.wait_for("three runs more", lambda: runs.stat().st_size >= before + 3)
