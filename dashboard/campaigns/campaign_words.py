"""What pages say of a campaign in words: its window, its caps, why a row was rejected."""

from collections.abc import Mapping
from typing import Any

from dashboard.goal_form import goal as goal
from dashboard.refusal_words import refusal as refusal  # the templates say it, too
from dashboard.week_words import DAYS as DAYS
from dashboard.week_words import day_names
from dashboard.week_words import hours as hours
from policy.model.call import Outcome
from storage.tables import Campaign

#: Outcomes after which calling again may help, the likeliest first.
WORTH_ANOTHER_CALL = (
    Outcome.NO_ANSWER,
    Outcome.BUSY,
    Outcome.VOICEMAIL,
    Outcome.HUNG_UP_EARLY,
    Outcome.NOT_SERVED,
    Outcome.FAILED,
    Outcome.DEADLINE_MISSED,
)
_ROUND = ", round "


def window(spec: Mapping[str, Any] | None) -> str:
    """`Mon–Fri, 09:00–17:00`; nothing without one."""
    if not spec:
        return ""
    return f"{day_names(spec.get('days') or DAYS)}, {spec['start']}–{spec['end']}"


def caps(campaign: Campaign | Any) -> str:
    """`10 at once, 60 a minute`; nothing without caps of its own."""
    said = [
        f"{campaign.max_concurrent} at once" if campaign.max_concurrent else "",
        f"{campaign.calls_per_minute} a minute" if campaign.calls_per_minute else "",
    ]
    return ", ".join(filter(None, said))


def next_round(name: str) -> str:
    """The name of the campaign that calls again: `March`, `March, round 2`, `March, round 3`."""
    base, _, number = name.rpartition(_ROUND)
    known = base and number.isdecimal()
    count = int(number) + 1 if known else 2
    ending = f"{_ROUND}{count}"
    return (base if known else name)[: 200 - len(ending)] + ending
