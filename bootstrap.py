"""What every process that runs for long does alike before it begins, from its settings."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from policy.rules import BadRules, installed_book
from settings import Settings
from storage.database.postgresql import ConnectionOptions, Pool, TimeOuts
from storage.facts.gather import FactGatherer
from storage.number_hash import Hasher

#: Objects made between two looks for garbage in cycles. Python's 700 has a worker spend a tenth of
#: its time looking. The last numbers are for what has lasted a while: with 20 a worker grew by
#: 60 MiB over ten thousand calls, unlooked at.
GC_THRESHOLDS = (20_000, 10, 5)


def fact_gatherer(settings: Settings) -> FactGatherer:
    """Where facts come from; raises BadRules for an operator's rules that cannot be read."""
    return FactGatherer(
        book=installed_book(settings.rules_dir),
        hasher=Hasher.of(settings.privacy_key.get_secret_value()),
        simulated=settings.phones_are_simulated,
    )


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
    """With rules that cannot be read a process ends at once, with one sentence and exit code 2."""
    try:
        yield
    except BadRules as error:
        sys.stderr.write(f"trunkline: The rules cannot be read: {error}.\n")
        sys.exit(2)


def settle_in() -> None:
    """Tells Python that what has been imported stays."""
    gc.collect()
    gc.freeze()
    # Old garbage is looked for when it is a quarter of what was there the last time: nothing, now.
    gc.collect()
    gc.set_threshold(*GC_THRESHOLDS)
