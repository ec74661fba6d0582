"""The server is away: the agent's spool replays everything, in order, once."""
import time

import harness

AWAY = 600 if harness.LONG else 6


def test_the_spool_replays_all_in_order_once(tmp_path, server, programs):
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    agent = harness.Agent(tmp_path, server, [service], node="controller", interval_seconds=1)
    programs.append(agent.start())
    client = server.client()
    harness.wait_for("the first line", lambda: client.items("/api/v1/logs/search", q="Heartbeat"))

    server.kill()
    end, number = time.monotonic() + AWAY, 0
    while time.monotonic() < end:
        service.say("INFO", f"numbered {number:06d}")
        number += 1
        time.sleep(0.02)
        if number == 100:
            agent.kill()      # the spool survives its owner
            agent.start()
    server.start()

    def numbered():
        return [int(r["message"].split()[1]) for r in
                client.all_items("/api/v1/logs/search", q="numbered", limit=1000, order="asc")]

    harness.wait_for(f"{number} lines", lambda: len(numbered()) >= number, timeout=60, every=0.5)
    found = client.all_items("/api/v1/logs/search", q="numbered", limit=1000, order="asc")
    assert sorted(numbered()) == list(range(number))
    by_arrival = sorted(found, key=lambda r: tuple(int(p) for p in r["id"].split("-")))
    assert [int(r["message"].split()[1]) for r in by_arrival] == list(range(number)), "out of order"
    # Gauges of the outage are there too: no hole of more than a few intervals.
    answer = client.get("/api/v1/samples", metric="host_cpu_used_ratio", host="controller", max_points=10000,
                        **{"from": f"now-{AWAY + 120}s", "to": "now"})
    times = sorted(t for series in answer.json["series"] for t, _ in series["points"])
    assert times and max(b - a for a, b in zip(times, times[1:])) < 5000
    assert len(times) == len(set(times))
