"""Our server takes the place of a real Gnocchi: with its configuration, its past, and the clients that it had. Ceilometer's
agents go on publishing, Aodh evaluating, and neither is told. Needs the test bed in full (`testbed up --full`)."""
import json
import os
import re
import socket
import subprocess
import time

import harness
import pytest
from openstack_bed import read_environment

GNOCCHI = ("gnocchi-api", "gnocchi-metricd")
SERVER_COMMAND = harness.BIN / "sentinella-server"


class Cloud:
    """The cloud's own commands, as its admin."""

    def __init__(self, testbed):
        self.testbed, self.environment = testbed, read_environment(testbed)

    def run(self, *words, fails=False):
        done = subprocess.run([*map(str, words)], env=self.environment, capture_output=True, text=True, timeout=120)
        assert (done.returncode != 0) == fails, f"{words}: {done.stdout}{done.stderr}"
        return done.stderr if fails else done.stdout

    def ask(self, *words):
        out = self.run(*words, "-f", "json")
        return json.loads(out) if out.strip() else None

    def token(self):
        return self.run("openstack", "token", "issue", "-f", "value", "-c", "id").strip()

    def instances(self):
        return self.ask("gnocchi", "resource", "list", "-t", "instance")


def configuration(testbed):
    """The section that the cloud's gnocchi.conf becomes."""
    mapped = subprocess.run([SERVER_COMMAND, "gnocchi-conf", testbed.state / "etc/gnocchi/gnocchi.conf"], capture_output=True,
                            text=True, check=True).stdout
    lines = [line for line in mapped.splitlines() if not line.startswith("listen")]
    return "\n".join(lines) + "\nlisten = 127.0.0.1:8041\n"


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start_server(directory, testbed):
    return harness.Server(directory, configuration(testbed)).start()


def import_everything(server, cloud, directory):
    command = [SERVER_COMMAND, "import", "gnocchi", "--from", "http://127.0.0.1:8041", "--from-token", cloud.token(),
               "--to-token", cloud.token(), "--data-dir", server.data, "--state", directory / "import.state"]
    # What is killed on its way goes on where it was.
    halfway = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    halfway.kill()
    halfway.wait()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def cloud(testbed):
    testbed.run("up", "--full")
    return Cloud(testbed)


@pytest.fixture(scope="module")
def server(cloud, testbed, tmp_path_factory):
    """The real Gnocchi has something to bring over, then ours stands in its place."""
    directory = tmp_path_factory.mktemp("gnocchi")
    testbed.run("exercise", "1", check=False)
    harness.wait_for("the real Gnocchi to know an instance", cloud.instances, timeout=60, every=1)
    theirs = everything(cloud)
    first = harness.Server(directory, configuration(testbed).replace(":8041", ":0")).start()
    print(import_everything(first, cloud, directory))
    first.kill()
    for name in GNOCCHI:
        testbed.run("fault", name, "kill")
    harness.wait_for("its port to be free", lambda: not is_open(8041), timeout=20, every=0.2)
    server = start_server(directory, testbed)
    server.theirs = theirs
    yield server
    server.kill()
    for name in GNOCCHI:
        testbed.run("heal", name)


def everything(cloud):
    """What a Gnocchi at its usual address says it has."""
    resources = cloud.ask("gnocchi", "resource", "list")
    return {
        "policies": cloud.ask("gnocchi", "archive-policy", "list"),
        "types": cloud.ask("gnocchi", "resource-type", "list"),
        "resources": {one["id"]: one for one in resources},
        "metrics": {one["id"]: one for one in cloud.ask("gnocchi", "metric", "list")},
        "history": {one["id"]: cloud.ask("gnocchi", "resource", "history", "-t", one["type"], one["id"])
                    for one in resources if one["type"] == "instance"},
    }


def unordered(resource_type):
    """The order of an attribute's limits is that of a JSON object, which has none."""
    lines = resource_type["attributes"].splitlines()
    return resource_type["name"], sorted(sorted(re.split(r" *[:,] *", line)) for line in lines)


