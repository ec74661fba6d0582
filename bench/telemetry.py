"""Notifications per CPU-second: ours against Ceilometer's notification agent, from the same queue contents.

Both get the same persistent messages of a recorded cloud, each with an id of its own, waiting in RabbitMQ before the
program starts. Ours puts them into its store (journal, series, events); Ceilometer writes samples and events to a file,
which is the cheapest of its publishers. CPU is user + system of the program and its children, from when the first messages
are taken; starting is not counted.
"""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import amqp
import harness
import rabbit

RECORDED = (harness.ROOT / "src/telemetry/testdata/notifications.jsonl").read_text().splitlines()
PROJECT = "4493d9e0bdb34da6ae05c69cd5d97889"
INSTANCES = sorted(set(re.findall(r'instance_id\\*": \\*"([0-9a-f-]{36})', "".join(RECORDED))))
OURS, THEIRS, CLOUDS = 100_000, 1_000, 1_000
PEER = "import sys; from ceilometer.cmd.agent_notification import main; sys.argv[0] = 'ceilometer'; sys.exit(main())"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """Of a process and all below it."""
    total = 0
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid or int(fields[2]) == pid:  # itself, or its process group
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


def resident(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def of_cloud(line, number, tenants):
    """The line as another cloud of the same shape would send it: instances of its own, in one of `tenants` projects."""
    for instance in INSTANCES:
        line = line.replace(instance, f"{instance[:-6]}{number % CLOUDS:06x}")
    return line.replace(PROJECT, f"{number % tenants:032x}")


def fill(broker, queue, count, tenants=None):
    """`count` messages into `queue`, through the exchange nova: of the recorded cloud, or of 1,000 such."""
    # Unconfirmed: fast. The broker reads when it likes; the library's second of patience would not do.
    connection = amqp.Connection(f"127.0.0.1:{broker.port}", "guest", "guest",
                                 socket_settings={socket.TCP_USER_TIMEOUT: 120_000})
    connection.connect()
    channel = connection.channel()
    channel.exchange_declare("nova", "topic", durable=True, auto_delete=False)
    channel.queue_declare(queue, durable=True, auto_delete=False)
    for key in ("notifications.info", "notifications.error", "notifications.sample"):
        channel.queue_bind(queue, "nova", key)
    for number in range(count):
        line = RECORDED[number % len(RECORDED)]
        line = re.sub(r'(message_id\\": \\")[0-9a-f-]{36}', lambda m: m[1] + str(uuid.UUID(int=number)), line, count=1)
        line = re.sub(r'(_unique_id\\": \\")[0-9a-f]{32}', lambda m: m[1] + f"{number:032x}", line, count=1)
        line = of_cloud(line, number, tenants) if tenants else line
        channel.basic_publish(amqp.Message(line, content_type="application/json", delivery_mode=2), "nova",
                              "notifications.info")
    connection.close()


def depth(broker, queue):
    connection = broker.connect()
    try:
        return connection.channel().queue_declare(queue, passive=True).message_count
    finally:
        connection.close()


def ours(directory, broker, who, tenants=None):
    queue = f"ours-{tenants}"
    fill(broker, queue, OURS, tenants)
    server = harness.Server(directory / queue, f"[telemetry]\nbrokers = {broker.url}\nexchanges = nova\nqueue = {queue}\n")
    server.start()
    client = server.client()

    def taken(least):
        status = client.get("/api/v1/telemetry").json
        return status if status["notifications"] >= least else None

    before = harness.wait_for("the first to be taken", lambda: taken(1), timeout=30)["notifications"]
    began, start = time.monotonic(), cpu_seconds(server.process.pid)
    status = harness.wait_for("all to be taken", lambda: taken(OURS), timeout=120, every=0.1)
    wall, cpu, count = time.monotonic() - began, cpu_seconds(server.process.pid) - start, OURS - before
    memory = resident(server.process.pid)
    server.kill()
    print(f"| sentinella, {who} | {count} | {cpu:.2f} | {count / cpu:.0f} | {count / max(wall, 0.01):.0f} | "
          f"{memory:.0f} MiB | {status['samples']} samples, {status['events']} events to the store |",
          flush=True)
    return count / cpu


def theirs(directory, broker):
    work = directory / "ceilometer"
    work.mkdir()
    queue = "notifications.info"
    fill(broker, queue, THEIRS)
    (work / "pipeline.yaml").write_text(
        "sources: [{name: m, meters: ['*'], sinks: [s]}]\n"
        f"sinks: [{{name: s, publishers: ['file://{work}/samples?json=True']}}]\n")
    (work / "event_pipeline.yaml").write_text(
        "sources: [{name: e, events: ['*'], sinks: [s]}]\n"
        f"sinks: [{{name: s, publishers: ['file://{work}/events?json=True']}}]\n")
    (work / "ceilometer.conf").write_text(f"""[DEFAULT]
transport_url = {broker.url}
pipeline_cfg_file = {work}/pipeline.yaml
event_pipeline_cfg_file = {work}/event_pipeline.yaml
[notification]
messaging_urls = {broker.url}
workers = 1
notification_control_exchanges = nova
[oslo_messaging_rabbit]
amqp_durable_queues = true
[oslo_messaging_notifications]
topics = notifications
""")
    with open(work / "out", "w") as out:
        process = subprocess.Popen(["/usr/bin/python3", "-c", PEER, "--config-file", work / "ceilometer.conf"],
                                   stdout=out, stderr=out, start_new_session=True)
    try:
        harness.wait_for("Ceilometer to begin", lambda: depth(broker, queue) < THEIRS, timeout=60, every=0.1)
        began, start = time.monotonic(), cpu_seconds(process.pid)
        left = depth(broker, queue)
        harness.wait_for("Ceilometer to finish", lambda: depth(broker, queue) == 0, timeout=180, every=0.2)
        time.sleep(1)
        wall, cpu = time.monotonic() - began, cpu_seconds(process.pid) - start
        print(f"| ceilometer-agent-notification | {left} | {cpu:.2f} | {left / cpu:.0f} | {left / wall:.0f} | | "
              "samples and events to files |", flush=True)
        return left / cpu
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def run():
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        broker = rabbit.Broker(directory / "rabbit").start()
        try:
            print("| who | notifications | CPU s | per CPU-second | per second | memory | |\n|---|---|---|---|---|---|---|")
            speed = ours(directory, broker, "the recorded cloud")
            one, many = (ours(directory, broker, f"{CLOUDS} such clouds, {tenants} tenants", tenants) for tenants in (1, 1000))
            print(f"\na message costs {one / many:.2f} times as much with 1,000 tenants as with 1 (goal: flat)")
            if subprocess.run(["/usr/bin/python3", "-c", "import ceilometer"], capture_output=True).returncode == 0:
                print(f"\nours is {speed / theirs(directory, broker):.0f} times as fast (goal: 100)")
            else:
                print("(python3-ceilometer is not installed)", file=sys.stderr)
        finally:
            broker.stop()
