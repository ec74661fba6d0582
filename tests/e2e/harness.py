"""Real programs for end-to-end tests: server, agent, services that can be killed, receivers of notifications.

Everything runs on free loopback ports in a temporary directory and is stopped at the end of the test.
"""
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import random
import secrets
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("SENTINELLA_BIN", ROOT / "build/release/bin"))
LONG = bool(os.environ.get("SENTINELLA_LONG"))


def wait_for(what, condition, timeout=20.0, every=0.02):
    """The first true value of condition(); fails the test with `what` after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"timed out after {timeout} s waiting for {what}")
        time.sleep(every)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


given_ports = set()


def free_ports(count):
    """Below those the kernel gives to outgoing connections, which would take one while its server is down:
    even the connection of a client that waits for that server (RFC 9293, 3.5: a socket may meet itself)."""
    first_outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    ports = []
    while len(ports) < count:
        port = random.SystemRandom().randrange(first_outgoing // 2, first_outgoing)
        if port not in given_ports and is_free(port):
            given_ports.add(port)
            ports.append(port)
    return ports


def is_free(port):
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind(("", port))
    except OSError:
        return False
    return True


class Client:
    """An HTTP client of one server with one credential."""

    def __init__(self, url, token=None):
        self.url, self.token = urllib.parse.urlsplit(url), token

    def connect(self, timeout=20):
        if self.url.scheme == "https":  # self-signed in tests; who checks certificates is the agent
            return http.client.HTTPSConnection(self.url.hostname, self.url.port, timeout=timeout,
                                               context=ssl._create_unverified_context())
        return http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=20):
        connection = self.connect(timeout)
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **parameters):
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters, doseq=True)
        return self.request("GET", path)

    def post(self, path, body=None, **kwargs):
        return self.request("POST", path, body, **kwargs)

    def items(self, path, **parameters):
        answer = self.get(path, **parameters)
        assert answer.status == 200, answer
        return answer.json["items"]

    def all_items(self, path, **parameters):
        """Every page, by cursor."""
        found, cursor = [], ""
        while True:
            answer = self.get(path, **parameters, **({"cursor": cursor} if cursor else {}))
            assert answer.status == 200, answer
            found += answer.json["items"]
            cursor = answer.json.get("next_cursor")
            if not cursor:
                return found


class Program:
    """A child process with its output in a file."""

    def __init__(self, arguments, output, env=None, cwd=None):
        self.arguments, self.output = [str(a) for a in arguments], pathlib.Path(output)
        self.env, self.cwd, self.process = env, cwd, None
        self.identity = {}  # of whom it runs as: Popen's user, group, extra_groups

    def start(self):
        with open(self.output, "ab") as out:
            self.process = subprocess.Popen(self.arguments, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(self.env or {})}, cwd=self.cwd, **self.identity)
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.running():
            self.process.kill()
        if self.process:
            self.process.wait()

    def terminate(self, timeout=15):
        if self.running():
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.arguments[0]} did not stop within {timeout} s of SIGTERM")
        return self.process.returncode if self.process else None

    def log(self):
        return self.output.read_text(errors="replace") if self.output.exists() else ""


class Server(Program):
    def __init__(self, directory, config="", address="127.0.0.1", more=()):
        self.more = more  # arguments
        self.data = pathlib.Path(directory) / "server"
        self.data.mkdir(parents=True, exist_ok=True)
        self.config = pathlib.Path(directory) / "server.conf"
        self.config.write_text(config)
        self.listen = f"{address}:{free_ports(1)[0]}"  # kept over restarts, as a real server does
        super().__init__([], pathlib.Path(directory) / "server.out")

    def start(self, wait=True):
        (self.data / "ready").unlink(missing_ok=True)
        self.arguments = [str(BIN / "sentinella-server"), "--config", str(self.config), "--data-dir", str(self.data),
                          "--listen", self.listen, "--ui-dir", str(ROOT / "ui/dist"), *self.more]
        super().start()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        wait_for("the server to be ready",
                 lambda: (self.data / "ready").exists() or not self.running(), timeout=60)
        assert self.running(), self.log()[-3000:]
        self.url = (self.data / "ready").read_text().strip()

    @property
    def bootstrap(self):
        return json.loads((self.data / "bootstrap.json").read_text())

    def client(self, token=None):
        return Client(self.url, token or self.bootstrap["api_key"])


class Agent(Program):
    def __init__(self, directory, server, services, name="agent", node=None, account_key=None, **settings):
        self.directory = pathlib.Path(directory) / name
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config = self.directory / "sentinella.conf"
        self.config.write_text(json.dumps({
            "account_key": account_key or server.bootstrap["account_key"],
            "server_url": server.url,
            "state_dir": str(self.directory / "state"),
            "log_file": str(self.directory / "agent.log"),
            **({"node": node} if node else {}),
            **settings,
            **{s.name: {"process": s.process_name, "log": str(s.log_file)} for s in services},
        }))
        super().__init__([BIN / "sentinella", "-c", self.config, "-p", self.directory / "agent.pid", "run"],
                         self.directory / "agent.out")

    def as_nobody(self):
        """Runs as an unprivileged user, from a copy of the program that such a user can reach."""
        program = shutil.copy(self.arguments[0], self.directory / "sentinella")
        self.arguments[0] = str(program)
        for path in (self.directory, self.config):
            shutil.chown(path, "nobody", "nogroup")
        self.identity = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        return self

    def log(self):
        log = self.directory / "agent.log"
        return super().log() + (log.read_text(errors="replace") if log.exists() else "")


def give_plugin(directory, name, functions, agent="agent"):
    """Installs a plug-in where an agent of this directory looks for it."""
    place = pathlib.Path(directory) / agent / "plugins" / name
    place.mkdir(parents=True)
    (place / "plugin.json").write_text(json.dumps({"name": name, "version": "1", "functions": functions}))


class Service(Program):
    """A stand-in for an OpenStack service: logs as oslo.log does, stops on SIGTERM as oslo.service does."""

    def __init__(self, directory, name):
        self.name = name
        self.directory = pathlib.Path(directory)
        self.process_name = f"{name}-{secrets.token_hex(4)}"  # no other test may have one of this name
        self.log_file = self.directory / f"{name}.log"
        script = self.directory / self.process_name
        script.write_text((pathlib.Path(__file__).parent / "stand_in_service.py").read_text())
        super().__init__([sys.executable, script, self.log_file], self.directory / f"{name}.out")

    def start(self):
        super().start()
        wait_for(f"{self.name} to start", lambda: self.log_file.exists() and f" {self.process.pid} INFO" in self.log_file.read_text())
        return self

    def write(self, text):
        with open(self.log_file, "a") as log:
            log.write(text)

    def say(self, level, text):
        """A line of the service's own, dated now."""
        self.write(f"{oslo_time()} {self.process.pid} {level} stand_in.service [-] {text}\n")


