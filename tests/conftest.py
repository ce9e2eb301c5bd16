"""Who runs beside whom: tests that share something costly share a worker, the longest first.

A group is what the mark `xdist_group` says, else the server that a test needs, else its module.
"""

import gc
from collections.abc import Iterator

import pytest

from tests.databases import SqliteTemplates
from tests.storage.database.postgres import Postgres, running_postgres

#: Started once for each worker that needs one.
SERVERS = ("postgres", "plain", "skipping")
#: The groups that take longest, and wait most of it: the others fill the time in between.
LONGEST = (
    "stack",
    "chaos",
    "benchmarks",
    "campaigns",
    "compliance",
    "skipping",
    "plain",
    "postgres",
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """An empty server; each test makes databases of its own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


# First, so that the groups are there when xdist reads them.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return
    names = {item: _group(item) for item in items}
    items.sort(key=lambda item: LONGEST.index(names[item]) if names[item] in LONGEST else 99)


def _group(item: pytest.Item) -> str:
    """The item's group, which it is given if it has none."""
    if marker := item.get_closest_marker("xdist_group"):
        return str(marker.args[0])
    needed = {*getattr(item, "fixturenames", ()), *_parameters(item)}
    name = next((name for name in SERVERS if name in needed), item.nodeid.partition("::")[0])
    item.add_marker(pytest.mark.xdist_group(name))
    return name


def _parameters(item: pytest.Item) -> Iterator[str]:
    """What a test is run on may be a parameter: `postgresql` means a server."""
    callspec = getattr(item, "callspec", None)
    for value in callspec.params.values() if callspec else ():
        if value == "postgresql":
            yield "postgres"


def pytest_collection_finish() -> None:
    # What collecting made stays, so the collector need not look through it again and again.
    gc.freeze()
