import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))


def pytest_addoption(parser):
    parser.addoption("--testbed", required=True, help="directory of the OpenStack test bed (has a script `testbed`)")


@pytest.fixture(scope="session")
def testbed(request):
    from openstack_bed import Testbed
    bed = Testbed(request.config.getoption("--testbed"))
    bed.up()
    return bed
