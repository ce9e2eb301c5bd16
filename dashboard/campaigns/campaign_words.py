"""What pages say of a campaign in words: its window, its caps, why a row was rejected."""

from collections.abc import Mapping
from typing import Any

from dashboard.week_words import DAYS as DAYS
from dashboard.week_words import day_names
from dashboard.week_words import hours as hours
from policy.model.call import Outcome
from storage.tables import Campaign

#: Why a row of a file, or a contact, is no call: what stands in a list of numbers.
REFUSALS: Mapping[str, str] = {
    "first_attempt": "free to be called",
    "call_window": "outside the campaign's window",
    "calling_hours": "outside the hours that the rules allow",
    "business_hours": "outside the agent's hours",
    "not_before": "before the campaign may begin",
    "duplicate": "the same number more than once",
    "invalid_number": "no phone number can be read",
    "ambiguous_number": "more than one number may be meant",
    "rounded_number": "a spreadsheet has rounded the number",
    "has_extension": "the number has an extension, which the account refuses",
    "unknown_timezone": "the time zone is none",
    "missing_variable": "something that the pathway says is missing",
    "invalid_field": "a cell is too long, or there are more cells than columns",
    "suppressed": "on the do-not-call list",
    "do_not_call": "on the do-not-call list",
    "no_consent": "no consent that a rule asks for",
    "registry_listed": "on a public registry",
    "registry_stale": "a public registry was not read for too long",
    "needs_timezone": "where they are is not known",
    "no_opening": "never within the windows",
    "deadline_unreachable": "not before the deadline",
}
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


def refusal(code: str) -> str:
    """`invalid_number` as `no phone number can be read`."""
    return REFUSALS.get(code, code.replace("_", " "))


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
