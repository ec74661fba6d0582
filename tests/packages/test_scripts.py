"""What dpkg does with the packages: installed, upgraded, removed and purged on a copy of this machine (an overlay that is
thrown away). Needs root, dpkg and what `./dev package` made."""
import os
import pathlib
import shutil
import subprocess

import harness
import pytest

PACKAGES = pathlib.Path(os.environ.get("SENTINELLA_PACKAGES", harness.ROOT / "build/packages"))
# In a mount namespace of its own, so that nothing stays mounted.
ENTER = """set -e
mount --make-rprivate /
mount -t tmpfs none "$0"
mkdir "$0/up" "$0/work" "$0/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$0/up",workdir="$0/work" "$0/root"
mkdir -p "$0/root/root/packages"
cp "$@" "$0/root/root/packages"
exec chroot "$0/root" sh -e /root/packages/steps
"""
STEPS = """cd /root/packages
install() { dpkg -i --force-depends --force-confold *.deb >/dev/null 2>&1; }
owner() { stat -c '%U:%G %a' /etc/sentinella/server.conf; }
list() { for path in /etc/sentinella /etc/sentinella/* /var/lib/sentinella* /var/log/sentinella*; do
  if [ -e "$path" ]; then echo "$1 $path"; fi; done; }
install
echo "installed $(owner)"
mkdir -p /var/lib/sentinella /var/log/sentinella /var/lib/sentinella-server
touch /etc/sentinella/sentinella.conf /var/lib/sentinella/identity.json
echo '# mine' >>/etc/sentinella/server.conf
install
echo "upgraded $(owner) $(tail -1 /etc/sentinella/server.conf)"
dpkg -r sentinella sentinella-server >/dev/null 2>&1
list removed
dpkg -P sentinella >/dev/null 2>&1
list agent-purged
dpkg -P sentinella-server >/dev/null 2>&1
list purged
echo done
"""


def test_configuration_and_state_outlive_upgrades_and_removal_and_go_with_purge(tmp_path):
    packages = [next(iter(sorted(PACKAGES.glob(f"{name}_*.deb"))), None) for name in ("sentinella", "sentinella-server")]
    if os.geteuid() != 0 or not shutil.which("dpkg") or None in packages:
        pytest.skip("needs root, dpkg, and packages: ./dev package makes them")
    (tmp_path / "steps").write_text(STEPS)
    (tmp_path / "overlay").mkdir()
    done = subprocess.run(["unshare", "-m", "bash", "-c", ENTER, tmp_path / "overlay", tmp_path / "steps", *packages],
                          capture_output=True, text=True, timeout=300)
    if "mount:" in done.stderr:
        pytest.skip("no overlay can be mounted here: " + done.stderr.strip())
    said = done.stdout.splitlines()
    assert said[-1:] == ["done"], done.stdout + done.stderr
    assert "installed root:sentinella-server 640" in said
    assert "upgraded root:sentinella-server 640 # mine" in said
    after = {step: {line.split()[1] for line in said if line.startswith(step + " ")}
             for step in ("removed", "agent-purged", "purged")}
    assert {"/etc/sentinella/sentinella.conf", "/etc/sentinella/server.conf", "/var/lib/sentinella",
            "/var/lib/sentinella-server"} <= after["removed"], after
    assert after["agent-purged"] == {"/etc/sentinella", "/etc/sentinella/server.conf", "/var/lib/sentinella-server"}
    assert after["purged"] == set()
