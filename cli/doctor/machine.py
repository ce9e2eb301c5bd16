"""What only this machine can say: time-zone data, the age of rules, room on the disk."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from cli.doctor.diagnosis import Finding, bad, skipped, warn, well
from cli.errors import Unusable
from cli.rule_book import rule_book
from policy.time.wall_time import TZDATA_VERSION
from settings import Settings

ZONES, RULES, DISK = "time zones", "calling rules", "disk"
#: Governments change their clocks several times a year, with a few weeks' notice.
STALE_ZONES_DAYS = 365
#: Older than this a rule's source should be looked at again.
STALE_RULE_DAYS = 365
_GIB = 1024**3
_LEAST_FREE = 1 * _GIB


def examine(settings: Settings, today: datetime | None = None) -> Iterator[Finding]:
    now = today or datetime.now(UTC)
    yield _zones(now)
    yield _rules(settings, now)
    yield _disk(settings)


def _zones(now: datetime) -> Finding:
    year = int(TZDATA_VERSION.split(".")[0])
    if now.year - year > 1:
        remedy = "Install a newer Trunkline, or the package tzdata."
        return warn(ZONES, f"The data is of {TZDATA_VERSION}: clocks may have changed.", remedy)
    return well(ZONES, f"tzdata {TZDATA_VERSION}, pinned.")


def _rules(settings: Settings, now: datetime) -> Finding:
    try:
        book = rule_book(settings)
    except Unusable as error:
        return bad(RULES, str(error), "Correct the file; nothing starts until then.")
    old = [one.id for one in book.rules if (now.date() - one.verified_on).days > STALE_RULE_DAYS]
    if old:
        few = ", ".join(old[:3]) + (" …" if len(old) > 3 else "")
        remedy = "Install a newer Trunkline, or look at their sources and say so in overlays."
        return warn(RULES, f"{len(old)} were looked at more than a year ago: {few}", remedy)
    return well(RULES, f"{len(book.rules)} rules, version {book.version}.")


def _disk(settings: Settings) -> Finding:
    url = make_url(settings.database)
    if not url.drivername.startswith("sqlite"):
        return skipped(DISK, "The database is elsewhere: watch its disk there.")
    folder = Path(url.database or ".").resolve().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        reason = error.strerror or str(error)
        return bad(DISK, f"{folder} cannot be looked at: {reason}.", "Make the folder.")
    shown = f"{free / _GIB:.1f} GiB are free in {folder}."
    if free < _LEAST_FREE:
        return bad(DISK, shown, "Make room: when the disk is full nothing is accepted.")
    return well(DISK, shown)
