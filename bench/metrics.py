"""Metrics in and out, side by side: Sentinella, VictoriaMetrics, Prometheus, InfluxDB on the same loads in one run.

SENTINELLA_BENCH_SETS and SENTINELLA_BENCH_PEERS (names, comma-separated) pick some; of other loads the figures of the
last run stay. The table also goes into bench/RESULTS.md.
"""
import dataclasses
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import harness

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "metrics"))
import peers  # noqa: E402
import proc_samples  # noqa: E402

LOADER = harness.ROOT / "build/bench/metric_load"
ROWS = harness.ROOT / "build/bench/metrics.jsonl"
STEP = 10
RUNS = 30
QUERY_BUDGET = 60  # seconds for one query's runs
RESULTS = HERE / "RESULTS.md"
HEADING = "## Metrics beside VictoriaMetrics, Prometheus and InfluxDB"


@dataclasses.dataclass
class Query:
    name: str
    promql: str
    influxql: str
    at: int
    span: int = 0
    step: int = None  # a range query


@dataclasses.dataclass
class Set:
    """`create` ticks are sent and counted apart: every series is new in them."""
    name: str
    what: str
    hosts: int
    metrics: int
    ticks: int
    hosts_per_body: int = 25
    create: int = 0
    recorded: bool = False
    queries: tuple = ()


SETS = [
    Set("small", "100 hosts x 100 metrics x 2 h, 2 500 samples a body", 100, 100, 720, queries=("last", "hour", "count")),
    Set("agent", "the same for 1 h, 100 samples a body", 100, 100, 360, hosts_per_body=1),
    Set("real", "20 hosts x this machine's /proc x 2 h", 20, 0, 720, recorded=True),
    Set("long", "100 hosts x 20 metrics x 12 h", 100, 20, 4320, queries=("minutes", "hosts")),
    Set("10k", "10 k series, 60 ticks", 100, 100, 59, create=1, queries=("count",)),
    Set("100k", "100 k series, 12 ticks", 1000, 100, 11, create=1, queries=("count",)),
    Set("1M", "1 M series, 6 ticks", 10000, 100, 5, create=1, queries=("count",)),
    Set("large", "1 000 hosts x 100 metrics x 2 h", 1000, 100, 720),
]


def query(name, start, end):
    """The queries of the table, by name. Host 7 and cpu_f0 are in every load that is made up."""
    return {
        "last": Query("last value", 'cpu_f0{host="host-00007"}', "SELECT last(f0) FROM cpu WHERE host='host-00007'", end),
        "hour": Query("1 h raw, 1 series", 'cpu_f0{host="host-00007"}[1h]',
                      f"SELECT f0 FROM cpu WHERE host='host-00007' AND time > {end - 3600}s AND time <= {end}s", end),
        "minutes": Query("8 series x 12 h at 1 min", 'avg_over_time(cpu_f0{host=~"host-0000[0-7]"}[1m])',
                         f"SELECT mean(f0) FROM cpu WHERE host=~/host-0000[0-7]/ AND time > {start}s AND time <= {end}s "
                         "GROUP BY host, time(1m)", end, end - start, 60),
        "hosts": Query("max by host x 12 h at 1 h", "max by (host) (max_over_time(cpu_f0[1h]))",
                       f"SELECT max(f0) FROM cpu WHERE time > {start}s AND time <= {end}s GROUP BY host, time(1h)",
                       end, end - start, 3600),
        "count": Query("count by name, all series", 'count by (__name__) ({__name__=~".+"})', None, end),
    }[name]


def build_loader():
    source = HERE / "metrics/metric_load.cpp"
    if LOADER.exists() and LOADER.stat().st_mtime > source.stat().st_mtime:
        return
    LOADER.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["g++", "-std=c++23", "-O2", f"-I{harness.ROOT / 'src'}", str(source), "-lsnappy", "-o", str(LOADER)], check=True)


