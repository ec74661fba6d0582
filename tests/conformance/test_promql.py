"""PromQL as Prometheus 2.42 tells it: upstream's own test scripts, out of Debian's source package, run against us."""
import re
import subprocess

import debian
import harness
import pytest

SCRIPTS = ["aggregators", "at_modifier", "collision", "functions", "histograms", "literals", "operators", "selectors",
           "staleness", "subquery", "trig_functions"]
# Deviations: {script: {line: reason}}.
DEVIATIONS = {}


@pytest.fixture(scope="module")
def scripts():
    return debian.source_files("prometheus", "promql/testdata")


def run(path):
    return subprocess.run([harness.BIN / "promql_test_runner", path], capture_output=True, text=True, timeout=120)


def test_no_script_is_left_out(scripts):
    assert sorted(scripts) == [f"{name}.test" for name in SCRIPTS]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_expectation_holds(scripts, name, tmp_path):
    path = tmp_path / f"{name}.test"
    path.write_text(scripts[f"{name}.test"])
    result = run(path)
    assert result.returncode in (0, 1), result.stderr
    failed = {int(line) for line in re.findall(r"^FAIL (\d+):", result.stdout, re.M)}
    assert failed == set(DEVIATIONS.get(name, {})), result.stdout
    passed = int(re.search(r"^(\d+) passed", result.stdout, re.M)[1])
    evals = len(re.findall(r"^eval", scripts[f"{name}.test"], re.M))
    assert passed + len(failed) >= evals > 0


def test_a_wrong_expectation_is_seen(tmp_path):
    path = tmp_path / "wrong.test"
    path.write_text("load 1m\n  up{job=\"a\"} 1 2 3\n\neval instant at 1m up\n  up{job=\"a\"} 3\n\n"
                    "eval instant at 1m up\n  up{job=\"b\"} 2\n\neval instant at 1m up\n  up{job=\"a\"} 2\n\n"
                    "eval_fail instant at 1m up\n\neval instant at 1m 1 + 1\n  3\n")
    result = run(path)
    assert result.returncode == 1
    assert {int(line) for line in re.findall(r"^FAIL (\d+):", result.stdout, re.M)} == {4, 7, 13, 15}
