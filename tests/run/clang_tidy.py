#!/usr/bin/env python3
"""clang-tidy file by file over the sources of build/lint, or over those below the folders that are named.

A file that was clean is not read again until it, a header that it includes, its command or .clang-tidy changes: who
stops this in the middle goes on where it was. What was found stays in build/lint/tidy, and ends the run with 1.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build/lint"
KEPT = BUILD / "tidy"
CONFIG = ROOT / ".clang-tidy"


def ours(file):
    """Neither a measurement nor a file that the build makes."""
    return file.is_relative_to(ROOT / "src") and not file.name.endswith("_bench.cpp")


def headers_of(command):
    """The files of ours that one includes, itself among them; None where it cannot be preprocessed."""
    words = [word for word in shlex.split(command) if word != "-Werror"]
    cut = words.index("-o")
    asked = ["clang++-19", *words[1:cut], *words[cut + 2:], "-w", "-MM", "-MT", "x"]
    made = subprocess.run(asked, capture_output=True, text=True, cwd=BUILD)
    if made.returncode != 0:
        return None
    files = made.stdout.replace("\\\n", " ").split()[1:]
    return sorted(file for file in files if Path(file).is_relative_to(ROOT))


def state_of(entry):
    """Changes with everything that clang-tidy would read of ours; None where that is not known."""
    files = headers_of(entry["command"])
    if files is None:
        return None
    state = hashlib.sha256(entry["command"].encode())
    for file in [CONFIG, *files]:
        state.update(Path(file).read_bytes())
    return state.hexdigest()


def look(entry):
    """What is wrong with a file, "" if nothing is; and whether it had to be read."""
    file = entry["file"]
    kept = KEPT / Path(file).relative_to(ROOT)
    clean, found = kept.with_suffix(".clean"), kept.with_suffix(".txt")
    state = state_of(entry)
    if state and clean.exists() and clean.read_text() == state:
        return "", False
    clean.unlink(missing_ok=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    asked = ["clang-tidy-19", "-p", str(BUILD), "--quiet", "--extra-arg=-Wno-unknown-warning-option", file]
    done = subprocess.run(asked, capture_output=True, text=True)
    if done.returncode == 0:
        found.unlink(missing_ok=True)
        if state:
            clean.write_text(state)
        return "", True
    said = done.stdout or done.stderr or f"clang-tidy ended with {done.returncode}\n"  # it was killed
    found.write_text(said)
    return said, True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count(), help="files at a time")
    parser.add_argument("folder", nargs="*", type=lambda text: Path(text).resolve(), help="default: all")
    asked = parser.parse_args()
    entries = [entry for entry in json.loads((BUILD / "compile_commands.json").read_text()) if ours(Path(entry["file"]))]
    if asked.folder:
        entries = [entry for entry in entries if any(Path(entry["file"]).is_relative_to(one) for one in asked.folder)]
    if not entries:
        sys.exit("no source of the build is there")
    bad, read = [], 0
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        for number, (entry, (said, was_read)) in enumerate(zip(entries, pool.map(look, entries)), 1):
            name = Path(entry["file"]).relative_to(ROOT)
            read += was_read
            if said:
                bad.append(name)
                print(said, end="")
            if was_read:
                print(f"[{number}/{len(entries)}] {name}: {'findings' if said else 'clean'}", flush=True)
    print(f"clang-tidy: {len(entries) - len(bad)} of {len(entries)} files are clean, {read} were read now")
    for name in bad:
        print(f"  findings in {name}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
