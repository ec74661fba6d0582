"""A disk that is really full: a small file system of its own. Needs the right to mount one."""
import subprocess
import time

import harness
import pytest

BEGIN = int(time.time()) - 3600


@pytest.fixture
def small_disk(tmp_path):
    directory = tmp_path / "disk"
    directory.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(directory)], capture_output=True,
                             text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(file):
    """Writes until the disk takes nothing more."""
    with open(file, "ab", buffering=0) as out:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while out.write(b"x" * size):
                    pass
            except OSError:
                continue


def write(client, number):
    # Of some size, so that no rest of a page takes it.
    lines = "\n".join(f"disk,n={n} sample={number} {BEGIN + number}000000000" for n in range(200))
    return client.post("/influxdb/write", lines.encode())


def values(client):
    answer = client.get("/prometheus/api/v1/query", query='disk_sample{n="0"}[2h]', time=BEGIN + 3600)
    assert answer.status == 200, answer
    return [int(float(v)) for series in answer.json["data"]["result"] for _, v in series["values"]]


def test_a_full_disk_refuses_writes_goes_on_reading_and_recovers_by_itself(small_disk, request):
    server = harness.Server(small_disk).start()
    request.addfinalizer(server.kill)
    client = server.client()
    acknowledged = {n for n in range(5) if write(client, n).status == 204}
    assert len(acknowledged) == 5
    harness.wait_for("the samples", lambda: values(client) == [0, 1, 2, 3, 4])

    filler = small_disk / "filler"
    number = 5
    for _ in range(3):
        assert client.post("/api/v1/changes", {"type": "deploy", "summary": f"before {number}"}).status == 201
        fill(filler)
        refused = 0
        while refused < 3:
            answer = write(client, number)
            if answer.status == 204:  # there was room in a page that had been begun
                acknowledged.add(number)
                fill(filler)
            else:
                assert answer.status in (503, 507), answer
                assert "space" in answer.json["error"]["message"].lower(), answer
                refused += 1
            number += 1
            assert number < 1000, "a full disk takes everything"
        assert set(values(client)) >= set(range(5)), "reading stopped"
        for page in ("/api/v1/events", "/api/v1/changes", "/api/v1/overview"):
            assert client.get(page).status == 200, page
        filler.unlink()

        def taken():
            nonlocal number
            number += 1
            if write(client, number).status == 204:
                acknowledged.add(number)
                return True
            return False
        harness.wait_for("writes to be taken again", taken, timeout=30)
    deploys = client.items("/api/v1/events", type="deploy")
    assert len(deploys) == 3, deploys

    assert server.running(), server.log()[-2000:]
    for _ in range(2):
        harness.wait_for("every acknowledged sample", lambda: set(values(client)) >= acknowledged)
        found = values(client)
        assert len(found) == len(set(found)), "a sample is there twice"
        server.kill()
        server.start()
        client = server.client()
