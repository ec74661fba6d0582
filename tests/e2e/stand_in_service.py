#!/usr/bin/python3
"""Logs in oslo.log's format and stops as oslo.service does: announces SIGTERM, then exits with code 1."""
import os
import signal
import sys
import time

LOG = open(sys.argv[1], "a", buffering=1)


def log(level, text):
    now = time.time()
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}"
    LOG.write(f"{stamp} {os.getpid()} {level} stand_in.service [-] {text}\n")


def stop(number, _frame):
    log("INFO", f"Caught {signal.Signals(number).name}, exiting")
    sys.exit(1)


signal.signal(signal.SIGTERM, stop)
log("INFO", "Started")
beat = 0
while True:
    time.sleep(0.5)
    beat += 1
    log("INFO", f"Heartbeat {beat}")
