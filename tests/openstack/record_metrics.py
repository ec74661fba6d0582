"""Records what the rules of the default pack look at, from a real OpenStack with faults in it, as a file of rule tests:

    python3 tests/openstack/record_metrics.py TESTBED > rules/tests/recorded_faults_test.yaml

Three quarters of an hour. The transitions that are written are what the server said while it happened; read them before they become
what is expected."""
import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "e2e"), str(pathlib.Path(__file__).resolve().parent)]
import harness  # noqa: E402
from openstack_bed import Testbed, read_environment  # noqa: E402
from test_faults import FullDisk, sql  # noqa: E402

STEP = 10  # seconds between two values
QUIET = 60
PORTS = {"rabbit": 35672, "management": 35674, "epmd": 34369, "database": 33306}
ALL_TAKEN = "SELECT VARIABLE_VALUE + 1 FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'THREADS_CONNECTED'"
QUEUE = "nobody-reads-this"


def log(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Broker:
    def __init__(self, bed, password):
        self.bed, self.password = bed, password

    def call(self, method, path, body=None):
        secret = base64.b64encode(f"openstack:{self.password}".encode()).decode()
        request = urllib.request.Request(f"http://127.0.0.1:{PORTS['management']}/api{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None,
                                         headers={"Authorization": f"Basic {secret}", "Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=20).close()

    def fill_queue(self, count):
        self.call("PUT", f"/queues/%2F/{QUEUE}", {"durable": False})
        for _ in range(count):
            self.call("POST", "/exchanges/%2F/amq.default/publish",
                      {"properties": {}, "routing_key": QUEUE, "payload": "x", "payload_encoding": "string"})

    def empty_queue(self):
        self.call("DELETE", f"/queues/%2F/{QUEUE}")

    def watermark(self, *value):
        env = {**os.environ, "HOME": str(self.bed.state / "var/rabbitmq"), "ERL_EPMD_PORT": str(PORTS["epmd"])}
        subprocess.run(["/usr/lib/rabbitmq/bin/rabbitmqctl", "-n", "testbed@localhost", "set_vm_memory_high_watermark", *value],
                       env=env, check=True, stdout=subprocess.DEVNULL)


def start_agent(directory, server, bed, disk, environment, password):
    agent = harness.Agent(directory, server, [], node="controller", interval_seconds=STEP)
    settings = json.loads(agent.config.read_text())
    agent.config.unlink()
    subprocess.run([harness.BIN / "sentinella", "-c", agent.config, "init", "--yes", "--account-key",
                    server.bootstrap["account_key"], "--server-url", server.url], check=True, stdout=subprocess.DEVNULL,
                   stdin=subprocess.DEVNULL)
    secret, admin = directory / "secret", directory / "admin"
    for file, text in ((secret, password), (admin, environment["OS_PASSWORD"])):
        file.write_text(text)
        file.chmod(0o600)
    collect = {
        "rabbitmq": {"url": f"http://127.0.0.1:{PORTS['management']}", "user": "openstack", "password_file": str(secret)},
        "mariadb": {"url": f"mysql://127.0.0.1:{PORTS['database']}", "user": "openstack", "password_file": str(secret)},
        "openstack": {"url": environment["OS_AUTH_URL"], "user": environment["OS_USERNAME"], "password_file": str(admin),
                      "project": environment["OS_PROJECT_NAME"]}}
    checks = {"keystone": environment["OS_AUTH_URL"]}
    written = json.loads(agent.config.read_text())
    agent.config.write_text(json.dumps({**written, **settings, "collect": collect, "checks": checks}))
    return agent.start()


def faults(bed, broker, disk):
    """Name, what is done, what ends it, for how many seconds."""
    def kill(name):
        return name + " is killed", lambda: bed.kill(name), lambda: bed.run("heal", name)

    def tables(*pairs):
        return lambda: sql(bed, "RENAME TABLE " + ", ".join(f"{a} TO {b}" for a, b in pairs))

    def read_only(how):
        return lambda: subprocess.run(["mount", "-o", f"remount,{how}", disk.mount], check=True)

    def limit(count):
        # SET takes no subquery as it is, a prepared statement does.
        return lambda: sql(bed, f"SET @count = ({count}); EXECUTE IMMEDIATE CONCAT('SET GLOBAL max_connections = ', @count)")

    return [(*kill("nova-compute1"), 200), (*kill("fake-ovs-agents"), 200), (*kill("database"), 60), (*kill("memcached"), 60),
            (*kill("rabbitmq"), 60), (*kill("keystone"), 150),
            ("nova-api is stopped (SIGSTOP)", lambda: bed.run("fault", "nova-api", "stop"), lambda: bed.run("heal", "nova-api"), 150),
            ("the placement API misses a table", tables(("placement.inventories", "placement.gone")),
             tables(("placement.gone", "placement.inventories")), 150),
            ("the broker has too little memory", lambda: broker.watermark("absolute", "1MB"), lambda: broker.watermark("0.4"), 60),
            ("the database takes few connections", limit(ALL_TAKEN), limit("400"), 150),
            ("a file system is full", disk.fill, disk.empty, 200),
            ("a file system is read-only", read_only("ro"), read_only("rw"), 240)]


def watched_names():
    """Every word in the conditions of rules that could be a metric."""
    text = "".join(file.read_text() for file in sorted((harness.ROOT / "rules").glob("*.yaml")))
    conditions = re.findall(r"^  (?:expr|promql|check): (.*(?:\n    +\S.*)*)", text, re.M)
    return set(re.findall(r"[a-z_][a-z0-9_]+", " ".join(conditions)))


def shortest(number):
    text = f"{float(number):.5g}"
    return str(int(float(text))) if float(text) == int(float(text)) else text


def written(values, begin, count):
    """In promtool's notation: a value, or one and how often it repeats; _ is none."""
    slots = ["_"] * count
    for at, value in values:
        if 0 <= (slot := int((at - begin) // STEP)) < count:
            slots[slot] = shortest(value)
    out, at = [], 0
    while at < count:
        end = at
        while end < count and slots[end] == slots[at]:
            end += 1
        out.append(slots[at] if end == at + 1 else f"{slots[at]}x{end - at - 1}" if slots[at] != "_" else f"_x{end - at}")
        at = end
    return " ".join(out)


def series_of(client, name, begin, end):
    answer = client.get("/prometheus/api/v1/query", query=f"{name}[{int(end - begin)}s]", time=end)
    assert answer.status == 200, answer
    for one in answer.json["data"]["result"]:
        labels = {key: value for key, value in one["metric"].items() if key != "__name__"}
        text = ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
        yield f"{name}{{{text}}}", [(float(at), value) for at, value in one["values"]]


def main():
    bed = Testbed(sys.argv[1])
    bed.up()
    environment, password = read_environment(bed), (bed.state / "secret").read_text().strip()
    directory = pathlib.Path(tempfile.mkdtemp())
    server, disk = harness.Server(directory).start(), FullDisk(directory)
    webhook = harness.Webhook()
    harness.add_webhook(server.client(), webhook.url, min_tier="info")
    broker = Broker(bed, password)
    agent = start_agent(directory, server, bed, disk, environment, password)
    begin, told = time.time(), []
    broker.fill_queue(1500)
    time.sleep(2 * QUIET)
    for name, wound, mend, seconds in faults(bed, broker, disk):
        told.append((time.time() - begin, name))
        log(name)
        wound()
        time.sleep(seconds)
        mend()
        told.append((time.time() - begin, "over"))
        time.sleep(QUIET)
    broker.empty_queue()
    time.sleep(3 * QUIET)
    end = time.time()
    client = server.client()
    known = set(client.get("/prometheus/api/v1/label/__name__/values").json["data"])
    print("# What the agent measured of a real OpenStack (Zed on Debian 12, one machine) with these faults, and what the metric rules")
    print("# say of it. Made by tests/openstack/record_metrics.py; seconds from the beginning:")
    for at, name in told:
        print(f"#   {at:.0f} {name}")
    print("rule_files: [" + ", ".join(f"../{file.name}" for file in sorted((harness.ROOT / "rules").glob("*.yaml"))) + "]")
    print(f"tests:\n- name: recorded faults of a real cloud\n  interval: {STEP}s\n  input_series:")
    for name in sorted(known & watched_names()):
        for series, values in series_of(client, name, begin, end):
            print(f"  - {{series: '{series}', values: '{written(values, begin, int((end - begin) / STEP))}'}}")
    print("  transitions:")
    for at, body, _ in webhook.received:
        alert = body["alert"]
        state = "resolved" if body["event"] == "alert.closed" else f"firing, severity: {alert['severity']}, tier: {alert['tier']}"
        print(f"  - {{at: {at - begin:.0f}s, event: {alert['event']}, resource: '{alert['resource']}', state: {state}}}")
    for program in (agent, server):
        program.kill()
    disk.close()
    webhook.close()


if __name__ == "__main__":
    main()
