"""Queries that take too long end: by their own time limit, or because nobody waits for them any more."""
import os
import pathlib
import socket
import time
import urllib.parse

import harness

# Sorts 86 400 numbers 11 000 times: a minute of work over no data at all.
HARD = "/prometheus/api/v1/query_range?" + urllib.parse.urlencode(
    {"query": "quantile_over_time(0.5, vector(time())[1d:1s])", "start": 1_700_000_000, "end": 1_700_010_999, "step": 1})


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_at_rest(server):
    before = cpu_seconds(server)
    time.sleep(1)
    return cpu_seconds(server) - before < 0.1


def test_a_query_ends_at_its_time_limit_and_says_so(server):
    answer = server.client().get(HARD + "&timeout=300ms")
    assert answer.status == 503
    assert answer.json["errorType"] == "timeout" and "timed out" in answer.json["error"]


def test_a_query_that_reads_too_much_is_refused_with_the_limit(server):
    answer = server.client().get("/prometheus/api/v1/query", query="sum_over_time(vector(time())[10y:1s])")
    assert answer.status == 422
    assert answer.json["errorType"] == "execution" and "50000000" in answer.json["error"]


def test_a_query_whose_client_has_left_ends(server):
    before = cpu_seconds(server)
    host, port = urllib.parse.urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET {HARD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.bootstrap['api_key']}\r\n\r\n".encode())
        harness.wait_for("the query to run", lambda: cpu_seconds(server) > before + 0.2)
    harness.wait_for("the server to rest", lambda: is_at_rest(server), timeout=15)
