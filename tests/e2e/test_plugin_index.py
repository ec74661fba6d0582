"""Plug-ins from a signed index: over HTTP and from a directory, and nothing that was tampered with."""
import functools
import http.server
import json
import re
import subprocess
import threading

import pytest

import harness


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Keeper:
    """Whoever keeps plug-ins for a fleet: a directory, a key, and a web server."""

    def __init__(self, directory):
        self.index, self.key = directory / "index", directory / "signing.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key], check=True)
        handler = functools.partial(QuietHandler, directory=str(self.index))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def add(self, version, says="63.5"):
        place = self.index / "tea" / version
        place.mkdir(parents=True)
        (place / "pot.sh").write_text(f"#!/bin/sh\necho '[{{\"name\": \"tea.celsius\", \"value\": {says}}}]'\n")
        (place / "pot.sh").chmod(0o755)
        (place / "plugin.json").write_text(json.dumps(
            {"name": "tea", "version": version, "functions": {"pot": {"command": ["./pot.sh"]}}}))

    def sign(self):
        done = subprocess.run([harness.BIN / "sentinella", "index", self.index, "--signing-key", self.key],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        self.public = re.search(r'"key": "([^"]+)"', done.stdout)[1]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def keeper(tmp_path):
    keeper = Keeper(tmp_path)
    keeper.add("1.9")
    keeper.sign()
    yield keeper
    keeper.close()


@pytest.fixture
def sentinella(tmp_path, keeper):
    config = tmp_path / "etc/sentinella.conf"
    config.parent.mkdir()

    def run(*words, url=keeper.url, key=keeper.public):
        config.write_text(json.dumps({"account_key": "k", "plugin_index": {"url": url, "key": key},
                                      "plugins": {"tea": ["pot"]}, "state_dir": str(tmp_path / "state")}))
        done = subprocess.run([harness.BIN / "sentinella", "-c", config, *words], capture_output=True, text=True,
                              timeout=30)
        return done.returncode, done.stdout + done.stderr
    return run


def test_a_plug_in_is_installed_by_its_name_and_upgraded(keeper, sentinella):
    code, text = sentinella("list", "--available")
    assert code == 0 and re.search(r"tea +1\.9", text), text
    assert sentinella("install", "tea")[0] == 0
    assert "tea_celsius" in sentinella("run", "--once", "--print")[1]
    keeper.add("1.10")
    keeper.sign()
    code, text = sentinella("upgrade", "tea", url=str(keeper.index))
    assert code == 0 and "tea 1.10" in text, text
    assert sentinella("uninstall", "tea")[0] == 0
    code, text = sentinella("install", "tea", "1.9")
    assert code == 0 and "tea 1.9" in text, text


def test_a_foreign_signature_a_changed_file_and_an_old_index_are_refused(keeper, sentinella, tmp_path):
    (tmp_path / "foreign").mkdir()
    foreign = Keeper(tmp_path / "foreign")
    foreign.add("6.6")
    foreign.sign()
    foreign.close()
    installed = tmp_path / "etc/plugins/tea"
    code, text = sentinella("install", "tea", url=str(foreign.index))
    assert code != 0 and "not signed" in text and not installed.exists(), text

    old = {name: (keeper.index / name).read_bytes() for name in ("index.json", "index.json.sig")}
    keeper.add("1.10")
    keeper.sign()
    script = keeper.index / "tea/1.10/pot.sh"
    good = script.read_text()
    script.write_text(good + "rm -rf /\n")
    code, text = sentinella("install", "tea")
    assert code != 0 and "not the file that was signed" in text and not installed.exists(), text
    script.write_text(good)
    assert sentinella("install", "tea")[0] == 0

    code, text = sentinella("upgrade", "tea", "1.9")
    assert code != 0 and "the newer 1.10 is installed" in text, text
    for name, content in old.items():
        (keeper.index / name).write_bytes(content)
    code, text = sentinella("upgrade", "tea")
    assert code != 0 and "old one" in text, text
    assert json.loads((installed / "plugin.json").read_text())["version"] == "1.10"
