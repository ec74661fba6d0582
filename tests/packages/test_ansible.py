"""The Ansible role: linted, and run against a pristine Debian 12 (whose Python it needs), twice: the second time nothing is
left to do."""
import os
import re
import shutil
import subprocess

import harness
import pristine
import pytest
from test_two_hosts import package

ANSIBLE = harness.ROOT / "packaging/ansible"


def test_the_role_is_linted():
    if not shutil.which("ansible-lint"):
        pytest.skip("ansible-lint is not installed")
    done = subprocess.run(["ansible-lint", "-q", "--offline", "site.yml", "roles/sentinella_agent"], cwd=ANSIBLE,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def machine(tmp_path):
    if missing := pristine.why_not():
        pytest.skip(missing)
    if not shutil.which("ansible-playbook") or not package("sentinella"):
        pytest.skip("no ansible-playbook, or no packages: ./dev package makes them")
    pristine.make_base()
    network = pristine.Network(f"sa{os.getpid() % 100000}")
    try:
        host = pristine.Host(network, tmp_path, "ansible", "10.77.0.1")
        host.install("python3-minimal", "python3-apt")
        yield host
    finally:
        network.close()


def play(machine):
    done = subprocess.run(
        ["ansible-playbook", "-i", f"{machine.root},", "-c", "community.general.chroot", "site.yml",
         "-e", "ansible_become=false", "-e", "ansible_python_interpreter=/usr/bin/python3",
         "-e", "sentinella_server_url=https://10.77.0.9:8420", "-e", "sentinella_account_key=the-account-key",
         "-e", f"sentinella_package_file={package('sentinella')}", "-e", "sentinella_pinned_sha256=" + "ab" * 32],
        cwd=ANSIBLE, capture_output=True, text=True, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}, timeout=500)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return {key: int(value) for key, value in re.findall(r"(ok|changed|failed|unreachable)=(\d+)", done.stdout)}


def test_the_role_installs_and_configures_an_agent_and_then_has_nothing_left_to_do(machine):
    first = play(machine)
    assert first["changed"] > 0 and first["failed"] == first["unreachable"] == 0, first
    assert "sentinella" in machine.run("/usr/bin/sentinella", "--version")
    shown = machine.run("stat", "-c", "%U:%G %a", "/etc/sentinella/sentinella.conf")
    assert shown.strip() == "root:sentinella 640"
    assert "adm" in machine.run("id", "-nG", "sentinella").split()
    # As the service's own user: it may read its configuration, and the configuration is good.
    assert "no enabled plugins" in machine.run("/usr/bin/sentinella", "show", user="sentinella")
    again = play(machine)
    assert again["changed"] == 0 and again["failed"] == 0, again
