"""Pristine Debian 12 hosts on one network: a root of debootstrap's each (an overlay over one base), in namespaces of
their own for network, host name and processes. Nothing of the machine beneath is visible but its kernel."""
import os
import pathlib
import re
import shutil
import signal
import subprocess

# Where the base system is kept between runs; an existing one (debootstrap's minbase of bookworm) is taken as it is.
BASE = pathlib.Path(os.environ.get("SENTINELLA_PRISTINE_BASE", "/var/tmp/sentinella-pristine/base"))


def sh(*command, **kwargs):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, **kwargs)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def why_not():
    """What is missing for such hosts; None when nothing is."""
    if os.geteuid() != 0:
        return "not root"
    for program in ("debootstrap", "ip", "unshare", "setpriv"):
        if not shutil.which(program):
            return f"{program} is not installed"
    probe = subprocess.run(["ip", "netns", "add", "sentinella-probe"], capture_output=True, text=True)
    if probe.returncode != 0:
        return f"no network namespaces: {probe.stderr.strip()}"
    sh("ip", "netns", "del", "sentinella-probe")
    return None


def mirror():
    sources = [pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]
    for file in sources:
        if file.exists() and (found := re.search(r"https?:\S+/debian/?(?=\s)", file.read_text())):
            return found[0].rstrip("/")
    raise AssertionError("apt's sources name no mirror of Debian")


def make_base():
    if (BASE / "bin").exists():
        return
    BASE.parent.mkdir(parents=True, exist_ok=True)
    sh("debootstrap", "--variant=minbase", "bookworm", BASE, mirror(), timeout=900)


def children_of(pid):
    return [int(child) for child in subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()]


def first_of(pid):
    """The innermost of a line of only children: ip becomes unshare, which waits for the host's first process."""
    while children := children_of(pid):
        pid = children[0]
    return pid


class Network:
    """A bridge in a namespace of its own, and the test's own end of it, 10.77.0.254."""

    def __init__(self, name):
        self.name, self.hosts = name, []
        sh("ip", "netns", "add", name)
        sh("ip", "-n", name, "link", "add", "br0", "type", "bridge")
        sh("ip", "-n", name, "link", "set", "br0", "up")
        self.plug(f"{name}-t", None, "10.77.0.254")

    def plug(self, link, namespace, address):
        peer = f"{link}p"
        sh("ip", "link", "add", link, "type", "veth", "peer", "name", peer)
        sh("ip", "link", "set", peer, "netns", self.name)
        sh("ip", "-n", self.name, "link", "set", peer, "master", "br0", "up")
        here = ["ip"]
        if namespace:
            sh("ip", "link", "set", link, "netns", namespace)
            here = ["ip", "-n", namespace]
        sh(*here, "addr", "add", f"{address}/24", "dev", link)
        sh(*here, "link", "set", link, "up")

    def close(self):
        for host in self.hosts:
            host.close()
        subprocess.run(["ip", "link", "del", f"{self.name}-t"], capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)


