#!/usr/bin/env python3
"""What the packages are made of, as SPDX 2.3: our two programs, the Debian libraries they load, the UI's npm packages.

Writes build/packages/sentinella-VERSION.spdx.json; the same commit on the same machine gives the same file.
"""
import json
import os
import pathlib
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAMS = ("sentinella", "sentinella-server")


def run(*arguments):
    return subprocess.run(arguments, text=True, capture_output=True).stdout


def libraries(program):
    """(Debian package, version) of every library that the program loads."""
    found = set()
    for path in re.findall(r"=> (/\S+)", run("ldd", program)):
        real = os.path.realpath(path)
        for candidate in (real, real.removeprefix("/usr"), "/usr" + real):
            owner = run("dpkg-query", "-S", candidate).split(":")[0]
            if owner:
                found.add((owner, run("dpkg-query", "-W", "-f=${Version}", owner)))
                break
    return sorted(found)


def npm_packages():
    """What the UI is bundled of: the packages that are not for development only."""
    lock = json.loads((ROOT / "ui/package-lock.json").read_text())
    return sorted((path.rpartition("node_modules/")[2], entry["version"]) for path, entry in lock["packages"].items()
                  if path and not entry.get("dev"))


def package(kind, name, version, purl):
    identity = re.sub(r"[^A-Za-z0-9.-]", "-", f"SPDXRef-{kind}-{name}-{version}")
    return {"SPDXID": identity, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                                      "referenceLocator": purl}]}


def main():
    version = re.search(r"^project\(sentinella VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "-C", ROOT, "log", "-1", "--format=%ct") or 0)
    packages, relations = {}, []
    for program in PROGRAMS:
        ours = package("program", program, version, f"pkg:generic/{program}@{version}")
        packages[ours["SPDXID"]] = ours
        relations.append(("SPDXRef-DOCUMENT", "DESCRIBES", ours["SPDXID"]))
        parts = [package("deb", name, of, f"pkg:deb/debian/{name}@{of}")
                 for name, of in libraries(ROOT / "build/release/bin" / program)]
        if program == "sentinella-server":
            parts += [package("npm", name, of, f"pkg:npm/{name.replace('@', '%40')}@{of}") for name, of in npm_packages()]
        for part in parts:
            packages[part["SPDXID"]] = part
            relations.append((ours["SPDXID"], "DEPENDS_ON", part["SPDXID"]))
    document = {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"sentinella-{version}",
        "documentNamespace": f"https://sentinella.invalid/spdx/{version}/{epoch}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch)),
                         "creators": ["Tool: packaging/sbom.py"]},
        "packages": list(packages.values()),
        "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations]}
    out = ROOT / f"build/packages/sentinella-{version}.spdx.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
    print(f"{out.relative_to(ROOT)}: {len(packages)} packages")


if __name__ == "__main__":
    main()
