#!/usr/bin/python3
"""Logs in oslo.log's format and stops as oslo.service does: announces SIGTERM, then exits with code 1.

With a second argument it keeps a connection to that port, as a worker does to its broker."""
import os
import signal
import socket
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
def is_gone(link):
    try:
        return link.recv(1, socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def stay_connected(link, port):
    """The link, or another one when its other side has gone; None when nobody is there."""
    if link and not is_gone(link):
        return link
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=1)
    except OSError:
        return None


log("INFO", "Started")
beat = 0
broker = None
while True:
    if len(sys.argv) > 2:
        broker = stay_connected(broker, int(sys.argv[2]))
    time.sleep(0.5)
    beat += 1
    log("INFO", f"Heartbeat {beat}")