class Host:
    def __init__(self, network, directory, name, address):
        self.name, self.address, self.namespace = name, address, f"{network.name}-{name}"
        self.units, self.directory, self.updated, self.init = {}, directory / name, False, None
        self.root = self.directory / "root"
        for part in ("root", "upper", "work"):
            (self.directory / part).mkdir(parents=True)
        sh("mount", "-t", "overlay", "overlay", "-o",
           f"lowerdir={BASE},upperdir={self.directory}/upper,workdir={self.directory}/work", self.root)
        sh("ip", "netns", "add", self.namespace)
        network.hosts.append(self)
        network.plug(f"{network.name}-{len(network.hosts)}", self.namespace, address)  # 15 bytes at most
        sh("ip", "-n", self.namespace, "link", "set", "lo", "up")
        for file in ("/etc/resolv.conf", "/etc/hosts"):
            shutil.copy(file, self.root / file[1:])
        shutil.copytree("/etc/ssl/certs", self.root / "etc/ssl/certs", dirs_exist_ok=True)
        shutil.copytree("/etc/apt/apt.conf.d", self.root / "etc/apt/apt.conf.d", dirs_exist_ok=True)
        (self.root / "etc/hostname").write_text(name + "\n")
        (self.root / "etc/machine-id").write_bytes(os.urandom(16).hex().encode() + b"\n")
        (self.root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (self.root / "usr/sbin/policy-rc.d").chmod(0o755)
        # The host's first process holds its namespaces; who enters it comes in through that one.
        self.init = subprocess.Popen(
            ["ip", "netns", "exec", self.namespace, "unshare", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child",
             "sh", "-c", f"hostname {name}; mount -t proc proc {self.root}/proc; mount --rbind /dev {self.root}/dev; "
             f"mkdir -p {self.root}/run; echo ready; exec chroot {self.root} sleep infinity"],
            stdout=subprocess.PIPE, text=True)
        assert self.init.stdout.readline() == "ready\n"
        self.first = first_of(self.init.pid)

    def install(self, *packages):
        """Files and names, with nobody to answer a question; over the machine's own network, which the host does not have."""
        names = []
        for package in packages:
            is_file = str(package).endswith(".deb")
            if is_file:
                shutil.copy(package, self.root / "root")
            names.append(f"/root/{pathlib.Path(package).name}" if is_file else package)
        if not self.updated:
            self.updated = bool(sh("chroot", self.root, "apt-get", "update", timeout=300))
        return sh("chroot", self.root, "env", "LANG=C.UTF-8", "apt-get", "install", "-y", "-qq", "--allow-downgrades", *names,
                  timeout=600)

    def run(self, *command, user=None, check=True, **kwargs):
        entered = ["nsenter", "-t", str(self.first), "-n", "-u", "-i", "-p", "-m", "--", "chroot", str(self.root)]
        if user:
            entered += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        done = subprocess.run([*entered, *map(str, command)], capture_output=True, text=True, stdin=subprocess.DEVNULL, **kwargs)
        assert not check or done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def unit(self, name):
        """What systemd would need to know of the packaged unit."""
        text = (self.root / f"lib/systemd/system/{name}.service").read_text()
        return dict(re.findall(r"^(\w+)=(.*)$", text, re.M))

    def start(self, name, *more):
        """As systemd starts the unit: its directories, its user, its command."""
        unit = self.unit(name)
        for key, place in (("RuntimeDirectory", "run"), ("StateDirectory", "var/lib"), ("LogsDirectory", "var/log")):
            if key in unit:
                self.run("install", "-d", "-o", unit["User"], "-g", unit["Group"], f"/{place}/{unit[key]}")
        log = open(self.directory / f"{name}.out", "ab")
        groups = "--init-groups"
        if extra := unit.get("SupplementaryGroups"):
            known = [g for g in extra.split() if self.run("getent", "group", g, check=False)]
            groups = "--groups=" + ",".join([unit["Group"], *known])
        self.units[name] = subprocess.Popen(
            ["nsenter", "-t", str(self.first), "-n", "-u", "-i", "-p", "-m", "--", "chroot", str(self.root), "setpriv",
             f"--reuid={unit['User']}", f"--regid={unit['Group']}", groups, *unit["ExecStart"].split(), *more],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def stop(self, name):
        process = self.units.pop(name, None)
        if not process:
            return
        # nsenter waits for its child in the other namespace; the child is who gets the signal.
        for child in children_of(process.pid):
            os.kill(child, signal.SIGTERM)
        process.wait(30)

    def log(self, name):
        out = self.directory / f"{name}.out"
        return out.read_text(errors="replace") if out.exists() else ""

    def close(self):
        for name in list(self.units):
            self.stop(name)
        if self.init:
            self.init.kill()
            self.init.wait()
        subprocess.run(["ip", "netns", "del", self.namespace], capture_output=True)
        for path in ("dev", "proc", ""):
            subprocess.run(["umount", "-l", str(self.root / path)], capture_output=True)