def oslo_time(at=None):
    at = at or time.time()
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}"


class StandIn:
    """Somebody else's HTTP server on a free port. answer(request) of a subclass gives status, body (bytes, or what becomes
    JSON) and headers; the request has command, path, headers and body."""

    def __init__(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_any(self):
                self.body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                status, body, headers = outer.answer(self)
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Webhook(StandIn):
    """Collects what is posted; answers with `status` and `body`, after `delay` seconds."""

    def __init__(self):
        self.received, self.status, self.body, self.delay = [], 200, b"ok", 0.0
        super().__init__()
        self.url += "/hook"

    def answer(self, request):
        now = time.time()
        time.sleep(self.delay)
        if self.status == 200:
            self.received.append((now, json.loads(request.body), dict(request.headers)))
        return self.status, self.body, {}

    def events(self, name=None):
        return [body for _, body, _ in list(self.received) if name is None or body["event"] == name]

    def wait(self, what, condition, timeout=20.0):
        return wait_for(what, lambda: next((b for b in self.events() if condition(b)), None), timeout)


def add_webhook(client, url, min_tier="info", **settings):
    answer = client.post("/api/v1/channels", {"name": f"hook {url}", "kind": "webhook", "min_tier": min_tier,
                                              "enabled": True, "settings": {"url": url, **settings}})
    assert answer.status == 201, answer
    return answer.json["id"]


def otlp_gauge(metric, points, host="h1", **labels):
    """An OTLP/JSON metrics message: points are (seconds, value)."""
    attributes = [{"key": k, "value": {"stringValue": v}} for k, v in labels.items()]
    return {"resourceMetrics": [{
        "resource": {"attributes": [{"key": "host.name", "value": {"stringValue": host}}]},
        "scopeMetrics": [{"metrics": [{"name": metric, "gauge": {"dataPoints": [
            {"timeUnixNano": str(int(t * 1e9)), "asDouble": v, "attributes": attributes} for t, v in points]}}]}]}]}


def otlp_logs(lines, host="h1", service="nova-api", source="/var/log/nova/nova-api.log", at=None):
    at = at or time.time()
    return {"resourceLogs": [{
        "resource": {"attributes": [{"key": "host.name", "value": {"stringValue": host}},
                                    {"key": "service.name", "value": {"stringValue": service}}]},
        "scopeLogs": [{"logRecords": [
            {"timeUnixNano": str(int(at * 1e9)), "body": {"stringValue": line},
             "attributes": [{"key": "log.file.path", "value": {"stringValue": source}}]} for line in lines]}]}]}


def send(client, signal_name, message, **kwargs):
    return client.post(f"/otlp/v1/{signal_name}", message, **kwargs)


def pid_is_gone(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return False
    return True


def send_signal(program, number=signal.SIGTERM):
    os.kill(program.process.pid, number)


class Writer(threading.Thread):
    """Sends 0, 1, 2 ... through one door until told to stop; remembers what was acknowledged.

    send(client, name, at, number) is true when the server took it; `at` is a tenth of a second later each time.
    """

    def __init__(self, server, name, send):
        super().__init__(daemon=True)
        self.server, self.name_, self.send, self.stopping = server, name, send, False
        self.acknowledged, self.number, self.begun = set(), 0, time.time() - 7200

    def run(self):
        token = self.server.bootstrap["api_key"]
        while not self.stopping:
            number, self.number = self.number, self.number + 1
            try:
                if self.send(Client(self.server.url, token), self.name_, self.begun + number / 10, number):
                    self.acknowledged.add(number)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)

    def finish(self):
        self.stopping = True
        self.join()
        assert self.acknowledged, f"nothing of {self.name_} was acknowledged: the test tested nothing"

    def check(self, found):
        """`found`: the numbers that the server has."""
        assert len(found) == len(set(found)), f"something of {self.name_} is there twice"
        lost = self.acknowledged - set(found)
        assert not lost, f"{len(lost)} of {len(self.acknowledged)} acknowledged things of {self.name_} are gone"


def kill_under_load(server, writers, rounds, least=0.02, most=0.4):
    """kill -9 of the server, and a start, at random moments; in the end nobody writes and it has started once more."""
    for writer in writers:
        writer.start()
    for _ in range(rounds):
        time.sleep(random.uniform(least, most))
        server.kill()
        server.start()
    time.sleep(0.3)
    for writer in writers:
        writer.finish()
    server.kill()
    server.start()


def values(client, selector, begin, seconds=7200 * 2):
    """Every raw value of one series, from `begin` (or up to a second before) on."""
    answer = client.get("/prometheus/api/v1/query", query=f"{selector}[{seconds + 1}s]", time=begin + seconds)
    assert answer.status == 200, answer
    series = answer.json["data"]["result"]
    assert len(series) <= 1, f"{selector} names {len(series)} series"
    return [float(value) for _, value in series[0]["values"]] if series else []


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def write_request(series):
    """Prometheus' WriteRequest: (labels, [(seconds, value)]) of each series."""
    out = b""
    for labels, samples in series:
        body = b"".join(field(1, field(1, name.encode()) + field(2, value.encode()))
                        for name, value in sorted(labels.items()))
        body += b"".join(field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(int(at * 1000)))
                         for at, value in samples)
        out += field(1, body)
    return out


def snappy(data):
    """A snappy block of literals."""
    out = varint(len(data))
    for begin in range(0, len(data), 65536):
        piece = data[begin:begin + 65536]
        out += bytes([61 << 2]) + struct.pack("<H", len(piece) - 1) + piece
    return out


def remote_write(client, series):
    return client.post("/prometheus/api/v1/write", snappy(write_request(series)),
                       headers={"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
                                "X-Prometheus-Remote-Write-Version": "0.1.0"})
