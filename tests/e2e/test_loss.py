"""Nothing that was written to a log is lost and nothing is there twice, whatever happens to agent, server and disk.

Two logs of numbered lines, one rotated by rename and one by copytruncate, and an exporter of numbered samples, while
agent and server are killed at random moments, the server is away, and the agent's disk and its spool are full (the
spool only in the long form: it takes minutes). SENTINELLA_LOSS_LINES says how many lines (20,000; with SENTINELLA_LONG=1 ten million). The random moments follow SENTINELLA_LOSS_SEED.
"""
import collections
import http.server
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import threading
import time

import pytest

import harness

LINES = int(os.environ.get("SENTINELLA_LOSS_LINES", "10000000" if harness.LONG else "20000"))
SEED = int(os.environ.get("SENTINELLA_LOSS_SEED", str(int(time.time()))))
SMALL = LINES <= 100_000
SPOOL_BYTES = 2 << 20
DISK_BYTES = SPOOL_BYTES * 2
BLOCK = 100
SERIES = 100 if SMALL else 1000
NOISE = "".join(random.Random(7).choices("0123456789abcdef", k=1 << 16))  # else all of it compresses to nothing


def noise(number):
    at = number * 7919 % (len(NOISE) - 64)
    return NOISE[at:at + 64]


class LogWriter(threading.Thread):
    """Writes numbered lines in blocks and rotates its log now and then."""

    def __init__(self, service, first, count, copy, rotate_every, rest):
        super().__init__(daemon=True)
        self.path, self.first, self.count, self.copy = service.log_file, first, count, copy
        self.rotate_every, self.rest, self.rotations = rotate_every, rest, 0

    def run(self):
        log = open(self.path, "a", buffering=1 << 20)
        for begin in range(0, self.count, BLOCK):
            stamp = harness.oslo_time()
            log.write("".join(
                f"{stamp} 4711 INFO loss.writer [-] numbered n{self.first + number:08d} {noise(self.first + number)}\n"
                for number in range(begin, min(begin + BLOCK, self.count))))
            log.flush()
            if begin % self.rotate_every == self.rotate_every - BLOCK:
                log = self.rotate(log)
            time.sleep(self.rest)
        log.close()

    def rotate(self, log):
        self.rotations += 1
        away = f"{self.path}-{self.rotations:06d}"
        if self.copy:
            shutil.copyfile(self.path, away)
            os.truncate(self.path, 0)
            return log
        os.rename(self.path, away)
        log.close()
        return open(self.path, "a", buffering=1 << 20)


class Exporter:
    """Each scrape is numbered, and all its samples have that number as value."""

    def __init__(self):
        self.scrapes = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.scrapes.append(time.time())
                number = len(outer.scrapes)
                body = "".join(f'numbered_scrapes{{n="{n}"}} {number}\n' for n in range(SERIES)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class SpoolWatch(threading.Thread):
    """How large the spool's segments ever were."""

    def __init__(self, directory):
        super().__init__(daemon=True)
        self.directory, self.now, self.most, self.stopping = pathlib.Path(directory), 0, 0, False

    def run(self):
        while not self.stopping:
            total = 0
            for segment in self.directory.glob("*.seg"):
                try:
                    total += segment.stat().st_size
                except FileNotFoundError:
                    pass
            self.now, self.most = total, max(self.most, total)
            time.sleep(0.02)


@pytest.fixture
def small_disk(tmp_path):
    """None where no file system may be mounted: then no disk is filled."""
    directory = tmp_path / "disk"
    directory.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(directory)],
                             capture_output=True)
    yield directory if mounted.returncode == 0 else None
    if mounted.returncode == 0:
        subprocess.run(["umount", "-l", str(directory)], check=True)


