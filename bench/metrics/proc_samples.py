"""Records what this machine's /proc says, once a second: a line per series, its name and its values."""
import os
import pathlib
import time

TICK = os.sysconf("SC_CLK_TCK")
CPU_STATES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
PROC = pathlib.Path("/proc")


def host():
    figures = {}
    for line in (PROC / "stat").read_text().splitlines():
        name, *values = line.split()
        if name.startswith("cpu"):
            figures |= {f"{name}_{state}": int(value) / TICK for state, value in zip(CPU_STATES, values)}
        elif name != "softirq":
            figures[f"stat_{name}"] = int(values[0])
    for line in (PROC / "meminfo").read_text().splitlines():
        name, value, *unit = line.split()
        figures["mem_" + name.rstrip(":")] = int(value) * (1024 if unit else 1)
    for line in (PROC / "diskstats").read_text().splitlines():
        _, _, name, *values = line.split()
        if not name.startswith(("loop", "ram")):
            figures |= {f"disk_{name}_{i}": int(value) for i, value in enumerate(values[:11])}
    for line in (PROC / "net/dev").read_text().splitlines()[2:]:
        name, values = line.split(":")
        figures |= {f"net_{name.strip()}_{i}": int(value) for i, value in enumerate(values.split())}
    for line in (PROC / "vmstat").read_text().splitlines():
        name, value = line.split()
        if name.startswith(("pg", "nr_", "psw")):
            figures["vm_" + name] = int(value)
    loads = (PROC / "loadavg").read_text().split()[:3]
    figures |= {f"load_{i}": float(value) for i, value in enumerate(loads)}
    figures["uptime"] = float((PROC / "uptime").read_text().split()[0])
    return figures


def processes(pids):
    figures = {}
    for pid in pids:
        try:
            fields = (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        figures |= {f"proc_{pid}_utime": int(fields[11]) / TICK, f"proc_{pid}_stime": int(fields[12]) / TICK,
                    f"proc_{pid}_minflt": int(fields[7]), f"proc_{pid}_threads": int(fields[17]),
                    f"proc_{pid}_rss": int(fields[21]) * os.sysconf("SC_PAGE_SIZE")}
    return figures


def record(path, seconds):
    """Series that were there all the time; of processes the twenty largest."""
    def size(pid):
        try:
            return int((PROC / pid / "statm").read_text().split()[1])
        except OSError:
            return 0
    pids = sorted((entry.name for entry in PROC.iterdir() if entry.name.isdigit()), key=size)[-20:]
    rows, start = [], time.monotonic()
    for second in range(seconds):
        time.sleep(max(0, start + second - time.monotonic()))
        rows.append(host() | processes(pids))
    names = [name for name in rows[0] if all(name in row for row in rows)]
    path.write_text("".join(f"{name} {' '.join(repr(row[name]) for row in rows)}\n" for name in names))
