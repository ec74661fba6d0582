import pytest

import harness


def dump(program):
    print(f"\n--- {program.arguments[0]} ---\n{program.log()[-4000:]}")


@pytest.fixture
def programs():
    """Stops, in reverse order, whatever the test started; shows their logs when the test failed."""
    started = []
    yield started
    for program in reversed(started):
        dump(program)
        program.kill()


@pytest.fixture
def server(tmp_path, programs):
    server = harness.Server(tmp_path).start()
    programs.append(server)
    return server


@pytest.fixture
def webhook():
    receiver = harness.Webhook()
    yield receiver
    receiver.close()
