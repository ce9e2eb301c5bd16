"""Virtual time: whole microseconds since 1970, which are exact and quick to reckon with."""

from datetime import UTC, datetime, timedelta

from policy.time.wall_time import utc

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def tick_of(instant: datetime) -> int:
    """The tick of an aware instant."""
    return (utc(instant) - _EPOCH) // MICROSECOND


def instant_of(tick: int) -> datetime:
    """The instant in UTC."""
    return _EPOCH + timedelta(microseconds=tick)


def ticks_of(span: timedelta) -> int:
    """A duration in ticks."""
    return span // MICROSECOND
