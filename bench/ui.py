"""The web UI's budgets in a browser: bundle, first paint, 10,000 alerts, 100,000 points, a million log lines, heap.

SENTINELLA_BENCH_ALERTS (default 10000) is how many alerts are live, SENTINELLA_BENCH_LINES (default 1000000) how many log
lines there are. The table also goes into bench/RESULTS.md.
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


LINES_AT_ONCE = 20_000


def fill(client, alerts, lines):
    """Nodes with values, live alerts, and lines of the last hours."""
    now = time.time()
    for number in range(20):
        harness.send(client, "metrics", harness.otlp_gauge("host_cpu_used_ratio", [(now - 10, 0.4)], host=f"host-{number}"))
    for begin in range(0, lines, LINES_AT_ONCE):
        at = now - 7200 * (1 - begin / lines)
        answer = client.post("/api/v1/logs/lines?host=host-1&service=nova-api&source=/var/log/nova-api.log", "\n".join(
            f"{harness.oslo_time(at + n * 7200 / lines)} 1 INFO a.b [-] line {begin + n}"
            for n in range(min(LINES_AT_ONCE, lines - begin))).encode(), headers={"Content-Type": "text/plain"})
        assert answer.status == 200, answer
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3600))
    for begin in range(0, alerts, 500):
        answer = client.post("/alertmanager/api/v2/alerts", [
            {"labels": {"alertname": f"Bench{n % 7}", "instance": f"vm-{n}", "host": f"host-{n % 20}", "severity": "warning"},
             "annotations": {"summary": f"alert {n} of host-{n % 20}"}, "endsAt": ends}
            for n in range(begin, min(begin + 500, alerts))])
        assert answer.status == 200, answer


def measure(alerts, lines):
    with tempfile.TemporaryDirectory() as directory:
        server = harness.Server(directory).start()
        try:
            fill(server.client(), alerts, lines)
            boot = server.bootstrap
            done = subprocess.run(["node", "e2e/bench.mjs"], cwd=harness.ROOT / "ui", check=True, capture_output=True, text=True,
                                  env={**os.environ, "APOLLO_URL": server.url, "APOLLO_USER": boot["admin_user"],
                                       "APOLLO_PASSWORD": boot["admin_password"]})
            return json.loads(done.stdout.strip().splitlines()[-1])
        finally:
            server.terminate()


def rows(of, alerts):
    lines = of["log_lines"]

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
    yield row("a page of 100 alerts, bytes of JSON", of["alert_page_bytes"], 40_000)
    yield row("100,000 points: drawn anew, ms, median of 5", of["chart_100k_ms"], 120)
    yield row("the same: a drag to its zoom, ms, median of 5", of["zoom_100k_ms"], 50)
    yield row(f"{lines} log lines: rows in the page", of["log_rows"], 80)
    yield row("the same: End to the last line, ms, once", of["jump_ms"], 100)
    yield row("a line of 900 kB: opened and scrolled past, ms, once", of["giant_open_ms"], 200)
    yield row("heap after ten rounds through eight pages, bytes", of["heap_bytes"], 80_000_000)
    yield row("heap growth over those rounds, bytes", of["heap_growth_bytes"], 20_000_000)


    paints, rate = of["storm_paints_per_s"], of["storm_alerts_per_s"]
    yield (f"| paints a second while {rate:.0f} new alerts a second come, for 10 s | {paints:.0f} | "
           f"20{'' if paints >= 20 else ': missed'} |")


def keep(text):
    before, found, after = RESULTS.read_text().partition(HEADING)
    rest = after.partition("\n## ")
    tail = f"\n## {rest[2]}" if rest[1] else ""
    RESULTS.write_text((before if found else before.rstrip("\n") + "\n\n") + text + tail)


def run():
    alerts = int(os.environ.get("SENTINELLA_BENCH_ALERTS", 10_000))
    lines = int(os.environ.get("SENTINELLA_BENCH_LINES", 1_000_000))
    table = "\n".join(rows(measure(alerts, lines), alerts))
    text = (f"{HEADING}\n`./dev bench ui` (Chromium, headless, no GPU; real server on loopback).\n\n| measure | value | goal |\n| --- | --- | --- |\n{table}\n")
    print(text)
    keep(text)
