"""What pages say of a campaign in words: its window, its caps, why a row was rejected."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dashboard.refusal_words import refusal as refusal  # the templates say it, too
from policy.model.call import Outcome
from storage.tables import Campaign

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DURATION = TypeAdapter(timedelta)
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
    return f"{_days(spec.get('days') or DAYS)}, {spec['start']}–{spec['end']}"


def _days(said: Sequence[str]) -> str:
    places = sorted(DAYS.index(day) for day in said)
    if len(places) == len(DAYS):
        return "every day"
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{DAYS[places[0]].title()}–{DAYS[places[-1]].title()}"
    return ", ".join(DAYS[place].title() for place in places)


def caps(campaign: Campaign | Any) -> str:
    """`10 at once, 60 a minute`; nothing without caps of its own."""
    said = [
        f"{campaign.max_concurrent} at once" if campaign.max_concurrent else "",
        f"{campaign.calls_per_minute} a minute" if campaign.calls_per_minute else "",
    ]
    return ", ".join(filter(None, said))


def hours(duration: str | None) -> str:
    """An ISO 8601 duration as hours: `PT90M` as `1.5`."""
    if not duration:
        return ""
    try:
        length = _DURATION.validate_python(duration)
    except ValidationError:
        return ""
    return f"{length / timedelta(hours=1):.4f}".rstrip("0").rstrip(".")


def next_round(name: str) -> str:
    """The name of the campaign that calls again: `March`, `March, round 2`, `March, round 3`."""
    base, _, number = name.rpartition(_ROUND)
    known = base and number.isdecimal()
    count = int(number) + 1 if known else 2
    ending = f"{_ROUND}{count}"
    return (base if known else name)[: 200 - len(ending)] + ending