def test_what_the_real_gnocchi_had_is_there(server, cloud):
    ours, theirs = everything(cloud), server.theirs
    assert [unordered(one) for one in ours["types"]] == [unordered(one) for one in theirs["types"]]
    assert {one["name"] for one in theirs["policies"]} <= {one["name"] for one in ours["policies"]}
    for id, resource in theirs["resources"].items():
        assert ours["resources"][id]["original_resource_id"] == resource["original_resource_id"]
    assert set(theirs["metrics"]) <= set(ours["metrics"])
    for id, revisions in theirs["history"].items():
        mine = [{name: one[name] for name in ("revision_start", "host", "display_name")} for one in ours["history"][id]]
        known = [{name: one[name] for name in ("revision_start", "host", "display_name")} for one in revisions]
        assert mine[:len(known) - 1] == known[:-1]


def test_ceilometer_publishes_to_us_while_servers_boot_and_migrate(server, cloud, testbed):
    before = {one["id"] for one in cloud.instances()}
    print(testbed.run("exercise", "2", check=False)[-1500:])

    def measured():
        fresh = [one for one in cloud.instances() if one["id"] not in before]
        return fresh if len(fresh) >= 2 else None

    fresh = harness.wait_for("two new instances", measured, timeout=60, every=1)
    moved = 0
    for instance in fresh:
        shown = cloud.ask("gnocchi", "resource", "show", "-t", "instance", instance["id"])
        assert {"memory", "vcpus", "disk.root.size"} <= set(shown["metrics"])
        values = cloud.ask("gnocchi", "measures", "show", "-r", instance["id"], "memory")
        assert values and values[0]["value"] > 0
        history = cloud.ask("gnocchi", "resource", "history", "-t", "instance", instance["id"])
        moved += len({one["host"] for one in history if one["host"]}) > 1
    assert moved, "no instance was seen to move"
    rows = cloud.ask("gnocchi", "aggregates", "--resource-type", "instance", "(aggregate sum (metric memory mean))",
                     "started_at > '2020-01-01'")
    assert rows[-1]["value"] > 0


def test_aodh_evaluates_alarms_against_us(server, cloud):
    instance = cloud.instances()[-1]
    common = ["--threshold", "1", "--comparison-operator", "gt", "--aggregation-method", "mean", "--granularity", "300",
              "--evaluation-periods", "1", "--metric", "memory", "--resource-type", "instance"]
    # A measure of this very moment, as a pollster of a hypervisor would send it.
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    cloud.run("gnocchi", "measures", "add", "-r", instance["id"], "-m", f"{stamp}@512", "memory")
    one = cloud.ask("aodh", "alarm", "create", "--name", "one", "--type", "gnocchi_resources_threshold", *common,
                    "--resource-id", instance["id"])
    several = cloud.ask("aodh", "alarm", "create", "--name", "several", "--type",
                        "gnocchi_aggregation_by_resources_threshold", *common, "--query",
                        json.dumps({"=": {"id": instance["id"]}}))
    for alarm in (one, several):
        def state(alarm=alarm):
            return cloud.ask("aodh", "alarm", "show", alarm["alarm_id"])["state"] == "alarm"
        harness.wait_for(f"Aodh to see the alarm {alarm['name']}", state, timeout=120, every=3)
        cloud.run("aodh", "alarm", "delete", alarm["alarm_id"])


