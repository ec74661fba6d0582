"""A real cloud tells us itself: what happens to an instance is in its story within two seconds, and what the cloud has is in the
catalogue, with nothing but its message bus between."""
import datetime
import statistics
import threading
import time

import harness

LIMIT = 2.0  # seconds, from the act's own time stamp to the instance's page
ACTS = {"created", "live-migrated", "resized", "deleted"}


class Watcher(threading.Thread):
    """Reads the stories as their pages do, and notes when each chapter was there first."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client, self.stopping = server.client(), threading.Event()
        self.seen, self.stories = {}, {}

    def run(self):
        while not self.stopping.is_set():
            for event in self.client.items("/api/v1/events", type="compute.instance.create.*", limit=200):
                self.stories.setdefault(event["traits"]["instance_id"], None)
            for instance in list(self.stories):
                answer = self.client.get(f"/api/v1/instances/{instance}/story")
                now = time.time()
                if answer.status != 200:
                    continue
                self.stories[instance] = answer.json
                for chapter in answer.json["chapters"]:
                    self.seen.setdefault((instance, chapter["event_id"]), (chapter["act"], now - epoch(chapter["time"])))
            self.stopping.wait(0.1)

    def finish(self):
        self.stopping.set()
        self.join(10)


def epoch(stamp):
    return datetime.datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def broker_of(testbed):
    lines = (testbed.state / "etc/nova/nova.conf").read_text().splitlines()
    return next(line.split("=", 1)[1].strip() for line in lines if line.startswith("transport_url"))


def test_an_instances_story_is_told_within_two_seconds_of_each_act(testbed, tmp_path):
    testbed.up()
    server = harness.Server(tmp_path, f"[telemetry]\nbrokers = {broker_of(testbed)}\nqueue = story\n"
                                      "[gnocchi]\nauth_mode = basic\n").start()
    try:
        client = server.client()
        harness.wait_for("the server to listen", lambda: client.get("/api/v1/telemetry").json["brokers"][0]["connected"],
                         timeout=30)
        watcher = Watcher(server)
        watcher.start()
        print(testbed.run("exercise", "2", check=False)[-1500:])

        def whole():
            return ACTS <= {act for act, _ in watcher.seen.values()}
        harness.wait_for("all acts to be told", whole, timeout=30)
        watcher.finish()
        delays = {act: max(late for seen, late in watcher.seen.values() if seen == act) for act in ACTS}
        every = [late for _, late in watcher.seen.values()]
        print(f"seconds from the act to its story: { {a: round(d, 3) for a, d in delays.items()} }; all {len(every)} chapters: "
              f"median {statistics.median(every):.3f}, worst {max(every):.3f}")
        assert max(delays.values()) < LIMIT, delays
        instance = next(id for id, story in watcher.stories.items() if story and story["deleted"])

        def catalogued():
            answer = client.request("GET", f"/gnocchi/v1/resource/instance/{instance}", None,
                                    {"Authorization": "basic YWRtaW46", "Accept": "application/json"})
            return answer.json if answer.status == 200 else None
        resource = harness.wait_for("the instance in the catalogue", catalogued)
        assert resource["ended_at"] and "memory" in resource["metrics"], resource
        status = client.get("/api/v1/telemetry").json
        assert status["refused"] == status["dead_letters"] == 0, status
    finally:
        server.kill()