class Campaign:
    """The faults, each over when its method returns."""

    def __init__(self, server, agent, disk, dice, spool):
        self.server, self.agent, self.disk, self.dice, self.spool = server, agent, disk, dice, spool
        self.blind = []  # spans in which a sample may be missing: the agent was dead, or its disk or spool full
        self.full_spools = self.dropped = 0

    def rest(self, least, most):
        time.sleep(self.dice.uniform(least, most))

    def start_agent(self):
        """As a service manager does: again when it ends."""
        self.agent.start()
        time.sleep(0.05)
        if not self.agent.running():
            self.agent.start()

    def kill_agent(self):
        begun = time.time()
        self.agent.kill()
        self.rest(0, 0.3)
        self.start_agent()
        self.blind.append((begun - 1.2, time.time() + 0.5))

    def kill_server(self):
        self.server.kill()
        self.server.start()

    def server_away(self):
        self.server.kill()
        self.rest(0.5, 1.0 if SMALL else 6.0)
        if self.dice.random() < 0.5:
            self.kill_agent()
            self.rest(0.2, 0.5)
        self.server.start()

    def disk_full(self):
        if not self.disk:
            return
        begun = time.time()
        filler = self.disk / "filler"
        with open(filler, "ab", buffering=0) as out:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while out.write(b"x" * size):
                        pass
                except OSError:
                    pass
        self.rest(0.3, 0.8)
        if self.dice.random() < 0.5:
            self.kill_agent()
            self.rest(0.1, 0.4)
        filler.unlink()
        if not self.agent.running():
            self.start_agent()
        self.blind.append((begun - 1.2, time.time() + 1.5))

    def dropped_batches(self):
        shown = subprocess.run([harness.BIN / "sentinella", "-c", self.agent.config, "status", "--json"],
                               capture_output=True, timeout=20)
        return json.loads(shown.stdout)["spool"]["dropped"] if shown.returncode == 0 else 0

    def spool_full(self):
        """Logs wait in their files from four fifths on; the first time metrics fill the rest, and the oldest go."""
        begun = time.time()
        self.server.kill()
        until_dropped = self.full_spools == 0
        end = time.time() + (240 if until_dropped else 60)
        while time.time() < end and self.spool.now < SPOOL_BYTES * 0.75:
            time.sleep(0.1)
        while until_dropped and time.time() < end and not self.dropped_batches():
            time.sleep(1)
        self.rest(1, 5)
        self.dropped += self.dropped_batches()
        self.full_spools += self.spool.now >= SPOOL_BYTES * 0.75
        if self.dice.random() < 0.5:
            self.kill_agent()
        self.server.start()
        self.blind.append((begun - 1.2, time.time() + 1.5))

    def both(self):
        self.server.kill()
        self.kill_agent()
        self.server.start()


