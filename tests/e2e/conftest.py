"""One running stack for all tests that its settings suit; whoever breaks it mends it, too."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack

QUICK = {"TRUNKLINE_UNKNOWN_QUIET_SECONDS": "4", "TRUNKLINE_WATCH_INTERVAL_SECONDS": "1"}


# Not longer than it is asked for: all that it does until the run ends is take others' time.
@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = Stack(tmp_path_factory.mktemp("stack"), QUICK).start()
    yield running
    assert running.stop() == 0
