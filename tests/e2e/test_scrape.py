"""Exporters are scraped by agent and by server, as a prometheus.yml says; what is gone is marked so."""
import http.server
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

import harness


class Exporter:
    """Serves `body`, or hangs at /hang; counts what it is asked for."""

    def __init__(self, body, content_type="text/plain; version=0.0.4", tls=None):
        self.body, self.asked, self.authorization = body, 0, None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                outer.authorization = self.headers.get("Authorization")
                if self.path == "/hang":
                    time.sleep(30)
                text = outer.body.encode()
                self.send_response(200)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def exporter():
    exporter = Exporter("# TYPE jobs_total counter\n"
                        'jobs_total{queue="a"} 1027\n'
                        'jobs_total{queue="b"} 3\n'
                        "this line is bad\n"
                        "temperature_celsius -12.5\n")
    yield exporter
    exporter.close()


def config_of(directory, *jobs, **more):
    """A prometheus.yml; JSON is YAML."""
    file = directory / "prometheus.yml"
    new = directory / "prometheus.yml.new"
    new.write_text(json.dumps({"global": {"scrape_interval": "200ms"}, "scrape_configs": jobs, **more}))
    new.rename(file)
    return file


def job(name, *addresses, **more):
    return {"job_name": name, "static_configs": [{"targets": list(addresses)}], **more}


def points(client, metric, **labels):
    """The values of the one series with this name and these labels, oldest first; none while there is none."""
    answer = client.get("/api/v1/samples", metric=metric, **labels)
    assert answer.status == 200, answer
    series = answer.json["series"]
    assert len(series) <= 1, series
    return series[0]["points"] if series else []


def last_value(client, metric, **labels):
    found = points(client, metric, **labels)
    return found[-1][1] if found else None


def wait_for_value(client, value, metric, **labels):
    harness.wait_for(f"{metric} {labels} to be {value}", lambda: last_value(client, metric, **labels) == value)


def assert_life_and_death(client, exporter, **labels):
    """What was exposed can be read; after the exporter's end `up` is 0 and nothing new is made up."""
    wait_for_value(client, 1027, "jobs_total", queue="a", **labels)
    wait_for_value(client, -12.5, "temperature_celsius", **labels)
    wait_for_value(client, 1, "up", **labels)
    wait_for_value(client, 3, "scrape_samples_scraped", **labels)
    wait_for_value(client, 1, "scrape_lines_refused", **labels)
    answer = client.get("/api/v1/samples", metric="jobs_total", queue="a", **labels)
    assert answer.json["series"][0]["kind"] == "counter"
    exporter.body = "temperature_celsius 7\n"
    wait_for_value(client, 7, "temperature_celsius", **labels)
    before = len(points(client, "jobs_total", queue="a", **labels))
    exporter.close()
    wait_for_value(client, 0, "up", **labels)
    harness.wait_for("more scrapes", lambda: [p[1] for p in points(client, "up", **labels)][-3:] == [0, 0, 0])
    assert len(points(client, "jobs_total", queue="a", **labels)) == before
    assert last_value(client, "temperature_celsius", **labels) == 7


def test_the_server_scrapes(tmp_path, programs, exporter):
    file = config_of(tmp_path, job("shop", exporter.address, basic_auth={"username": "u", "password": "p"}))
    server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {file}\n").start()
    programs.append(server)
    assert_life_and_death(server.client(), exporter, job="shop", instance=exporter.address)
    assert exporter.authorization == "Basic dTpw"
    assert "line 4: " in server.log()  # the bad line, told once
    assert server.terminate() == 0


def test_targets_and_what_they_say_of_their_metrics_are_listed(tmp_path, programs, exporter):
    exporter.body = "# HELP jobs_total Jobs done.\n" + exporter.body
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
        server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {config_of(tmp_path, job('shop', exporter.address, nobody))}\n").start()
        programs.append(server)
        client = server.client()

        def health():
            answer = client.get("/prometheus/api/v1/targets").json["data"]["activeTargets"]
            return {target["labels"]["instance"]: (target["health"], bool(target["lastError"])) for target in answer}

        harness.wait_for("both to be asked", lambda: health() == {exporter.address: ("up", True), nobody: ("down", True)})
    told = client.get("/prometheus/api/v1/metadata", metric="jobs_total").json["data"]
    assert told == {"jobs_total": [{"type": "counter", "help": "Jobs done.", "unit": ""}]}


