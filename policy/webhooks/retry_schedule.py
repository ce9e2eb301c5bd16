"""Who is told of events, and when again: the retry plan of webhooks. Pure.

Signatures, ids and the meaning of 2xx and 410 are those of Standard Webhooks
(github.com/standard-webhooks/standard-webhooks).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: After each failure in turn; the first try is at once. When they are used up it is given up.
RETRIES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
#: A wait is lengthened by up to this part of it, so that not all come back at once.
JITTER = 0.2
#: A webhook that has failed for as long is disabled.
DISABLED_AFTER = timedelta(days=3)
#: No Retry-After is believed beyond this.
LONGEST_WAIT = timedelta(hours=24)
GONE = 410


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    #: Given up; what comes after it goes out.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """What a receiver answered; `status` None: nothing, and `error` says why."""

    status: int | None = None
    error: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def next_try(
    answer: ReceiverAnswer, failures: int, now: datetime, chance: Callable[[], float]
) -> datetime | None:
    """When to try again after as many failures, the last of them now; None: never.

    `chance` gives a number from 0 to 1. A Retry-After lengthens the wait, and never shortens it.
    """
    if failures > len(RETRIES):
        return None
    wait = RETRIES[failures - 1] * (1 + JITTER * chance())
    if answer.retry_after is not None:
        wait = max(wait, min(answer.retry_after, LONGEST_WAIT))
    return now + wait


def why_disabled(answer: ReceiverAnswer, failing_since: datetime, now: datetime) -> str | None:
    """Why a webhook that has just failed is not tried any more; None: it is."""
    if answer.status == GONE:
        return "it answered 410 Gone"
    if now - failing_since >= DISABLED_AFTER:
        return f"every request has failed for {DISABLED_AFTER.days} days"
    return None
