"""Who runs beside whom: tests that share something costly share a worker, the longest first."""

import gc
from collections.abc import Iterator, Sequence

import hypothesis
import pytest
import structlog
from execnet.xspec import XSpec
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from bootstrap import GC_THRESHOLDS
from storage.database.engine import Database
from tests import forked_workers
from tests.databases import SqliteTemplates, migrated_database
from tests.storage.database.postgres import Postgres, running_postgres

_STACK = (
    *("analytics", "cli", "dev", "gateway", "mcp", "outcomes", "recordings", "reminders"),
    *("refusals", "temporal", "transfers"),
)
_BROWSER = (*("accessibility", "calls", "campaigns", "keyboard", "pathways", "people", "webhooks"),)
_SKIPPING = (
    *("call_paths", "call_time", "compliance", "promises", "reminders", "several_numbers"),
)
_PLAIN = ("call_commands", "campaign", "dispatcher", "former_loops", "workflow_starter")
#: By module; every other one is a group of its own.
GROUPS = {
    **{f"tests/e2e/test_{name}.py": "stack" for name in (*_STACK, "webhooks")},
    **{f"tests/e2e/browser/test_{name}.py": "browser" for name in _BROWSER},
    "tests/e2e/test_chaos.py": "chaos",
    "tests/test_benchmarks.py": "benchmarks",
    "tests/api/contract/test_contract.py": "contract",
    "tests/e2e/test_campaigns.py": "campaigns",
    "tests/e2e/test_compliance.py": "compliance",
    "tests/e2e/test_compose.py": "compose",
    "tests/e2e/test_postgres.py": "postgres",
    **{f"tests/workflows/test_{name}.py": "skipping" for name in _SKIPPING},
    **{f"tests/workflows/test_{name}.py": "plain" for name in _PLAIN},
}
#: How long an example takes says how busy the machine is.
hypothesis.settings.register_profile("whatever the machine", deadline=None)
hypothesis.settings.load_profile("whatever the machine")
#: In this order, before all others: those that wait most of their time, and one that never does.
_FIRST = (
    *("chaos", "contract", "browser", "benchmarks", "stack", "postgres"),
    *("campaigns", "skipping", "compliance", "plain", "compose"),
)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """What a test says of logging, such as a level, is not said to the next."""
    was_configured, before = structlog.is_configured(), structlog.get_config()
    yield
    if was_configured:
        structlog.configure(**before)
    elif structlog.is_configured():
        structlog.reset_defaults()


class Groups(LoadScopeScheduling):
    """Each group on one worker. The mark `xdist_group` does not work with this pytest."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    module, _, test = nodeid.partition("::")
    return "postgres" if "postgresql" in test.partition("[")[2] else GROUPS.get(module, module)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Sequence[XSpec]) -> None:
    if forked_workers.CAN_FORK:
        forked_workers.prepare(config, len(specs))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups | None:
    if config.getvalue("dist") != "load":
        return None
    # As they are sorted below, not by the number of their tests.
    config.option.loadscopereorder = False
    return Groups(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _rank(group_of(item.nodeid)))


def _rank(group: str) -> int:
    return _FIRST.index(group) if group in _FIRST else len(_FIRST)


def pytest_sessionstart() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    # What collecting made stays, so the collector need not look through it again and again.
    gc.freeze()
    gc.enable()
    gc.set_threshold(*GC_THRESHOLDS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not looked at is said, and how it could be."""
    skipped = {one.longrepr[2] for one in terminalreporter.stats.get("skipped", ())}
    for reason in sorted(skipped):
        terminalreporter.write_line(reason, yellow=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """An empty server; each test makes databases of its own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_database(postgres: Postgres) -> Database:
    """The one that `tests.databases.empty_database` empties after each test."""
    return Database(postgres.url(migrated_database(postgres)))


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))