def test_the_agent_scrapes_and_says_for_which_host(tmp_path, server, programs, exporter):
    file = config_of(tmp_path, job("shop", exporter.address))
    agent = harness.Agent(tmp_path, server, [], node="node1", scrape=str(file)).start()
    programs.append(agent)
    assert_life_and_death(server.client(), exporter, job="shop", instance=exporter.address, host="node1")
    assert agent.terminate() == 0


def self_signed(directory, name):
    """Certificate and key of a name of its own, as paths."""
    files = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
                   check=True, capture_output=True)
    return files


def test_an_exporter_that_asks_for_a_certificate_is_shown_ours(tmp_path, programs):
    (cert, key), (ours, our_key) = self_signed(tmp_path, "exporter"), self_signed(tmp_path, "scraper")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    tls.load_verify_locations(ours)
    tls.verify_mode = ssl.CERT_REQUIRED
    exporter = Exporter("asked 1\n", tls=tls)
    file = config_of(tmp_path,
                     job("known", exporter.address, scheme="https",
                         tls_config={"ca_file": str(cert), "cert_file": "scraper.pem", "key_file": str(our_key)}),
                     job("unknown", exporter.address, scheme="https", tls_config={"ca_file": str(cert)}))
    server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {file}\n").start()
    programs.append(server)
    client = server.client()
    wait_for_value(client, 1, "asked", job="known")
    wait_for_value(client, 1, "up", job="known")
    wait_for_value(client, 0, "up", job="unknown")
    assert points(client, "asked", job="unknown") == []
    exporter.close()


def test_a_hung_exporter_holds_up_neither_others_nor_the_end(tmp_path, programs, exporter):
    file = config_of(tmp_path, job("hung", exporter.address, metrics_path="/hang", scrape_interval="2s",
                                   scrape_timeout="2s"),
                     job("lively", exporter.address))
    server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {file}\n").start()
    programs.append(server)
    client = server.client()
    wait_for_value(client, 0, "up", job="hung")
    stamps = [p[0] for p in points(client, "temperature_celsius", job="lively")]
    assert len(stamps) >= 4 and max(b - a for a, b in zip(stamps, stamps[1:])) < 1000, stamps
    begun = time.monotonic()
    assert server.terminate() == 0
    assert time.monotonic() - begun < 10


def test_target_files_and_the_configuration_are_read_again(tmp_path, programs, exporter):
    other = Exporter("other 1\n")
    targets = tmp_path / "targets-1.json"
    targets.write_text("[]")
    file = config_of(tmp_path, {"job_name": "found", "file_sd_configs": [{"files": ["targets-*.json"]}],
                                "metric_relabel_configs": [{"source_labels": ["__name__"], "regex": "jobs_.*",
                                                            "action": "drop"}]})
    server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {file}\n").start()
    programs.append(server)
    client = server.client()
    targets.write_text(json.dumps([{"targets": [exporter.address], "labels": {"env": "test"}}]))
    wait_for_value(client, -12.5, "temperature_celsius", env="test")
    assert points(client, "jobs_total", env="test") == []
    config_of(tmp_path, job("later", other.address))
    wait_for_value(client, 1, "other", job="later")
    asked = exporter.asked
    harness.wait_for("more scrapes of the other", lambda: other.asked > 5)
    assert exporter.asked <= asked + 1
    other.close()


def test_a_wrong_configuration_is_refused_with_line_and_suggestion(tmp_path, programs):
    file = tmp_path / "prometheus.yml"
    file.write_text("scrape_configs:\n- job_name: a\n  static_config: []\n")
    server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {file}\n")
    programs.append(server)
    server.start(wait=False)
    server.process.wait(20)
    assert server.process.returncode != 0
    assert "line 3: unknown key; did you mean static_configs?" in server.log()


@pytest.mark.skipif(not shutil.which("prometheus-node-exporter"), reason="Debian's prometheus-node-exporter is not here")
def test_debians_node_exporter_is_scraped_whole(tmp_path, programs):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        address = "127.0.0.1:%d" % probe.getsockname()[1]
    exporter = harness.Program(["prometheus-node-exporter", f"--web.listen-address={address}"],
                               tmp_path / "node_exporter.out").start()
    programs.append(exporter)
    file = config_of(tmp_path, job("node", address))
    server = harness.Server(tmp_path, config=f"[scrape]\nconfig = {file}\n").start()
    programs.append(server)
    client = server.client()
    harness.wait_for("a scrape", lambda: (last_value(client, "scrape_samples_scraped", job="node") or 0) > 200)
    assert last_value(client, "up", job="node") == 1
    assert last_value(client, "scrape_lines_refused", job="node") == 0
    assert last_value(client, "node_load1", job="node") is not None
    assert abs(last_value(client, "node_time_seconds", job="node") - time.time()) < 60
