"""What the agent costs when nothing happens: 8 services with idle logs, gauges every 10 s, over TLS with a pinned CA."""
import os
import pathlib
import tempfile
import time

import harness

SECONDS = 120


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def precise_cpu_seconds(pid):
    """Nanosecond run time of every thread, finer than the clock ticks of stat."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in
               pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def resident_mb(pid, field="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def run():
    with tempfile.TemporaryDirectory() as directory:
        base = pathlib.Path(directory)
        server = harness.Server(base, address="0.0.0.0").start()
        services = []
        for number in range(8):
            (base / f"s{number}").mkdir()
            service = harness.Service(base / f"s{number}", f"service-{number}")
            service.start()
            services.append(service)
        for service in services:  # idle: they stand still, and so do their logs
            os.kill(service.process.pid, 19)
        agent = harness.Agent(base, server, services, node="bench",
                              ca_file=str(server.data / "tls/certificate.pem")).start()
        try:
            time.sleep(20)
            pid = agent.process.pid
            before, start = precise_cpu_seconds(pid), time.monotonic()
            time.sleep(SECONDS)
            used = (precise_cpu_seconds(pid) - before) / (time.monotonic() - start) * 60
            print("| measure | value | limit |\n|---|---|---|")
            print(f"| CPU-seconds a minute | {used:.4f} | 0.05 |")
            print(f"| resident MB | {resident_mb(pid):.1f} | 12 |")
            print(f"| peak resident MB | {resident_mb(pid, 'VmHWM'):.1f} | |")
        finally:
            agent.kill()
            for service in services:
                service.kill()
            server.kill()
