"""kill -9 of a watched process until the webhook has the page: pidfd, spool, journal, rules, outbox, HTTP."""
import pathlib
import statistics
import tempfile
import time

import harness

KILLS = 20


def run():
    with tempfile.TemporaryDirectory() as directory:
        base = pathlib.Path(directory)
        server = harness.Server(base).start()
        webhook = harness.Webhook()
        harness.add_webhook(server.client(), webhook.url, min_tier="page")
        service = harness.Service(base, "nova-api").start()
        agent = harness.Agent(base, server, [service], node="bench").start()
        try:
            harness.wait_for("the service to be up", lambda: b'"up"' in server.client().get("/api/v1/overview").body)
            time.sleep(1)
            told, cleared = [], []
            for _ in range(KILLS):
                start = len(webhook.received)
                killed = time.time()
                service.kill()
                at = harness.wait_for("the page", lambda: next(
                    (t for t, b, _ in webhook.received[start:] if b["event"] in ("alert.opened", "alert.reopened")), None))
                told.append(at - killed)
                began = time.time()
                service.start()
                at = harness.wait_for("the all-clear", lambda: next(
                    (t for t, b, _ in webhook.received[start:] if b["event"] == "alert.closed"), None))
                cleared.append(at - began)
                time.sleep(0.2)
            print("| of 20 | told after ms | resolved after ms |\n|---|---|---|")
            for name, pick in (("median", statistics.median), ("worst", max)):
                print(f"| {name} | {pick(told) * 1000:.0f} | {pick(cleared) * 1000:.0f} |")
            print("\nOf the first, 200 ms are the wait for a replacement.")
        finally:
            agent.kill()
            service.kill()
            server.kill()
            webhook.close()
