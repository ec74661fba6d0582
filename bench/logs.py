"""Logs: parsed, stored and searched beside zstd, ripgrep, rsyslog, syslog-ng and ClickHouse, on one corpus expanded from the real
capture.

SENTINELLA_BENCH_BYTES (default 1000000000; with SENTINELLA_LONG=1 ten times that) is the corpus' size. The table also goes into
bench/RESULTS.md. With SENTINELLA_BENCH_LOGS=FOLDER instead: how small the logs in that folder become, each by itself beside zstd -19.
"""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import tempfile

import harness
import log_clickhouse
import log_peers

PROGRAM = harness.ROOT / "build/release/bin/log_corpus_bench"
RESULTS = pathlib.Path(__file__).resolve().parent / "RESULTS.md"
HEADING = "## Logs beside their peers"
COMPARED = 100_000_000  # bytes that zstd -19 gets
PEERS = 200_000_000  # bytes that rsyslog and syslog-ng get


def step(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], check=True, capture_output=True, text=True, cwd=harness.ROOT)
    return json.loads(done.stdout) if done.stdout else {}


def cpu_of(command, **more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def beginnings(corpus, most):
    """What each log begins with, whole lines of it, so that all together are `most` bytes."""
    logs = sorted(corpus.iterdir())
    share = min(1, most / sum(log.stat().st_size for log in logs))
    for log in logs:
        with log.open("rb") as whole:
            yield log.name, whole.read(int(log.stat().st_size * share)).rpartition(b"\n")[0] + b"\n"


def packed_by_zstd(corpus, level, most):
    """How many bytes of the corpus' beginning became how many, and the CPU-seconds."""
    raw = packed = seconds = 0
    source, out = corpus.parent / "part", corpus.parent / "packed"
    for _, text in beginnings(corpus, most):
        source.write_bytes(text)
        seconds += cpu_of(["zstd", "-q", "-f", f"-{level}", source, "-o", out])
        raw += len(text)
        packed += out.stat().st_size
    return raw, packed, seconds


def other_logs(folder):
    print("| log | MB | unparsed of records | ours | zstd -19 |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="sentinella-logs-") as scratch:
        for log in sorted(path for path in pathlib.Path(folder).rglob("*.log") if path.stat().st_size > 0):
            alone = pathlib.Path(scratch) / "alone"
            alone.mkdir(exist_ok=True)
            copy = pathlib.Path(shutil.copy(log, alone / "log_of.log"))
            packed = step("pack", alone)
            subprocess.run(["zstd", "-q", "-f", "-19", copy, "-o", f"{scratch}/packed"], check=True)
            theirs = packed["bytes"] / os.path.getsize(f"{scratch}/packed")
            print(f"| {log.relative_to(folder)} | {packed['bytes'] / 1e6:.1f} | {packed['unparsed']} of {packed['records']} "
                  f"| {packed['bytes'] / packed['packed']:.1f}x | {theirs:.1f}x |")


def verdict(figure, goal, more_is_better=True):
    met = figure >= goal if more_is_better else figure <= goal
    return f"{goal:g}" if met else f"{goal:g}: missed"


def peer_rows(corpus):
    """One file of lines of all logs, parsed by each program by itself."""
    mixed = corpus.parent / "mixed"
    mixed.mkdir()
    log = mixed / "nova_mixed.log"
    with log.open("wb") as out:
        for _, text in beginnings(corpus, PEERS):
            out.write(text)
    parsed = step("parse", mixed)
    ours = parsed["bytes"] / 1e6 / parsed["cpu_seconds"]
    yield f"{parsed['bytes'] / 1e6:.0f} MB of all formats in one file: this parser, MB per CPU-s", f"{ours:.0f}", ""
    for name, speed in log_peers.speeds(log, corpus.parent):
        yield f"{name}, MB per CPU-s", f"{speed:.0f}", f"this parser is {ours / speed:.1f} times as fast"
    try:
        stored, ratio, searched = log_clickhouse.figures(log, "spawn", corpus.parent)
        yield "ClickHouse 18.16 with zstd, the same lines", f"{ratio:.1f}x, stored at {stored:.0f} MB per CPU-s", ""
        yield "ClickHouse 18.16, a word in them, warm, GB per CPU-s", f"{searched:.1f}", ""
    except RuntimeError as error:
        yield "ClickHouse 18.16", f"does not run here: {error}", ""
    shutil.rmtree(mixed)


def intake_rows(corpus, store):
    parsed = step("parse", corpus)
    speed = parsed["bytes"] / 1e6 / parsed["cpu_seconds"]
    yield f"parse to columns, MB per CPU-s ({parsed['records']} records, {parsed['unparsed']} unparsed)", f"{speed:.0f}", verdict(speed, 800)
    stored = step("store", corpus, store)
    speed = stored["bytes"] / 1e6 / stored["cpu_seconds"]
    yield "parse and store, MB per CPU-s", f"{speed:.0f}", verdict(speed, 200)
    yield "the same, MB resident at most", str(stored["peak_mb"]), verdict(stored["peak_mb"], 256, False)
    lost = parsed["records"] - stored["records"]
    yield "records parsed but not stored", str(lost), verdict(lost, 0, False)


def size_rows(corpus, store):
    rested = step("rest", store)
    ours = rested["raw_bytes"] / rested["rest_bytes"]
    yield "size, blocks as sealed", f"{rested['raw_bytes'] / rested['fresh_bytes']:.1f}x", ""
    yield "size, blocks at rest", f"{ours:.1f}x", verdict(ours, 10)
    raw, packed, seconds = packed_by_zstd(corpus, 3, COMPARED)
    yield f"zstd -3 on {raw // 1_000_000} MB", f"{raw / packed:.1f}x, {raw / 1e6 / seconds:.0f} MB per CPU-s", ""
    raw, packed, _ = packed_by_zstd(corpus, 19, COMPARED)
    yield f"zstd -19 on {raw // 1_000_000} MB", f"{raw / packed:.1f}x", ""
    yield "at rest against that", f"{ours / (raw / packed):.2f}", verdict(ours / (raw / packed), 1)


def search_rows(corpus, store):
    told = step("ask", store)
    size = told["raw_bytes"]
    for question in told["questions"]:
        name, ms = question["name"], max(question["warm_ms"], 1e-3)
        shown = f"{ms:.2f} ms warm, {question['cold_ms']:.1f} cold; {question['found']} found"
        if name == "an absent word":
            per_gb = ms / (size / 1e9)
            yield f"{name}, ms per GB", f"{per_gb:.2f} ({shown})", verdict(per_gb, 20, False)
        elif name == "service, severity, hour":
            yield f"{name}, ms", shown, verdict(ms, 10, False)
        elif name in ("a request id", "the story of a request"):
            cold = question["cold_ms"]
            yield f"{name} among {told['records']}, ms", shown, verdict(cold, 100, False)
        elif name.startswith("the newest"):
            yield f"{name}, ms", shown, ""
        else:
            speed = size / 1e6 / ms
            yield f"{name}, GB per CPU-s", f"{speed:.1f} ({shown})", verdict(speed, 8)
    logs = sorted(corpus.iterdir())
    seconds = cpu_of(["rg", "-c", "-F", "spawn", *logs])
    yield "ripgrep, the same word in the plain files, GB per CPU-s", f"{size / 1e9 / seconds:.1f}", ""


def report(rows, size):
    lines = [HEADING, "`./dev bench logs`: " + f"{size / 1e9:g} GB from the capture, with fresh times, ids and addresses; every request id is new. CPU time of one",
             "core; *warm* is the best of five on decoded blocks, *cold* the first.", "",
             "| what | measured | goal |", "|---|---|---|"]
    lines += [f"| {what} | {measured} | {goal} |" for what, measured, goal in rows]
    return "\n".join(lines) + "\n"


def keep(text):
    old = RESULTS.read_text()
    begin = old.find(HEADING)
    if begin < 0:
        RESULTS.write_text(old.rstrip("\n") + "\n\n" + text)
        return
    end = old.find("\n## ", begin + 1)
    RESULTS.write_text(old[:begin] + text + ("" if end < 0 else old[end:]))


def run():
    for needed in ("zstd", "rg", "rsyslogd"):
        if shutil.which(needed) is None:
            raise SystemExit(f"bench: {needed} is missing: apt-get install zstd ripgrep rsyslog")
    if folder := os.environ.get("SENTINELLA_BENCH_LOGS"):
        other_logs(folder)
        return
    usual = 10_000_000_000 if os.environ.get("SENTINELLA_LONG") == "1" else 1_000_000_000
    size = int(os.environ.get("SENTINELLA_BENCH_BYTES", usual))
    with tempfile.TemporaryDirectory(prefix="sentinella-logs-") as directory:
        corpus, store = pathlib.Path(directory) / "corpus", pathlib.Path(directory) / "store"
        step("make", corpus, size)
        rows = [*intake_rows(corpus, store), *peer_rows(corpus), *size_rows(corpus, store), *search_rows(corpus, store)]
    text = report(rows, size)
    print(text)
    keep(text)
