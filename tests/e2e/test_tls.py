"""Beyond loopback the port speaks TLS, with a certificate of its own when none was given."""
import hashlib
import http.client
import ssl
import stat

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
