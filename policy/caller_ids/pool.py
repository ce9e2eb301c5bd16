"""Which of an agent's caller IDs a person is shown while some of them are not to be.

Most pools have no marks, and then nothing is looked at. Where some have, only those move whose
number it is: everybody else goes on seeing theirs, and comes back to it when the mark goes.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import blake2b

from policy.location.caller_ids import choose


class Mark(StrEnum):
    """Why a caller ID of an agent is not shown, or only to some."""

    BARRED = "barred"  # the carrier would refuse it
    RESTED = "rested"  # people let it ring
    PROBATION = "probation"  # it was rested and is tried again


Marks = Mapping[str, str]
#: Of whose number is on probation, one in so many sees it.
PROBATION_SHARE = 4


def chosen(caller_ids: Sequence[str], marks: Marks | None, endpoint: str) -> str:
    """The number to call an endpoint from; `caller_ids` has at least one.

    Never leaves a pool empty: where all are rested, rested ones are shown; where all are barred,
    the one that would be shown anyway, and policy holds the call.
    """
    own = choose(caller_ids, endpoint)
    mark = marks.get(own) if marks else None
    if marks is None or mark is None or (mark == Mark.PROBATION and _tries(endpoint)):
        return own
    others = shown(caller_ids, marks)
    if own in others and mark != Mark.PROBATION:
        return own
    return choose(others, endpoint)


def shown(caller_ids: Sequence[str], marks: Marks) -> tuple[str, ...]:
    """Those that people are shown instead of marked ones, never none of them."""
    for tolerated in (
        frozenset[str](),
        frozenset({Mark.PROBATION.value}),
        frozenset({Mark.PROBATION.value, Mark.RESTED.value}),
    ):
        found = tuple(one for one in caller_ids if marks.get(one, "") in {"", *tolerated})
        if found:
            return found
    return tuple(caller_ids)


def moved(caller_ids: Sequence[str], marks: Marks, endpoint: str, now_from: str) -> str:
    """The number that a waiting call is made from after a change of the marks.

    One that was named, which the pool would not have chosen before this one was marked, stays as
    it is. So whoever has moved once moves again.
    """
    before = {one: mark for one, mark in marks.items() if one != now_from}
    if now_from not in marks or chosen(caller_ids, before, endpoint) != now_from:
        return now_from
    return chosen(caller_ids, marks, endpoint)


def is_barred(marks: Marks | None, number: str) -> bool:
    return marks is not None and marks.get(number) == Mark.BARRED


def are_all_barred(caller_ids: Sequence[str], marks: Marks | None) -> bool:
    return marks is not None and all(is_barred(marks, number) for number in caller_ids)


def _tries(endpoint: str) -> bool:
    """Whether this person is among those who try a number on probation; always the same ones."""
    digest = blake2b(endpoint.encode(), digest_size=4, person=b"probation").digest()
    return int.from_bytes(digest, "big") % PROBATION_SHARE == 0