def stored_numbers(client):
    """Every number that the server has, as often as it has it, unless one comes ten times."""
    numbers = []
    for prefix in range((LINES - 1) // 1_000_000 + 1):
        answer = client.request("GET", f"/api/v1/logs/export?q=numbered%20n{prefix:02d}*&format=raw&limit=10000000&from=now-2d",
                                timeout=300)
        assert answer.status == 200, answer
        numbers += [int(n) for n in re.findall(rb"numbered n(\d{8})", answer.body)]
    return numbers


def stored_count(client):
    answer = client.get("/api/v1/logs/query", q="numbered | count", **{"from": "now-2d"})
    assert answer.status == 200, answer
    return int(answer.json["rows"][0][0])


def check_samples(client, scrapes, blind, dice):
    begin = scrapes[0] - 10
    for n in dice.sample(range(SERIES), 5):
        found = [int(v) for v in harness.values(client, f'numbered_scrapes{{n="{n}"}}', begin,
                                                int(time.time() - begin) + 10)]
        assert len(found) == len(set(found)), "a sample is there twice"
        missing = [number for number in range(1, len(scrapes)) if number not in set(found)]
        unexplained = [number for number in missing
                       if not any(begun <= scrapes[number - 1] <= end for begun, end in blind)]
        assert not unexplained, f"samples {unexplained[:10]} of series {n} are lost; all that miss: {missing[:20]}"


def test_no_line_is_lost_or_doubled_and_the_spool_keeps_its_bound(tmp_path, programs, small_disk, request):
    dice = random.Random(SEED)
    print(f"seed {SEED}")
    server = harness.Server(tmp_path).start()
    programs.append(server)
    services = []
    for name in ("renamed", "copied"):
        (tmp_path / name).mkdir()
        services.append(harness.Service(tmp_path / name, name))
        services[-1].log_file.write_text("")
    exporter = Exporter()
    request.addfinalizer(exporter.close)
    (tmp_path / "prometheus.yml").write_text(
        "scrape_configs:\n  - job_name: numbered\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs:\n"
        f"      - targets: ['127.0.0.1:{exporter.server.server_port}']\n")
    state = (small_disk or tmp_path) / "state"
    agent = harness.Agent(tmp_path, server, services, node="controller", interval_seconds=1,
                          state_dir=str(state), spool_max_bytes=SPOOL_BYTES,
                          scrape=str(tmp_path / "prometheus.yml"))
    programs.append(agent.start())
    client = server.client()
    harness.wait_for("the agent to know its logs", lambda: (state / "positions.json").exists()
                     and all(str(s.log_file) in (state / "positions.json").read_text() for s in services))
    watch = SpoolWatch(state / "spool")
    watch.start()

    each = LINES // 2
    rest = 0.05 if SMALL else 0.02
    writers = [LogWriter(services[0], 0, each, copy=False, rotate_every=1500 if SMALL else 40_000, rest=rest),
               LogWriter(services[1], each, each, copy=True, rotate_every=1700 if SMALL else 50_000, rest=rest)]
    campaign = Campaign(server, agent, small_disk, dice, watch)
    faults = [campaign.kill_agent, campaign.kill_server, campaign.server_away, campaign.disk_full, campaign.both]
    if not SMALL:
        faults.append(campaign.spool_full)
    done = []
    for writer in writers:
        writer.start()
    # From here on both logs are known by more than their names.
    harness.wait_for("the first lines of both logs", lambda: all(
        client.items("/api/v1/logs/search", q=f"n{first:08d}") for first in (0, each)))
    while any(writer.is_alive() for writer in writers) or len(done) < len(faults):
        if len(done) % len(faults) == 0:
            dice.shuffle(faults)
        fault = faults[len(done) % len(faults)]
        fault()
        done.append(fault.__name__)
        campaign.rest(0.1, 0.5 if SMALL else 3.0)
    print(f"{len(done)} faults: {' '.join(done[:20])}; rotations: {[w.rotations for w in writers]}")
    for writer in writers:
        writer.join()
    if not agent.running():
        campaign.start_agent()

    def arrived():
        assert agent.running() and server.running()
        count = stored_count(client)
        return count if count >= each * 2 else 0

    try:
        harness.wait_for("every line", arrived, timeout=30 + LINES / 5000, every=0.3)
    except AssertionError:
        report_missing(client, set(range(each * 2)) - set(stored_numbers(client)))
        raise
    time.sleep(0.5)  # what is sent twice would come now
    numbers = stored_numbers(client)
    assert set(numbers) == set(range(each * 2))
    doubled = sorted(number for number, times in collections.Counter(numbers).items() if times > 1)
    if doubled:
        report_doubled(client, doubled)
    assert not doubled, f"{len(doubled)} lines are there more than once"
    check_samples(client, exporter.scrapes, campaign.blind, dice)
    watch.stopping = True
    print(f"{len(numbers)} lines, {len(exporter.scrapes)} scrapes of {SERIES} samples, spool at most {watch.most} bytes, "
          f"{campaign.full_spools} times full, {campaign.dropped} batches of metrics dropped then; {agent_limits(agent)}")
    assert watch.most <= SPOOL_BYTES
    assert SMALL or campaign.full_spools
    assert "rotated more than" not in agent.log() and "torn" not in server.log()


def agent_limits(agent):
    proc = pathlib.Path("/proc") / str(agent.process.pid)
    peak = re.search(r"VmHWM:\s+(\d+)", (proc / "status").read_text())
    return f"agent: at most {int(peak[1]) // 1024} MB, {len(os.listdir(proc / 'fd'))} descriptors"


def spans_of(numbers):
    spans = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return spans


def report_missing(client, missing):
    """What is not there, and how the server knows the neighbours: a gap in their ids means that it was there once."""
    spans = spans_of(missing)
    print(f"{len(missing)} lines are lost: {spans[:30]}")
    for first, last in spans[:3]:
        show_lines(client, first - 1, last + 1)


def report_doubled(client, doubled):
    spans = spans_of(doubled)
    print(f"{len(doubled)} lines are there more than once: {spans[:30]}")
    for first, last in spans[:3]:
        show_lines(client, first - 1, first, last, last + 1)


def show_lines(client, *numbers):
    for number in numbers:
        for record in client.items("/api/v1/logs/search", q=f"n{number:08d}", **{"from": "now-2d"}):
            print(record["id"], record["message"])
