"""Debian's Prometheus scrapes itself, remote-writes to us, and answers as we do: every sample, and what is computed.

Twenty seconds; with SENTINELLA_LONG ten minutes.
"""
import json
import subprocess
import time
import urllib.parse
import urllib.request

import debian
import harness
import pytest

SECONDS = 600 if harness.LONG else 20
QUERIES = [
    "up",
    "rate(prometheus_http_requests_total[10s])",
    "sum by (handler) (increase(prometheus_http_request_duration_seconds_count[15s]))",
    "histogram_quantile(0.9, sum by (le, handler) (rate(prometheus_http_request_duration_seconds_bucket[15s])))",
    "avg_over_time(go_goroutines[7s]) / on (instance) go_goroutines",
    "max_over_time(process_resident_memory_bytes[5s]) - min_over_time(process_resident_memory_bytes[5s])",
    "count by (__name__) ({__name__=~\"go_.+\"})",
    "topk(3, go_memstats_alloc_bytes)",
    "stddev_over_time(go_goroutines[10s]) > bool 0",
    "deriv(process_cpu_seconds_total[10s]) * 100",
    "irate(prometheus_tsdb_head_samples_appended_total[5s])",
    "quantile_over_time(0.5, go_memstats_heap_inuse_bytes[9s:1s])",
    "label_replace(up, \"where\", \"$1\", \"instance\", \"(.+):.*\") * on (instance) timestamp(up)",
    "absent(nonesuch{a=\"b\"}) or changes(go_gc_duration_seconds_count[12s])",
]


@pytest.fixture(scope="module")
def prometheus(server, tmp_path_factory):
    directory = tmp_path_factory.mktemp("prometheus")
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": ["127.0.0.1:PORT"]}]}],
        "remote_write": [{"url": f"{server.url}/prometheus/api/v1/write",
                          "authorization": {"credentials": server.bootstrap["api_key"]},
                          "queue_config": {"batch_send_deadline": "1s"}}],
    }
    port, = harness.free_ports(1)
    file = directory / "prometheus.yml"
    file.write_text(json.dumps(config).replace("PORT", str(port)))
    program = harness.Program([debian.program("prometheus", "usr/bin/prometheus"), f"--config.file={file}",
                               f"--storage.tsdb.path={directory / 'data'}", f"--web.listen-address=127.0.0.1:{port}"],
                              directory / "prometheus.out").start()
    url = f"http://127.0.0.1:{port}"
    try:
        harness.wait_for("Prometheus to scrape", lambda: program.running() and scraped(url), timeout=60, every=0.5)
        time.sleep(SECONDS)
        yield url
    finally:
        program.kill()


def ask(url, door, headers=None, **parameters):
    request = urllib.request.Request(f"{url}/api/v1/{door}?{urllib.parse.urlencode(parameters)}", headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())["data"]["result"]


def scraped(url):
    try:
        return ask(url, "query", query="up")
    except OSError:
        return None


def key(series):
    return tuple(sorted(series["metric"].items()))


@pytest.fixture(scope="module")
def both(server, prometheus):
    """Two callables: Prometheus' answer and ours."""
    ours = {"Authorization": f"Bearer {server.bootstrap['api_key']}"}
    return (lambda door, **p: ask(prometheus, door, **p),
            lambda door, **p: ask(f"{server.url}/prometheus", door, headers=ours, **p))


@pytest.fixture(scope="module")
def end(both):
    """An instant up to which all samples have arrived."""
    theirs, ours = both
    end = int(time.time())
    harness.wait_for("the last samples", lambda: any(
        float(point[0]) > end + 1 for series in ours("query", query="up[10s]") for point in series["values"]), timeout=60)
    return end


# But for what our own rules say of themselves.
EVERYTHING = '{__name__=~".+", __name__!~"sentinella_rule_.+"}[%ds]'


def test_every_sample_is_here(both, end):
    theirs, ours = (
        {key(series): series["values"] for series in ask_both("query", query=EVERYTHING % SECONDS, time=end)}
        for ask_both in both)
    assert sum(map(len, theirs.values())) > 300 * SECONDS / 2
    assert theirs.keys() - ours.keys() == ours.keys() - theirs.keys() == set()
    for name, values in theirs.items():
        assert ours[name] == values, name


def close(a, b):
    """Prometheus' own sums depend on the order of its series: the last digits may differ."""
    a, b = float(a), float(b)
    return a == b or (a != a and b != b) or abs(a - b) <= 1e-12 * max(abs(a), abs(b))


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_computed_agrees(both, end, query):
    theirs, ours = ({key(series): series["values"] for series in one(
        "query_range", query=query, start=end - SECONDS + 2, end=end, step=1)} for one in both)
    assert theirs and theirs.keys() == ours.keys()
    for name, values in theirs.items():
        assert [t for t, _ in values] == [t for t, _ in ours[name]], name
        for (t, a), (_, b) in zip(values, ours[name]):
            assert close(a, b), (name, t, a, b)
