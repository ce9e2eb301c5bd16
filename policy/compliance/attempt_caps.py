"""How often a person may be called: caps over rolling spans, cool-downs after a conversation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from policy.model.person import PastDial
from policy.rules.model import CapRule
from policy.time.wall_time import utc


@dataclass(frozen=True, slots=True)
class Capped:
    """The rule that a further call would break before `until`."""

    rule: CapRule
    until: datetime


def next_by_caps(
    rules: Iterable[CapRule],
    dials: Sequence[PastDial],
    subject: str | None,
    now: datetime,
) -> Capped | None:
    """The cap that holds a call back the longest, or None when all have room at `now`.

    A dial counts in [at, at + within): from then on there is room again.
    """
    held = [
        Capped(rule, until)
        for rule in rules
        if (until := _room_from(rule, dials, subject)) is not None and until > utc(now)
    ]
    return max(held, key=lambda one: one.until, default=None)


def _room_from(rule: CapRule, dials: Sequence[PastDial], subject: str | None) -> datetime | None:
    """When the dials on file leave room for one more; None: always."""
    counted = sorted(utc(dial.at) for dial in dials if _counts(rule, dial, subject))
    if len(counted) < rule.most:
        return None
    return counted[-rule.most] + rule.within


def _counts(rule: CapRule, dial: PastDial, subject: str | None) -> bool:
    if rule.counts == "conversations" and not dial.talked:
        return False
    # A call that names no subject might be about the same one.
    return rule.per == "number" or None in (dial.subject, subject) or dial.subject == subject
