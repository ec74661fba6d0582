"""rsyslog and syslog-ng of Debian over a log file: fields of each line as JSON into a file, CPU time of the whole program.

rsyslog: imfile, mmnormalize with two rules, omfile. syslog-ng: a regular expression with named groups, format-json. Neither joins
tracebacks, converts times or looks into the request's ids. LOG=FILE gives the file. Debian lets no machine have both: syslog-ng is
unpacked in build/conformance and not installed.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "tests/conformance"))
import debian  # noqa: E402

LAST = "2026-03-02 10:11:12.345 1 INFO the.end [-] this line is the last"
RULES = """version=2
rule=:%date:date-iso% %clock:time-24hr%.%ms:number% %pid:number% %level:word% %component:word% [%context:char-to{"extradata":"]"}%] %message:rest%
rule=:%date:date-iso% %clock:time-24hr%.%ms:number% %pid:number% %level:word% %component:word% %message:rest%
"""
RSYSLOG = """
global(workDirectory="{directory}")
main_queue(queue.workerThreads="1")
module(load="imfile")
module(load="mmnormalize")
template(name="fields" type="list") {{ property(name="$!all-json") constant(value="\\n") }}
ruleset(name="log") {{
  action(type="mmnormalize" rulebase="{directory}/rules")
  action(type="omfile" file="{out}" template="fields")
}}
input(type="imfile" File="{log}" Tag="log" ruleset="log")
"""
SYSLOG_NG = """@version: 3.38
options {{ stats-freq(0); flush-lines(1000); }};
source lines {{ file("{log}" flags(no-parse) follow-freq(0.2) log-fetch-limit(10000) log-iw-size(20000)); }};
parser fields {{ regexp-parser(patterns('^(?<date>\\S+) (?<clock>\\S+) (?<pid>\\d+) (?<level>\\S+) (?<component>\\S+) (\\[(?<context>[^\\]]*)\\] )?(?<message>.*)$')); }};
destination json {{ file("{out}" template("$(format-json date=$date clock=$clock pid=$pid level=$level component=$component context=$context message=$message)\\n")); }};
log {{ source(lines); if {{ parser(fields); }}; destination(json); }};
"""


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ends_with_last(out):
    if not out.exists():
        return False
    with out.open("rb") as file:
        file.seek(max(0, out.stat().st_size - 4096))
        return b"this line is the last" in file.read()


def cpu_until_done(command, out, environment, limit=120):
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + limit
        while not ends_with_last(out):
            if process.poll() is not None:
                raise SystemExit(f"bench: {command[0]} ended: {process.stderr.read()}")
            if time.monotonic() > end:
                raise SystemExit(f"bench: {command[0]} did not come to the end in {limit} s")
            time.sleep(0.1)
        return cpu_seconds(process)
    finally:
        process.kill()
        process.wait()


def speeds(log, scratch):
    """(name, MB per CPU-second) of each. `log` gets a last line to wait for."""
    with log.open("a") as file:
        file.write(LAST + "\n")
    root = debian.unpacked("syslog-ng-core", "libivykis0", "libnet1")
    modules, = root.glob("usr/lib/syslog-ng/*/libafsocket.so")
    libraries = {"LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu:{root}/usr/lib/syslog-ng"}
    for name, config, environment, command in (
            ("rsyslog, mmnormalize with two rules", RSYSLOG, {}, ["rsyslogd", "-n", "-f", "{config}", "-i", "{directory}/pid"]),
            ("syslog-ng, a regular expression", SYSLOG_NG, libraries,
             [f"{root}/usr/sbin/syslog-ng", "-F", "-f", "{config}", f"--module-path={modules.parent}", "-R", "{directory}/persist",
              "-p", "{directory}/pid", "-c", "{directory}/control"])):
        with tempfile.TemporaryDirectory(dir=scratch) as directory:
            places = {"directory": directory, "log": log, "out": f"{directory}/out", "config": f"{directory}/config"}
            pathlib.Path(directory, "rules").write_text(RULES)
            pathlib.Path(directory, "config").write_text(config.format(**places))
            seconds = cpu_until_done([part.format(**places) for part in command], pathlib.Path(directory, "out"), environment)
            yield name, log.stat().st_size / 1e6 / seconds


def run():
    log = os.environ.get("LOG")
    if log is None:
        print("LOG=FILE names the log; ./dev bench logs gives both a corpus of its own")
        return
    with tempfile.TemporaryDirectory(prefix="sentinella-peers-") as scratch:
        copy = pathlib.Path(scratch, "log")
        copy.write_bytes(pathlib.Path(log).read_bytes())
        for name, speed in speeds(copy, scratch):
            print(f"{name}: {speed:.0f} MB per CPU-second")
