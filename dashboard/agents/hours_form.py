"""Business hours as people type them: a line a day, `09:00-12:00, 13:00-17:30`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from api.http.problems import refused
from dashboard.forms.form_values import clock, texts_named
from dashboard.week_words import DAYS
from policy.model.call import Refusal
from policy.model.reasons import RefusalCode

_SPAN = re.compile(r"(\d{1,2}(?::\d{2})?)\s*(?:-|–|—|to)\s*(\d{1,2}(?::\d{2})?)", re.ASCII)
_BETWEEN = re.compile(r"[,;]")
_HINT = "Write it as 09:00-17:00, or 09:00-12:00, 13:00-17:30."

Hours = dict[str, list[dict[str, str]]]


def typed_hours(sent: Mapping[str, Any]) -> dict[str, str]:
    """What was typed into the line of each day."""
    said = texts_named(sent, {f"hours_{day}" for day in DAYS})
    return {day: said.get(f"hours_{day}", "") for day in DAYS}


def read_hours(typed: Mapping[str, str]) -> Hours:
    """The hours by day; a day without any is closed. Raises a Problem that names the days."""
    found: Hours = {}
    wrong: list[Refusal] = []
    for day in DAYS:
        parts = [one.strip() for one in _BETWEEN.split(typed.get(day, "")) if one.strip()]
        spans = [_SPAN.fullmatch(one) for one in parts]
        if not all(spans):
            wrong.append(Refusal(RefusalCode.MALFORMED, f"businessHours.{day}", _HINT))
        elif spans:
            found[day] = [
                {"start": clock(span[1]), "end": clock(span[2])} for span in spans if span
            ]
    if wrong:
        raise refused(wrong)
    return found


def shown_hours(spec: Mapping[str, Sequence[Mapping[str, str]] | None] | None) -> dict[str, str]:
    """The same the other way round."""
    return {
        day: ", ".join(f"{one['start']}-{one['end']}" for one in (spec or {}).get(day) or ())
        for day in DAYS
    }
