"""Debian's promtool talks to our query API."""
import subprocess
import time
import urllib.parse

import debian
import harness
import pytest


@pytest.fixture(scope="module")
def promtool():
    return debian.program("prometheus", "usr/bin/promtool")


@pytest.fixture(scope="module")
def url(server):
    """With the admin's name and password, which is how promtool can be told to log in."""
    boot = server.bootstrap
    parts = urllib.parse.urlsplit(server.url)
    password = urllib.parse.quote(boot["admin_password"], safe="")
    return f"{parts.scheme}://{boot['admin_user']}:{password}@{parts.netloc}/prometheus"


@pytest.fixture(scope="module")
def start(server):
    start = int(time.time()) - 600
    for host, value in (("h1", 1.5), ("h2", 2.5)):
        points = [(start + i * 60, value + i) for i in range(10)]
        assert harness.send(server.client(), "metrics", harness.otlp_gauge("load", points, host=host)).status == 200
    return start


def run(promtool, *arguments):
    result = subprocess.run([promtool, "query", *map(str, arguments)], capture_output=True, text=True, timeout=30)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def test_an_instant_is_printed(promtool, url, start):
    lines = run(promtool, "instant", f"--time={start + 540}", url, "sum by (host) (load)")
    assert sorted(lines) == [f'{{host="h1"}} => 10.5 @[{start + 540}]', f'{{host="h2"}} => 11.5 @[{start + 540}]']


def test_a_range_is_printed(promtool, url, start):
    lines = run(promtool, "range", f"--start={start}", f"--end={start + 120}", "--step=60s", url, 'load{host="h1"} * 2')
    assert lines == ['{host="h1"} =>', f"3 @[{start}]", f"5 @[{start + 60}]", f"7 @[{start + 120}]"]


def test_series_and_labels_are_listed(promtool, url, start):
    assert run(promtool, "series", "--match=load", url) == ['{__name__="load", host="h1"}', '{__name__="load", host="h2"}']
    assert run(promtool, "labels", url, "host") == ["h1", "h2"]


def test_a_bad_query_is_explained(promtool, url):
    result = subprocess.run([promtool, "query", "instant", url, "sum("], capture_output=True, text=True, timeout=30)
    assert result.returncode != 0
    assert "unclosed left parenthesis" in result.stderr
