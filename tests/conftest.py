"""Who runs beside whom: tests that share something costly share a worker, the longest first.

Wants `--dist loadgroup --no-loadscope-reorder`. A group is the mark `xdist_group` of a module, else
the server that a test needs, else its module.
"""

import gc
from collections.abc import Iterator

import pytest

from tests.databases import SqliteTemplates
from tests.storage.database.postgres import Postgres, running_postgres

#: Started once for each worker that needs one.
SERVERS = ("postgres", "plain", "skipping")
#: The groups that take longest, most of it waiting: all else fills the time in between.
LONGEST = ("stack", "chaos", "benchmarks", *SERVERS)


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
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks: dict[pytest.Item, int] = {}
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_group(item)))
        name = _named(item)
        ranks[item] = LONGEST.index(name) if name in LONGEST else len(LONGEST)
    items.sort(key=ranks.__getitem__)


def _group(item: pytest.Item) -> str:
    needed = {*getattr(item, "fixturenames", ()), *_parameters(item)}
    return next((name for name in SERVERS if name in needed), item.nodeid.partition("::")[0])


def _named(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    assert marker is not None
    return str(marker.args[0])


def _parameters(item: pytest.Item) -> Iterator[str]:
    """What a test is run on may be a parameter: `postgresql` means a server."""
    callspec = getattr(item, "callspec", None)
    for value in callspec.params.values() if callspec else ():
        if value == "postgresql":
            yield "postgres"


def pytest_collection_finish() -> None:
    # What collecting made stays, so the collector need not look through it again and again.
    gc.freeze()
