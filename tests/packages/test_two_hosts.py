"""The packages as an operator meets them: a server and two nodes, all pristine Debian 12, one configuration copied to both
nodes, over TLS; then upgraded and downgraded with data in place. Needs root, debootstrap and what `./dev package` made."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import time

import harness
import pristine
import pytest

PACKAGES = pathlib.Path(os.environ.get("SENTINELLA_PACKAGES", harness.ROOT / "build/packages"))
SERVER = "10.77.0.1"
# A service that writes numbered lines in oslo's form; on the nodes there is no Python.
SERVICE = """#!/bin/bash
n=0
trap 'exit 0' TERM
while :; do
  for i in 1 2 3 4 5 6 7 8 9 10; do
    printf '%(%Y-%m-%d %H:%M:%S)T.000 %d INFO nova.api [-] numbered n%06d\\n' -1 $$ $((n++))
  done >>/var/log/nova/nova-api.log
  sleep 0.2
done
"""


def package(name):
    found = sorted(PACKAGES.glob(f"{name}_*.deb"))
    return found[-1] if found else None


def other_version(deb, directory, version):
    """The same program under another version number."""
    tree = directory / f"{deb.stem}-{version}"
    pristine.sh("dpkg-deb", "-R", deb, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.M))
    out = directory / f"{deb.name.split('_')[0]}_{version}_amd64.deb"
    pristine.sh("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, out)
    shutil.rmtree(tree)
    return out


@pytest.fixture(scope="module")
def network():
    if missing := pristine.why_not():
        pytest.skip(missing)
    if not package("sentinella") or not package("sentinella-server"):
        pytest.skip("no packages: ./dev package makes them")
    pristine.make_base()
    network = pristine.Network(f"sn{os.getpid() % 100000}")
    yield network
    network.close()


@pytest.fixture(scope="module")
def hosts(network, tmp_path_factory):
    """The server and both nodes, everything installed, nothing configured or started."""
    directory = tmp_path_factory.mktemp("hosts")
    server, *nodes = [pristine.Host(network, directory, name, f"10.77.0.{number}")
                      for number, name in enumerate(("server", "node1", "node2"), 1)]
    server.install(package("sentinella-server"))
    assert server.run("stat", "-c", "%U:%G %a", "/etc/sentinella/server.conf").strip() == "root:sentinella-server 640"
    for node in nodes:
        node.install(package("sentinella"))
        (node.root / "usr/bin/nova-api").write_text(SERVICE)
        (node.root / "usr/bin/nova-api").chmod(0o755)
        (node.root / "var/log/nova").mkdir()
    return server, nodes


def start_service(node):
    node.service = subprocess.Popen(["nsenter", "-t", str(node.first), "-n", "-u", "-i", "-p", "-m", "--", "chroot",
                                     str(node.root), "/bin/bash", "/usr/bin/nova-api"], stdin=subprocess.DEVNULL)


def start_server(server):
    server.start("sentinella-server", "--listen", f"{SERVER}:8420")
    harness.wait_for("the server", lambda: (server.root / "var/lib/sentinella-server/ready").exists()
                     or server.units["sentinella-server"].poll() is not None, timeout=60)
    assert server.units["sentinella-server"].poll() is None, server.log("sentinella-server")[-2000:]


def client_of(server):
    boot = json.loads((server.root / "var/lib/sentinella-server/bootstrap.json").read_text())
    return harness.Client(f"https://{SERVER}:8420", boot["api_key"]), boot


def stored(client, host):
    answer = client.get("/api/v1/logs/export", q=f'numbered host="{host}"', format="raw", limit=100_000, **{"from": "now-2d"})
    assert answer.status == 200, answer
    return [int(n) for n in re.findall(rb"numbered n(\d{6})", answer.body)]


def written(node):
    return [int(n) for n in re.findall(r"numbered n(\d{6})", (node.root / "var/log/nova/nova-api.log").read_text())]


def pages(client):
    """Of all times, those that are over too."""
    every = ["open", "assign", "ack", "shelved", "blackout", "closed", "expired", "unknown"]
    return [a["text"] for a in client.items("/api/v1/alerts", status=every) if a["tier"] == "page"]


def test_two_nodes_with_one_configuration_are_on_screen_and_upgrades_lose_nothing(hosts, tmp_path):
    server, nodes = hosts
    begun = time.monotonic()
    start_server(server)
    client, boot = client_of(server)
    certificate = (server.root / "var/lib/sentinella-server/tls/certificate.pem").read_text()
    pin = hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest()
    configuration = json.dumps({"account_key": boot["account_key"], "server_url": f"https://{SERVER}:8420",
                                "pinned_sha256": pin, "discover": True, "interval_seconds": 5,
                                "log_file": "/var/log/sentinella/sentinella.log"})
    for node in nodes:
        start_service(node)
        (node.root / "etc/sentinella/sentinella.conf").write_text(configuration)
        node.run("chown", "root:sentinella", "/etc/sentinella/sentinella.conf")
        node.run("chmod", "0640", "/etc/sentinella/sentinella.conf")
        node.start("sentinella")

    def on_screen():
        shown = {n["host"]: n for n in client.items("/api/v1/nodes")}
        return all(node.name in shown for node in nodes) and all(stored(client, node.name) for node in nodes)

    harness.wait_for("both nodes and their service's lines", on_screen, timeout=120, every=0.5)
    took = time.monotonic() - begun
    print(f"both nodes with their service on screen {took:.1f} s after the server's first start")
    assert took < 120

    changes = []
    for version, what in (("0.9.9", "downgrade"), ("9.9.9", "upgrade"), (None, "back")):
        for name, machines in (("sentinella", nodes), ("sentinella-server", [server])):
            deb = other_version(package(name), tmp_path, version) if version else package(name)
            for machine in machines:
                machine.install(deb)
                changes.append(f"{what} of {name} on {machine.name}")
                machine.stop(name)  # what systemd's try-restart does
                if name == "sentinella":
                    machine.start(name)
                else:
                    (machine.root / "var/lib/sentinella-server/ready").unlink(missing_ok=True)
                    start_server(machine)
        time.sleep(6)  # an interval and more, in which something could page
    assert pages(client) == []
    for node in nodes:
        for child in pristine.children_of(node.service.pid):
            os.kill(child, 15)
        node.service.wait(10)
    for node in nodes:
        wanted = written(node)
        harness.wait_for(f"every line of {node.name}", lambda: len(stored(client, node.name)) >= len(wanted), timeout=60,
                         every=0.5)
        numbers = stored(client, node.name)
        assert sorted(numbers) == wanted, f"{node.name}: {len(wanted)} lines written, {len(set(numbers))} there, {len(numbers)} in all"
        print(f"{node.name}: {len(wanted)} lines, each once, over {len(changes)} changes of packages")
    for node in nodes:
        node.stop("sentinella")


def test_remove_and_purge_leave_nothing_that_runs(hosts):
    server, nodes = hosts
    node = nodes[0]
    node.run("apt-get", "remove", "-y", "-qq", "sentinella")
    assert not (node.root / "usr/bin/sentinella").exists()
    assert (node.root / "etc/sentinella/sentinella.conf").exists(), "the configuration goes with purge only"
    assert (node.root / "var/lib/sentinella/identity.json").exists(), "and so does the state"
    node.run("apt-get", "purge", "-y", "-qq", "sentinella")
    for gone in ("etc/logrotate.d/sentinella", "etc/sentinella", "var/lib/sentinella", "var/log/sentinella"):
        assert not (node.root / gone).exists(), gone
    assert node.run("dpkg", "-s", "sentinella", check=False) == ""
