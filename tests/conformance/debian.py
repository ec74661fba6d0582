"""Debian's own packages, without touching the machine: lists, downloads and unpacked files stay in build/conformance.

apt runs with a sources list and state of its own and checks signatures as always; no root is needed. It knows of no
installed packages: a newer version on this machine would be its candidate, and is in no list it has.
"""
import pathlib
import subprocess
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / "build/conformance"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def mirror():
    """Where this machine gets Debian 12 from."""
    targets = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL) $(CODENAME)",
                              "Created-By: Packages"], capture_output=True, text=True, check=True).stdout
    for line in targets.splitlines():
        uri, label, codename = line.split(" ", 2)
        if label == "Debian" and codename == "bookworm":
            return uri
    raise AssertionError(f"apt's sources name no Debian 12:\n{targets}")


def apt(*arguments, cwd):
    state = CACHE / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    (state / "installed").touch()
    sources = state / "sources.list"
    lines = [f"{kind} [signed-by={KEYRING}] {mirror()} bookworm main" for kind in ("deb", "deb-src")]
    sources.write_text("\n".join(lines) + "\n")
    options = {"Dir::Etc::SourceList": sources, "Dir::Etc::SourceParts": "/dev/null",
               "Dir::State::Lists": state / "lists", "Dir::State::status": state / "installed",
               "Dir::Cache": state / "cache",
               "APT::Sandbox::User": "", "Acquire::Retries": 3}
    command = ["apt-get", "-q"]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    result = subprocess.run(command + list(arguments), cwd=cwd, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, f"apt-get {' '.join(arguments)}:\n{result.stdout}\n{result.stderr}"


def fetched(kind, package, *more):
    """The folder that holds what apt-get `kind` fetched of `package` (and more); fetches it the first time."""
    folder = CACHE / f"{package}-{kind}"
    done = folder / ".complete"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        apt("update", cwd=folder)
        arguments = ["source", "--download-only", package] if kind == "source" else ["download", package, *more]
        apt(*arguments, cwd=folder)
        done.touch()
    return folder


def source_files(package, within):
    """Files under the folder `within` of a source package: {name: text}."""
    archive, = fetched("source", package).glob("*.orig.tar.*")
    files = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            parent, _, name = member.name.partition("/")[2].rpartition("/")
            if member.isfile() and parent == within:
                files[name] = tar.extractfile(member).read().decode()
    return files


def program(package, path):
    """A program out of a binary package, unpacked beside it."""
    folder = fetched("download", package)
    unpacked = folder / "root"
    if not (unpacked / path).exists():
        archive, = folder.glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", archive, unpacked], check=True)
    return unpacked / path


def unpacked(package, *more):
    """The root of a tree with binary packages unpacked over each other: `package` and what it needs of others."""
    folder = fetched("download", package, *more)
    root, done = folder / "root", folder / ".unpacked"
    if not done.exists():
        for archive in folder.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", archive, root], check=True)
        done.touch()
    return root
