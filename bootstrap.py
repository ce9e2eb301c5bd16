"""What every process that runs for long does alike before it begins, from its settings."""

import asyncio
import gc
import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Interceptor

from observability.metrics import CONNECTIONS, INFO
from policy.rules import BadRules, installed_book
from release import version
from settings import Settings
from storage.carriers.sealer import Sealer
from storage.database.engine import Database
from storage.database.postgresql import ConnectionOptions, Pool, TimeOuts
from storage.facts.gather import FactGatherer
from storage.number_hash import Hasher
from storage.privacy import erasure

#: Objects made between two looks for garbage in cycles. Python's 700 has a worker spend a tenth of
#: its time looking. The last numbers are for what has lasted a while: with 20 a worker grew by
#: 60 MiB over ten thousand calls, unlooked at.
GC_THRESHOLDS = (20_000, 10, 5)
#: Between two looks for what is away.
RECONNECT_SECONDS = 1.0

log = structlog.get_logger(__name__)


def fact_gatherer(settings: Settings) -> FactGatherer:
    """Where facts come from; raises BadRules for an operator's rules that cannot be read."""
    return FactGatherer(
        book=installed_book(settings.rules_dir),
        hasher=Hasher.of(settings.privacy_key.get_secret_value()),
        simulated=settings.phones_are_simulated,
    )


def sealer(settings: Settings) -> Sealer:
    """What opens and seals secrets; raises BadSecretKeys for keys that cannot be read."""
    try:
        return Sealer.of(settings.secret_keys.get_secret_value())
    except ValueError as error:
        why = str(error)
    raise BadSecretKeys(why)


class BadSecretKeys(Exception):
    """TRUNKLINE_SECRET_KEYS, or its file. Says why, without quoting it."""


def connection_options(settings: Settings) -> ConnectionOptions:
    """How a process that runs for long connects to its database."""
    return ConnectionOptions(
        Pool(
            settings.database_pool_size,
            settings.database_pool_overflow,
            settings.database_pool_recycle_seconds,
            settings.database_pool_wait_seconds,
        ),
        TimeOuts(
            settings.database_statement_seconds,
            settings.database_lock_seconds,
            settings.database_idle_seconds,
        ),
        by_pooler=settings.database_pooler,
        replica_url=settings.read_database_url,
        replica_lag_seconds=settings.read_lag_seconds,
    )


@contextmanager
def readable_rules() -> Iterator[None]:
    """With rules or keys that cannot be read a process ends at once, with a sentence and code 2."""
    try:
        yield
    except BadRules as error:
        sys.stderr.write(f"trunkline: The rules cannot be read: {error}.\n")
        sys.exit(2)
    except BadSecretKeys as error:
        sys.stderr.write(f"trunkline: TRUNKLINE_SECRET_KEYS: {error}.\n")
        sys.exit(2)


def name_process(part: str) -> None:
    """In its metrics: `api` or `worker`."""
    INFO.labels(version(), part).set(1)


def measure_pool(db: Database) -> None:
    """Its connections are counted whenever metrics are read."""
    CONNECTIONS.labels("used").set_function(lambda: db.connections()[0])
    CONNECTIONS.labels("idle").set_function(lambda: db.connections()[1])


def trace_interceptors(settings: Settings, part: str) -> list[Interceptor]:
    """For the client of Temporal, where traces are wanted. Call once a process.

    Raises SystemExit if the libraries for it are not installed.
    """
    if not settings.otlp_endpoint:
        return []
    try:
        otlp = importlib.import_module("observability.otlp")
    except ImportError:
        sys.stderr.write("trunkline: TRUNKLINE_OTLP_ENDPOINT needs the extra `otel`.\n")
        sys.exit(2)
    return [otlp.start(settings.otlp_endpoint, part, version())]


async def require_privacy_key(db: Database, gatherer: FactGatherer) -> None:
    """Erased people are found by their keyed hashes only: under another key they would be dialed.

    Raises SystemExit; waits for a database that is away.
    """
    while True:
        try:
            async with db.read() as session:
                lost = await erasure.foreign_key_in_use(session, gatherer.hasher)
            break
        except (SQLAlchemyError, OSError) as error:
            log.warning("worker.database_away", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_SECONDS)
    if lost:
        log.error("worker.privacy_key", detail="people were erased under another PRIVACY_KEY")
        raise SystemExit("TRUNKLINE_PRIVACY_KEY is not the one that people were erased under.")


def settle_in() -> None:
    """Tells Python that what has been imported stays."""
    gc.collect()
    gc.freeze()
    # Old garbage is looked for when it is a quarter of what was there the last time: nothing, now.
    gc.collect()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()
