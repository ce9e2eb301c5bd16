"""The machine's clock, for what the carrier and the loops do in real time."""

from datetime import UTC, datetime


def utcnow() -> datetime:
    return datetime.now(UTC)
