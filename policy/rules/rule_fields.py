"""The parts that rules are made of: spans, windows, places and texts, each checked when read."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, WithJsonSchema

from policy.model.call import WeeklyWindow
from policy.time.holidays import known_calendar
from policy.time.wall_time import utc
from policy.time.windows import BadWindow, weekly

#: The jurisdiction of rules that hold everywhere.
ANYWHERE = "*"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Spans = list[tuple[str, str]]
Jurisdiction = Annotated[str, Field(pattern=r"^(\*|EU|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
#: Of a registry, or of a prerequisite.
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=500)]


def _readable(windows: dict[Weekday, Spans]) -> dict[Weekday, Spans]:
    try:
        opens = any(weekly_of(windows).days.values())
    except BadWindow as error:
        raise ValueError(str(error)) from None
    if not opens:
        raise ValueError("the windows never open")
    return windows


def weekly_of(windows: dict[Weekday, Spans]) -> WeeklyWindow:
    """{"mon": [["09:00", "17:00"]]} as policy's window; raises BadWindow."""
    return weekly({WEEKDAYS.index(day): spans for day, spans in windows.items()})


def _positive(span: timedelta) -> timedelta:
    if not timedelta() < span <= timedelta(days=366):
        raise ValueError("must be an ISO 8601 duration of at most a year, such as P30D")
    return span


def _age(span: timedelta) -> timedelta:
    if not timedelta() < span <= timedelta(days=3660):
        raise ValueError("must be an ISO 8601 duration of at most ten years, such as P730D")
    return span


Calendar = Annotated[Jurisdiction, AfterValidator(known_calendar)]
Instant = Annotated[AwareDatetime, AfterValidator(utc)]
Windows = Annotated[dict[Weekday, Spans], AfterValidator(_readable)]
Span = Annotated[
    timedelta,
    AfterValidator(_positive),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["P30D"]}),
]
Age = Annotated[
    timedelta,
    AfterValidator(_age),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["P730D"]}),
]
#: How an E.164 number begins.
Prefix = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,13}$")]
Address = Annotated[str, Field(max_length=300, pattern=r"^(https://[!-~]+)?$")]
