"""Notifications per CPU-second: ours against Ceilometer's notification agent, from the same queue contents.

Both get the same persistent messages of a recorded cloud, each with an id of its own, waiting in RabbitMQ before the
program starts. Ours puts them into its store (journal, series, events). Ceilometer runs twice: with its default pipeline to
its store (Gnocchi; events back to the bus), and with files for samples and events, the cheapest of its publishers. CPU is
user + system of the program and its children, from when the first messages are taken; starting is not counted. What
Gnocchi takes is told apart.
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

sys.path.insert(0, str(pathlib.Path(__file__).parent / "gnocchi_peer"))
import debian_gnocchi  # noqa: E402

RECORDED = (harness.ROOT / "src/telemetry/testdata/notifications.jsonl").read_text().splitlines()
PROJECT = "4493d9e0bdb34da6ae05c69cd5d97889"
INSTANCES = sorted(set(re.findall(r'instance_id\\*": \\*"([0-9a-f-]{36})', "".join(RECORDED))))
OURS, THEIRS, CLOUDS = 100_000, 2_000, 1_000
PEER = "import sys; from ceilometer.cmd.agent_notification import main; sys.argv[0] = 'ceilometer'; sys.exit(main())"
UPGRADE = "import sys; from ceilometer.cmd.storage import upgrade; sys.argv[0] = 'upgrade'; sys.exit(upgrade())"
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
    harness.wait_for("all to lie in the queue", lambda: depth(broker, queue) == count, timeout=60, every=0.1)


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


def configure(work, broker, gnocchi=None):
    """Ceilometer's files: samples and events to files, or the pipelines it comes with and Gnocchi."""
    work.mkdir()
    if not gnocchi:
        for pipeline, kind, what in [("pipeline", "meters", "samples"), ("event_pipeline", "events", "events")]:
            (work / f"{pipeline}.yaml").write_text(
                f"sources: [{{name: a, {kind}: ['*'], sinks: [s]}}]\n"
                f"sinks: [{{name: s, publishers: ['file://{work}/{what}?json=True']}}]\n")
    files = "" if gnocchi else f"pipeline_cfg_file = {work}/pipeline.yaml\nevent_pipeline_cfg_file = {work}/event_pipeline.yaml\n"
    store = f"[service_credentials]\nauth_type = gnocchi-basic\nuser = admin\nendpoint = {gnocchi.url}\n" if gnocchi else ""
    (work / "ceilometer.conf").write_text(f"""[DEFAULT]
transport_url = {broker.url}
{files}[notification]
messaging_urls = {broker.url}
workers = 1
notification_control_exchanges = nova
[oslo_messaging_rabbit]
amqp_durable_queues = true
[oslo_messaging_notifications]
topics = notifications
{store}""")
    options = ["--config-file", str(work / "ceilometer.conf")]
    if gnocchi:  # makes the types of resources and the archive policies
        subprocess.run(["/usr/bin/python3", "-c", UPGRADE, *options], check=True, capture_output=True)
    return options


def theirs(work, broker, who, gnocchi=None):
    """Notifications per CPU-second of the agent alone; with Gnocchi also of both."""
    options = configure(work, broker, gnocchi)
    queue = "notifications.info"
    fill(broker, queue, THEIRS)
    with open(work / "out", "w") as out:
        process = subprocess.Popen(["/usr/bin/python3", "-c", PEER, *options], stdout=out, stderr=out, start_new_session=True)
    try:
        harness.wait_for("Ceilometer to begin", lambda: depth(broker, queue) < THEIRS, timeout=60, every=0.1)
        began, start, stored = time.monotonic(), cpu_seconds(process.pid), gnocchi.cpu_seconds() if gnocchi else 0
        left = depth(broker, queue)
        harness.wait_for("Ceilometer to finish", lambda: depth(broker, queue) == 0, timeout=180, every=0.2)
        time.sleep(1)
        wall, cpu = time.monotonic() - began, cpu_seconds(process.pid) - start
        print(f"| ceilometer-agent-notification, {who} | {left} | {cpu:.2f} | {left / cpu:.0f} | {left / wall:.0f} | | |",
              flush=True)
        if not gnocchi:
            return left / cpu, None
        harness.wait_for("Gnocchi to have it", gnocchi.has_processed, timeout=180, every=0.5)
        both = cpu + gnocchi.cpu_seconds() - stored
        print(f"| the same and Gnocchi (API, metricd, PostgreSQL) | {left} | {both:.2f} | {left / both:.0f} | | | |", flush=True)
        return left / cpu, left / both
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def compare(speed, directory, broker):
    """Against each form of Ceilometer that is installed."""
    if subprocess.run(["/usr/bin/python3", "-c", "import ceilometer"], capture_output=True).returncode != 0:
        return print("(python3-ceilometer is not installed)", file=sys.stderr)
    agent, _ = theirs(directory / "files", broker, "to files")
    print(f"\nours to its store is {speed / agent:.0f} times as fast as theirs to files\n", flush=True)
    has_client = subprocess.run(["/usr/bin/python3", "-c", "import gnocchiclient"], capture_output=True).returncode == 0
    if not has_client or not debian_gnocchi.is_there():
        return print("(python3-gnocchi, python3-gnocchiclient and postgresql are not installed)", file=sys.stderr)
    gnocchi = debian_gnocchi.Gnocchi(directory / "gnocchi").start()
    try:
        agent, both = theirs(directory / "default", broker, "its default pipeline", gnocchi)
    finally:
        gnocchi.stop()
    print(f"\nthrough the default pipeline to the store ours is {speed / agent:.0f} times as fast as their agent (goal: 100), "
          f"{speed / both:.0f} times as fast as their agent and store", flush=True)


def run():
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        broker = rabbit.Broker(directory / "rabbit").start()
        try:
            print("| who | notifications | CPU s | per CPU-second | per second | memory | |\n|---|---|---|---|---|---|---|")
            speed = ours(directory, broker, "the recorded cloud")
            one, many = (ours(directory, broker, f"{CLOUDS} such clouds, {tenants} tenants", tenants) for tenants in (1, 1000))
            print(f"\na message costs {one / many:.2f} times as much with 1,000 tenants as with 1 (goal: flat)")
            compare(speed, directory, broker)
        finally:
            broker.stop()