def test_the_gnocchi_command_walks_with_keystone(server, cloud, tmp_path):
    cloud.run("gnocchi", "archive-policy", "create", "walk", "-d", "granularity:5m,points:100", "-m", "mean", "-m", "max")
    cloud.run("gnocchi", "archive-policy", "update", "walk", "-d", "granularity:5m,points:200")
    assert cloud.ask("gnocchi", "archive-policy", "show", "walk")["name"] == "walk"
    cloud.run("gnocchi", "archive-policy-rule", "create", "-a", "walk", "-m", "walk.*", "walks")
    assert cloud.ask("gnocchi", "archive-policy-rule", "show", "walks")["metric_pattern"] == "walk.*"
    assert "walks" in {one["name"] for one in cloud.ask("gnocchi", "archive-policy-rule", "list")}
    cloud.run("gnocchi", "resource-type", "create", "walker", "-a", "host:string:true:max_length=31")
    cloud.run("gnocchi", "resource-type", "update", "walker", "-a", "zone:string:false")
    assert cloud.ask("gnocchi", "resource-type", "show", "walker")["name"] == "walker"
    made = cloud.ask("gnocchi", "resource", "create", "-t", "walker", "-a", "host:c1", "-n", "walk.steps:walk", "me")
    assert ":" in made["creator"]
    cloud.run("gnocchi", "resource", "update", "-t", "walker", "-a", "host:c2", "me")
    assert [one["host"] for one in cloud.ask("gnocchi", "resource", "history", "-t", "walker", "me")] == ["c1", "c2"]
    assert len(cloud.ask("gnocchi", "resource", "search", "-t", "walker", "host = 'c2'")) == 1
    cloud.run("gnocchi", "measures", "add", "-r", "me", "-m", "2026-03-02T10:00:10@3", "walk.steps")
    metric = cloud.ask("gnocchi", "metric", "show", "-r", "me", "walk.steps")["id"]
    batch = tmp_path / "batch.json"
    batch.write_text(json.dumps({metric: [{"timestamp": "2026-03-02T10:00:20", "value": 5}]}))
    cloud.run("gnocchi", "measures", "batch-metrics", batch)
    batch.write_text(json.dumps({"me": {"walk.steps": [{"timestamp": "2026-03-02T10:00:30", "value": 7}]}}))
    cloud.run("gnocchi", "measures", "batch-resources-metrics", batch)
    assert cloud.ask("gnocchi", "measures", "show", "-r", "me", "walk.steps")[0]["value"] == 5.0
    assert cloud.ask("gnocchi", "measures", "aggregation", "-m", metric, "--aggregation", "max")[0]["value"] == 7.0
    assert cloud.ask("gnocchi", "aggregates", f"(+ (metric {metric} mean) 1)")[0]["value"] == 6.0
    assert cloud.ask("gnocchi", "status")["storage/total number of measures to process"] == 0
    assert "rate:mean" in json.dumps(cloud.ask("gnocchi", "capabilities", "list"))
    assert cloud.ask("gnocchi", "server", "version")
    cloud.run("gnocchi", "metric", "delete", metric)
    cloud.run("gnocchi", "resource", "delete", "me")
    assert "does not exist" in cloud.run("gnocchi", "resource", "show", "-t", "walker", "me", fails=True)
    cloud.run("gnocchi", "resource-type", "delete", "walker")
    cloud.run("gnocchi", "archive-policy-rule", "delete", "walks")
    cloud.run("gnocchi", "archive-policy", "delete", "walk")


def test_a_member_of_another_project_sees_nothing_of_it(server, cloud):
    name, password = f"stranger-{os.getpid()}", "not-a-secret"
    cloud.run("openstack", "project", "create", name)
    cloud.run("openstack", "user", "create", "--project", name, "--password", password, name)
    cloud.run("openstack", "role", "add", "--project", name, "--user", name, "member")
    stranger = Cloud(cloud.testbed)
    stranger.environment.update(OS_USERNAME=name, OS_PASSWORD=password, OS_PROJECT_NAME=name)
    try:
        assert not stranger.ask("gnocchi", "resource", "list", "-t", "instance")
        instance = cloud.instances()[0]["id"]
        assert "does not exist" in stranger.run("gnocchi", "resource", "show", "-t", "instance", instance, fails=True)
        assert "403" in stranger.run("gnocchi", "status", fails=True)
    finally:
        cloud.run("openstack", "user", "delete", name)
        cloud.run("openstack", "project", "delete", name)
