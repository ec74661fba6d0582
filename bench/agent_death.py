"""kill -9 of a watched process until the agent has sent its record: 200 times, seen by a relay before the server."""
import contextlib
import os
import pathlib
import socket
import statistics
import tempfile
import threading
import time

import harness

KILLS = int(os.environ.get("SENTINELLA_BENCH_KILLS", "200"))


class Relay:
    """Hands bytes on to the server, and remembers when the agent last sent some."""

    def __init__(self, port):
        self.port, self.sent = port, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            agent, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            for one in (agent, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.pump, args=(agent, server, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, agent, False), daemon=True).start()

    def pump(self, source, target, from_agent):
        with contextlib.suppress(OSError):  # the other direction has ended
            while data := source.recv(65536):
                if from_agent:
                    self.sent.append(time.monotonic())
                target.sendall(data)
        target.close()


def first_after(relay, start, begun):
    return harness.wait_for("the record", lambda: next((at for at in relay.sent[start:] if at >= begun), None), every=0.001)


def measure(base):
    server = harness.Server(base).start()
    relay = Relay(int(server.listen.rpartition(":")[2]))
    service = harness.Service(base, "nova-api").start()
    # Nothing else is to be sent meanwhile, so that what is sent is the death.
    agent = harness.Agent(base, server, [], node="bench", server_url=relay.url, interval_seconds=3600, kernel_log=False,
                          **{"nova-api": {"process": service.process_name, "log": ""}}).start()
    try:
        harness.wait_for("the service to be up", lambda: b'"up"' in server.client().get("/api/v1/overview").body)
        took = []
        for _ in range(KILLS):
            time.sleep(0.5)
            start, begun = len(relay.sent), time.monotonic()
            service.kill()
            took.append(first_after(relay, start, begun) - begun)
            harness.Program.start(service)
        return sorted(took)
    finally:
        agent.kill()
        service.kill()
        server.kill()


def print_table(took):
    print("| of | death → record sent, median ms | p99 ms | worst ms | limit of p99 |\n|---|---|---|---|---|")
    p99 = took[max(0, int(len(took) * 0.99) - 1)]
    print(f"| {len(took)} | {statistics.median(took) * 1000:.1f} | {p99 * 1000:.1f} | {took[-1] * 1000:.1f} | 20 |")


def run():
    with tempfile.TemporaryDirectory() as directory:
        print_table(measure(pathlib.Path(directory)))
