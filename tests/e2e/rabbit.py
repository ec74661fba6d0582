"""A real RabbitMQ broker of one node, unprivileged, on free ports in a temporary directory; and a publisher that
speaks as OpenStack's services do."""
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import uuid

import amqp
import harness
import pytest

SCRIPTS = pathlib.Path("/usr/lib/rabbitmq/bin")  # the unwrapped ones: no su, any user
available = (SCRIPTS / "rabbitmq-server").exists()


def is_open(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
        return True
    return False


def listening_server(tmp_path, broker, settings):
    """A server that listens at the broker, on a queue of this test's own."""
    return harness.Server(tmp_path, f"[telemetry]\nbrokers = {broker.url}\nqueue = sentinella-{uuid.uuid4().hex[:8]}\n"
                                    + settings).start()


def make_certificate(directory):
    """A self-signed certificate of localhost, which vouches for itself."""
    certificate, key = pathlib.Path(directory) / "certificate.pem", pathlib.Path(directory) / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class Broker:
    def __init__(self, directory, tls=False):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port, self.tls_port, self.dist, self.epmd_port = harness.free_ports(4)
        secure = ""
        if tls:
            self.certificate, key = make_certificate(self.directory)
            secure = (f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}\nssl_options.cacertfile = {self.certificate}\n"
                      f"ssl_options.certfile = {self.certificate}\nssl_options.keyfile = {key}\n"
                      "ssl_options.verify = verify_none\n")
        self.name = f"sentinella-{uuid.uuid4().hex[:8]}@localhost"
        self.url = f"rabbit://guest:guest@127.0.0.1:{self.port}/"
        self.epmd = self.process = None
        (self.directory / ".erlang.cookie").write_text(uuid.uuid4().hex)
        (self.directory / ".erlang.cookie").chmod(0o400)
        (self.directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\nvm_memory_high_watermark.absolute = 512MB\n"
            "disk_free_limit.absolute = 50MB\nlog.file.level = warning\nlog.console = false\n" + secure)
        (self.directory / "plugins").write_text("[].")

    def environment(self):
        d = self.directory
        return {**os.environ, "HOME": str(d), "ERL_EPMD_PORT": str(self.epmd_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
                "RABBITMQ_NODENAME": self.name, "RABBITMQ_DIST_PORT": str(self.dist),
                "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port),
                "RABBITMQ_CONFIG_FILE": str(d / "rabbitmq"), "RABBITMQ_ADVANCED_CONFIG_FILE": str(d / "none"),
                "RABBITMQ_CONF_ENV_FILE": str(d / "none"), "RABBITMQ_MNESIA_BASE": str(d / "mnesia"),
                "RABBITMQ_LOG_BASE": str(d / "log"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(d / "plugins"),
                "RABBITMQ_PID_FILE": str(d / "erlang.pid"),
                "RABBITMQ_SERVER_START_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"}

    def start(self):
        if self.epmd is None:
            self.epmd = subprocess.Popen(["epmd", "-address", "127.0.0.1", "-port", str(self.epmd_port)])
            harness.wait_for("epmd", lambda: is_open(self.epmd_port))
        (self.directory / "erlang.pid").unlink(missing_ok=True)
        with open(self.directory / "stdout", "ab") as out:
            # A session of its own, so that its whole family can be ended.
            self.process = subprocess.Popen([SCRIPTS / "rabbitmq-server"], env=self.environment(), stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        harness.wait_for("RabbitMQ", lambda: is_open(self.port), timeout=180, every=0.1)
        harness.wait_for("RabbitMQ to let us in", self.lets_in, timeout=180, every=0.2)
        return self

    def lets_in(self):
        with contextlib.suppress(Exception):
            self.connect().close()
            return True
        return False

    def connect(self):
        connection = amqp.Connection(f"127.0.0.1:{self.port}", "guest", "guest", confirm_publish=True,
                                     connect_timeout=3, read_timeout=5, write_timeout=5)
        connection.connect()
        return connection

    def kill(self):
        """kill -9 of the Erlang machine, and of the scripts around it."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(Exception):
            os.kill(int((self.directory / "erlang.pid").read_text()), signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self):
        self.kill()
        if self.epmd is not None:
            self.epmd.kill()
            self.epmd.wait()
            self.epmd = None


class Publisher:
    """Durable topic exchanges, persistent messages, each one confirmed by the broker."""

    def __init__(self, broker):
        self.broker, self.connection, self.channel, self.declared = broker, None, None, set()

    def open(self):
        self.close()
        self.connection = self.broker.connect()
        self.channel, self.declared = self.connection.channel(), set()

    def close(self):
        with contextlib.suppress(Exception):
            self.connection.close()
        self.connection = self.channel = None

    def declare(self, *exchanges):
        if self.channel is None:
            self.open()
        for exchange in exchanges:
            if exchange not in self.declared:
                self.channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
                self.declared.add(exchange)

    def send(self, body, exchange="nova", key="notifications.info"):
        self.declare(exchange)
        message = amqp.Message(body, content_type="application/json", delivery_mode=2)
        self.channel.basic_publish(message, exchange, key)

    def send_until_confirmed(self, body, **where):
        """Through any number of crashes of the broker."""
        end = time.monotonic() + 300
        while True:
            try:
                return self.send(body, **where)
            except Exception:
                self.close()
                assert time.monotonic() < end, "the broker does not come back"
                time.sleep(0.1)


def envelope(event_type, payload, message_id=None, at=None, priority="INFO", publisher="compute.compute1"):
    stamp = time.time() if at is None else at
    inner = {"message_id": message_id or str(uuid.uuid4()), "publisher_id": publisher, "event_type": event_type,
             "priority": priority, "payload": payload, "_unique_id": uuid.uuid4().hex,
             "timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(stamp)) + f".{int(stamp * 1e6) % 1000000:06d}"}
    return json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps(inner)})


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """One for the tests of a module, with the exchanges of a cloud; each test listens on a queue of its own."""
    running = Broker(tmp_path_factory.mktemp("rabbit")).start()
    Publisher(running).declare("nova", "glance", "keystone", "neutron", "ceilometer")
    yield running
    running.stop()


def wait_connected(client, timeout=30):
    harness.wait_for("the server to listen at the broker",
                     lambda: client.get("/api/v1/telemetry").json["brokers"][0]["connected"], timeout)


def series(client, query, at):
    answer = client.get("/prometheus/api/v1/query", query=query, time=at)
    assert answer.status == 200, answer
    return answer.json["data"]["result"]
