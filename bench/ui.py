"""The web UI's budgets in a browser: bundle, first paint, 10,000 alerts, 100,000 points, heap.

SENTINELLA_BENCH_ALERTS (default 10000) is how many alerts are live. The table also goes into bench/RESULTS.md.
"""
import json
import os
import pathlib
import subprocess
import tempfile
import time

import harness

RESULTS = pathlib.Path(__file__).resolve().parent / "RESULTS.md"
HEADING = "## The web UI in a browser"


def fill(client, alerts):
    """Nodes with values, and live alerts."""
    now = time.time()
    for number in range(20):
        harness.send(client, "metrics", harness.otlp_gauge("host_cpu_used_ratio", [(now - 10, 0.4)], host=f"host-{number}"))
    harness.send(client, "logs", harness.otlp_logs([f"{harness.oslo_time()} 1 INFO a.b [-] line {n}" for n in range(500)]))
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3600))
    for begin in range(0, alerts, 500):
        answer = client.post("/alertmanager/api/v2/alerts", [
            {"labels": {"alertname": f"Bench{n % 7}", "instance": f"vm-{n}", "host": f"host-{n % 20}", "severity": "warning"},
             "annotations": {"summary": f"alert {n} of host-{n % 20}"}, "endsAt": ends}
            for n in range(begin, min(begin + 500, alerts))])
        assert answer.status == 200, answer


def measure(alerts):
    with tempfile.TemporaryDirectory() as directory:
        server = harness.Server(directory).start()
        try:
            fill(server.client(), alerts)
            boot = server.bootstrap
            done = subprocess.run(["node", "e2e/bench.mjs"], cwd=harness.ROOT / "ui", check=True, capture_output=True, text=True,
                                  env={**os.environ, "APOLLO_URL": server.url, "APOLLO_USER": boot["admin_user"],
                                       "APOLLO_PASSWORD": boot["admin_password"]})
            return json.loads(done.stdout.strip().splitlines()[-1])
        finally:
            server.terminate()


def rows(of, alerts):
    def row(name, value, goal):
        shown = f"{value:.0f}"
        return f"| {name} | {shown} | {goal}{'' if value <= goal else ': missed'} |"

    yield row("first load, JS + CSS, bytes gz", of["first_bytes"], 70_000)
    yield row("largest lazy file, bytes gz", of["largest_lazy_bytes"], 25_000)
    yield row("everything, bytes gz", of["all_bytes"], 180_000)
    yield row("first contentful paint, ms, median of 5", of["first_paint_ms"], 600)
    yield row(f"{alerts} live alerts: rows in the page", of["alert_rows"], 60)
    yield row("frame while scrolling, p99, ms", of["scroll_frame_p99_ms"], 34)
    yield row("filter: answer to paint, ms", of["filter_paint_ms"], 60)
    yield row("a page of alerts, bytes of JSON", of["alert_page_bytes"], 80_000)
    yield row("100,000 points: drawn anew, ms, median of 5", of["chart_100k_ms"], 120)
    yield row("log lines in the page", of["log_rows"], 80)
    yield row("heap after ten rounds through eight pages, bytes", of["heap_bytes"], 80_000_000)
    yield row("heap growth over those rounds, bytes", of["heap_growth_bytes"], 20_000_000)


def keep(text):
    before, found, after = RESULTS.read_text().partition(HEADING)
    rest = after.partition("\n## ")
    tail = f"\n## {rest[2]}" if rest[1] else ""
    RESULTS.write_text((before if found else before.rstrip("\n") + "\n\n") + text + tail)


def run():
    alerts = int(os.environ.get("SENTINELLA_BENCH_ALERTS", 10_000))
    table = "\n".join(rows(measure(alerts), alerts))
    text = (f"{HEADING}\n`./dev bench ui` (Chromium, headless, no GPU; real server on loopback; a page of the table has 200 alerts,\n"
            f"80,000 bytes are 40,000 for each hundred).\n\n| measure | value | goal |\n| --- | --- | --- |\n{table}\n")
    print(text)
    keep(text)
