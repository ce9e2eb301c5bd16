"""Which attempts of a call count for what, and how long it waits after those that count not."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import takewhile

from policy.facts import AttemptFact, Facts
from policy.model.call import UNCOUNTED_RESULTS, AttemptResult

THROTTLE_FIRST = timedelta(seconds=5)
THROTTLE_LONGEST = timedelta(minutes=5)


def throttle_delay(in_a_row: int) -> timedelta:
    """Back-off after the n-th throttled request in a row: 5 s, doubled each time, up to 5 min."""
    doublings = min(in_a_row - 1, 10)
    return min(THROTTLE_FIRST * (1 << doublings), THROTTLE_LONGEST)


def not_sent_delay(in_a_row: int) -> timedelta:
    """Back-off after the n-th attempt in a row that was not sent: none, then as if throttled.

    Once it is the call's own news, such as a full cap, which the next decision sees. After that it
    may be something that lasts, such as an API that does not answer.
    """
    return throttle_delay(in_a_row - 1) if in_a_row > 1 else timedelta()


def not_sent_in_a_row(attempts: Sequence[AttemptFact]) -> int:
    tail = takewhile(lambda one: one.result is AttemptResult.NOT_SENT, reversed(attempts))
    return len(list(tail))


def in_order(facts: Facts) -> list[AttemptFact]:
    return sorted(facts.attempts, key=lambda attempt: attempt.number)


def counted_of(facts: Facts) -> list[AttemptFact]:
    return [one for one in in_order(facts) if one.result not in UNCOUNTED_RESULTS]


def served_of(counted: Sequence[AttemptFact]) -> list[AttemptFact]:
    """Those that count in the one budget: a call that could not be spoken in has its own."""
    return [one for one in counted if one.result is not AttemptResult.NOT_SERVED]


def throttles_in_a_row(facts: Facts) -> int:
    sent = [one for one in in_order(facts) if one.result is not AttemptResult.NOT_SENT]
    tail = takewhile(lambda one: one.result is AttemptResult.THROTTLED, reversed(sent))
    return len(list(tail))