def send(peer, door, load, start, recording, first, ticks, connections):
    arguments = {"--port": peer.port, "--path": peer.doors[door], "--format": door, "--hosts": load.hosts,
                 "--metrics": load.metrics, "--hosts-per-body": load.hosts_per_body, "--first-tick": first, "--ticks": ticks,
                 "--start": start, "--connections": connections}
    if peer.authorization:
        arguments["--authorization"] = peer.authorization
    if load.recorded:
        arguments["--recording"] = recording
    before = peer.cpu_seconds()
    done = subprocess.run([LOADER, *(str(word) for pair in arguments.items() for word in pair)], check=True, capture_output=True, text=True)
    time.sleep(2)  # what it still does for these samples
    outcome = json.loads(done.stdout)
    if outcome["refused"]:
        print(f"{peer.name}, {load.name}: {outcome['refused']} requests refused; {done.stderr[:500]}", file=sys.stderr)
    return outcome | {"cpu": max(peer.cpu_seconds() - before, 0.01)}


def ask(peer, question):
    """Milliseconds, median of up to RUNS on one connection, and the rows of the answer."""
    path = peer.query_path(question)
    if path is None:
        return None
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=QUERY_BUDGET)
    took, rows, end = [], 0, time.monotonic() + QUERY_BUDGET
    try:
        while len(took) < RUNS and time.monotonic() < end:
            begin = time.perf_counter()
            connection.request("GET", path, headers=peer.headers())
            response = connection.getresponse()
            body = response.read()
            took.append((time.perf_counter() - begin) * 1000)
            if response.status != 200:
                return f"{response.status}"
            rows = rows or peer.rows(body)
    except TimeoutError:
        return f"> {QUERY_BUDGET} s"
    finally:
        connection.close()
    return {"ms": statistics.median(took), "rows": rows}


def measure(peer_type, door, load, recording, connections=4):
    with tempfile.TemporaryDirectory(prefix="metrics-") as directory:
        peer = peer_type(directory)
        try:
            peer.start()
            start = int(time.time()) // STEP * STEP - (load.create + load.ticks) * STEP
            idle, fresh = peer.resident_mb(), peer.bytes_on_disk()
            row = {"peer": peer.name, "door": door, "set": load.name}
            if load.create:
                row["create"] = send(peer, door, load, start, recording, 0, load.create, connections)
            row["load"] = send(peer, door, load, start, recording, load.create, load.ticks, connections)
            row |= {"mb": peer.resident_mb(), "idle_mb": idle, "queries": {}}
            last = start + (load.create + load.ticks - 1) * STEP
            for name in load.queries:
                row["queries"][name] = ask(peer, query(name, start, last))
            peer.flush()
            row["bytes"] = peer.bytes_on_disk() - fresh
            return row
        finally:
            peer.stop()


# ---- tables


def short(number):
    return f"{number / 1e6:.2f} M" if number >= 1e6 else f"{number / 1e3:.0f} k"


def rate(outcome):
    return outcome["samples"] / outcome["cpu"]


