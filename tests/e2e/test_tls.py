"""Beyond loopback the port speaks TLS, with a certificate of its own when none was given."""
import hashlib
import http.client
import json
import ssl
import stat
import subprocess

import harness
import pytest


@pytest.fixture
def exposed(tmp_path, programs):
    server = harness.Server(tmp_path, address="0.0.0.0").start()
    programs.append(server)
    return server


def fingerprint(server):
    pem = (server.data / "tls/certificate.pem").read_text()
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def test_an_exposed_listener_speaks_tls_only(exposed):
    assert exposed.url.startswith("https://")
    assert exposed.client().get("/api/v1/overview").status == 200
    key = exposed.data / "tls/key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    plain = http.client.HTTPConnection(exposed.client().url.hostname, exposed.client().url.port, timeout=5)
    with pytest.raises((OSError, http.client.HTTPException)):
        plain.request("GET", "/api/v1/overview")
        assert plain.getresponse().status >= 400
        raise OSError("answered in plain text, but refused")


def test_an_agent_trusts_the_pinned_certificate_and_no_other(tmp_path, exposed, programs):
    service = harness.Service(tmp_path, "nova-api").start()
    programs.append(service)
    wrong = harness.Agent(tmp_path, exposed, [service], name="wrong", node="wrong", pinned_sha256="00" * 32).start()
    right = harness.Agent(tmp_path, exposed, [service], name="right", node="right",
                          pinned_sha256=fingerprint(exposed)).start()
    programs += [wrong, right]
    hosts = lambda: {n["host"] for n in exposed.client().get("/api/v1/overview").json["nodes"]}
    harness.wait_for("the agent that pins the right certificate", lambda: "right" in hosts())
    assert "wrong" not in hosts()
    assert "certificate" in wrong.log()


def test_a_node_is_enrolled_with_the_one_command_that_the_token_makes(tmp_path, exposed, programs):
    made = exposed.client().post("/api/v1/enrolment-tokens", {"life": "30m"}).json
    assert made["certificate_sha256"] == fingerprint(exposed)
    assert made["certificate_sha256"] in exposed.log()
    command = ["init", "--yes", "--server-url", exposed.url, "--account-key", made["token"],
               "--pinned-sha256", made["certificate_sha256"]]
    # Beside what the page says only where this test has its files, and what to call the machine.
    config = tmp_path / "enrolled.conf"
    agent = [harness.BIN / "sentinella", "-c", config, "-p", tmp_path / "enrolled.pid"]
    subprocess.run([*agent, *command, "--state-dir", tmp_path / "state", "--log-file", tmp_path / "enrolled.log"],
                   check=True, stdout=subprocess.DEVNULL)
    config.write_text(json.dumps({**json.loads(config.read_text()), "node": "enrolled"}))
    programs.append(harness.Program([*agent, "run"], tmp_path / "enrolled.out").start())
    overview = lambda: exposed.client().get("/api/v1/overview").json["nodes"]
    harness.wait_for("the node to be seen", lambda: "enrolled" in {n["host"] for n in overview()})


def test_a_server_in_plain_text_has_nothing_to_pin(tmp_path, programs):
    server = harness.Server(tmp_path).start()
    programs.append(server)
    made = server.client().post("/api/v1/enrolment-tokens", {}).json
    assert made["certificate_sha256"] == ""
