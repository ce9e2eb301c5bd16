"""When a rule's source should be looked at again, and which rules change on a day to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from policy.rules.model import Rule

#: Laws change: older than this, nobody knows whether a rule still says what its source does.
REVIEW_AFTER = timedelta(days=90)
#: What is further away is not looked at.
AHEAD = timedelta(days=366)


def unreviewed(rules: Iterable[Rule], today: date) -> list[Rule]:
    """The rules whose sources are to be looked at again, the oldest first."""
    old = (rule for rule in rules if rule.verified_on + REVIEW_AFTER < today)
    return sorted(old, key=lambda rule: rule.verified_on)


@dataclass(frozen=True, slots=True)
class Change:
    """The rules that begin to hold on a day, and those that hold no longer."""

    on: date
    begins: tuple[Rule, ...]
    ends: tuple[Rule, ...]


def changes(rules: Iterable[Rule], today: date) -> list[Change]:
    """Every day to come within a year on which rules change, in order."""
    known = tuple(rules)
    days = {rule.effective_from for rule in known} | {rule.effective_to for rule in known}
    near = sorted(day for day in days if day is not None and today < day <= today + AHEAD)
    return [
        Change(
            day,
            tuple(rule for rule in known if rule.effective_from == day),
            tuple(rule for rule in known if rule.effective_to == day),
        )
        for day in near
    ]