def line(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(*titles):
    return [line(*titles), "|" + "---|" * len(titles)]


def ratio(row, rows, figure, best, any_door=False):
    """Our figure over that of the best other server on the same load, by the same door."""
    others = [figure(other) for other in rows if other["set"] == row["set"] and not other["peer"].startswith("Sentinella")
              and (any_door or other["door"] == row["door"])]
    others = [other for other in others if other is not None]
    return f"{figure(row) / best(others):.2f}" if others and row["peer"].startswith("Sentinella") else ""


def stored(row):
    return row["bytes"] / (row["load"]["samples"] + row.get("create", {"samples": 0})["samples"])


def milliseconds(name):
    def of(row):
        answer = row["queries"].get(name)
        return answer["ms"] if isinstance(answer, dict) else None
    return of


def intake_table(rows):
    out = table("load", "door", "server", "samples per CPU-s", "ratio", "samples/s", "MB resident", "bytes a sample", "ratio")
    for row in rows:
        load = row["load"]
        refused = f" ({load['refused']} requests refused)" if load["refused"] else ""
        out.append(line(row["set"], row["door"], row["peer"] + refused, short(rate(load)),
                        ratio(row, rows, lambda r: rate(r["load"]), max), short(load["samples"] / max(load["seconds"], 0.001)),
                        f"{row['mb']:.0f}", f"{stored(row):.2f}", ratio(row, rows, stored, min)))
    return out


def growth_table(rows):
    out = table("series", "door", "server", "new series per CPU-s", "ratio", "samples per CPU-s after", "KB resident a series")
    for row in rows:
        grown = (row["mb"] - row["idle_mb"]) * 1024 / row["create"]["samples"]
        out.append(line(row["set"], row["door"], row["peer"], short(rate(row["create"])),
                        ratio(row, rows, lambda r: rate(r["create"]), max), short(rate(row["load"])), f"{grown:.2f}"))
    return out


def query_table(rows):
    out = table("load", "query", "server", "ms", "ratio", "series")
    for load, name in sorted({(row["set"], name) for row in rows for name in row["queries"]}):
        for row in rows:
            answer = row["queries"].get(name)
            if row["set"] != load or answer is None:
                continue
            if isinstance(answer, str):
                answer = {"ms": None, "rows": answer}
            took = "" if answer["ms"] is None else f"{answer['ms']:.2f}"
            out.append(line(load, query(name, 0, 0).name, f"{row['peer']} ({row['door']})", took,
                            took and ratio(row, rows, milliseconds(name), min, any_door=True), answer["rows"]))
    return out


def report(rows):
    growing = [row for row in rows if "create" in row]
    parts = ["Loads: " + "; ".join(f"{load.name} = {load.what}" for load in SETS) + ".", "",
             "Intake; ratios are to the best other server by the same door. CPU-seconds are the server's, until 2 s after the "
             "last answer; bytes are what the load added on disk, after everything was flushed and merged, index included.", "", *intake_table(rows)]
    if growing:
        parts += ["", "What a series costs; all are new in the first tick.", "", *growth_table(growing)]
    if any(row["queries"] for row in rows):
        parts += ["", f"Queries: p50 of up to {RUNS} on one connection; ratios are to the best other server.", "", *query_table(rows)]
    return "\n".join(parts)


def keep(text):
    """Puts the section in place of the last one."""
    old = RESULTS.read_text()
    head, _, rest = old.partition(HEADING)
    tail = rest.partition("\n## ")
    section = f"{HEADING}\n`./dev bench metrics`, {time.strftime('%Y-%m-%d')}; 4 keep-alive connections, Sentinella with `[journal] sync = 1s`.\n\n{text}\n"
    RESULTS.write_text(head.rstrip() + "\n\n" + section + ("\n## " + tail[2] if tail[1] else ""))


def chosen(variable, known):
    names = [name for name in os.environ.get(variable, "").split(",") if name]
    return [item for item in known if not names or item.name in names]


def remember(rows, sets):
    """These rows, and of the other loads those of the last run, in the order of SETS."""
    order = [load.name for load in SETS]
    known = [json.loads(text) for text in ROWS.read_text().splitlines()] if ROWS.exists() else []
    known = [row for row in known if row["set"] not in {load.name for load in sets}] + rows
    known.sort(key=lambda row: order.index(row["set"]))
    ROWS.write_text("".join(json.dumps(row) + "\n" for row in known))
    return known


def measure_all(sets, servers, recording):
    rows = []
    for load in sets:
        jobs = [(server, door, 4) for server in servers for door in server.doors]
        if load.name in ("small", "agent") and peers.Sentinella in servers:
            jobs += [(peers.SentinellaSyncingCommits, door, 64) for door in peers.Sentinella.doors]
        for server, door, connections in jobs:
            rows.append(measure(server, door, load, recording, connections))
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    return rows


def run():
    peers.install()
    build_loader()
    sets, servers = chosen("SENTINELLA_BENCH_SETS", SETS), chosen("SENTINELLA_BENCH_PEERS", peers.ALL)
    with tempfile.TemporaryDirectory() as directory:
        recording = os.environ.get("SENTINELLA_PROC_SAMPLES")
        if recording is None and any(load.recorded for load in sets):
            recording = pathlib.Path(directory) / "proc"
            print("recording /proc for 190 s", file=sys.stderr)
            proc_samples.record(recording, 190)
        text = report(remember(measure_all(sets, servers, recording), sets))
    print(text)
    keep(text)
