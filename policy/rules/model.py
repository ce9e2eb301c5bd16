"""What a calling rule is: one kind of demand, of one jurisdiction, dated and sourced.

The same models read the packs of this folder, an operator's own files and the API's overlays, so
a rule is spelled the same wherever it comes from.
"""

import json
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from policy.model.call import WeeklyWindow
from policy.model.purposes import ConsentTier, Notice, Purpose, Voice
from policy.time.holidays import known_calendar
from policy.time.wall_time import utc
from policy.time.windows import BadWindow, weekly

#: The jurisdiction of rules that hold everywhere.
ANYWHERE = "*"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Confidence(StrEnum):
    """How well the source was seen; `convention`: it is no law at all."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    CONFLICTING = "conflicting"
    CONVENTION = "convention"


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Spans = list[tuple[str, str]]
Jurisdiction = Annotated[str, Field(pattern=r"^(\*|EU|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")]
RuleId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
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


Calendar = Annotated[Jurisdiction, AfterValidator(known_calendar)]
Instant = Annotated[AwareDatetime, AfterValidator(utc)]
Windows = Annotated[dict[Weekday, Spans], AfterValidator(_readable)]
Span = Annotated[
    timedelta,
    AfterValidator(_positive),
    WithJsonSchema({"type": "string", "format": "duration", "examples": ["P30D"]}),
]


class _Base(BaseModel):
    """In force on the days [effective_from, effective_to), for calls of these purposes.

    A `fallback` holds only where no other rule of its kind is found for the country.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )

    id: RuleId
    jurisdiction: Jurisdiction
    #: None named: all.
    purposes: tuple[Purpose, ...] = ()
    except_purposes: tuple[Purpose, ...] = ()
    voice: Voice | None = None
    #: Somebody who agreed this far is outside the rule.
    unless_consent: ConsentTier | None = None
    fallback: bool = False
    effective_from: date = date.min
    effective_to: date | None = None
    source: Text
    confidence: Confidence
    verified_on: date
    note: str = Field(default="", max_length=500)

    @model_validator(mode="after")
    def _has_a_first_day(self) -> Self:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValueError("effectiveTo must be after effectiveFrom")
        return self

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)

    def concerns(self, purpose: Purpose | None, voice: Voice) -> bool:
        """Whether it holds for such calls. A call without a purpose might be of any."""
        if self.voice not in (None, voice):
            return False
        if purpose is None:
            return True
        named = not self.purposes or purpose in self.purposes
        return named and purpose not in self.except_purposes


class HoursRule(_Base):
    """When people may be called, on their own clocks; closed on the holidays of `holidays`.

    `holidays`: a calendar such as "US-LA" or "FR", see `policy.time.holidays`.
    """

    kind: Literal["calling_hours"]
    windows: Windows
    holidays: Calendar | None = None

    @cached_property
    def window(self) -> WeeklyWindow:
        return weekly_of(self.windows)


class CapRule(_Base):
    """At most `most` calls within any `within`, over all agents and campaigns of the account.

    `counts` dials, or only those a person answered: then it is a cool-down after a conversation.
    """

    kind: Literal["attempt_cap"]
    most: Annotated[int, Field(ge=1, le=1000)]
    within: Span
    per: Literal["number", "subject"] = "number"
    counts: Literal["attempts", "conversations"] = "attempts"


class ConsentRule(_Base):
    """Consent that has to be on file."""

    kind: Literal["consent"]
    tier: ConsentTier


class RegistryRule(_Base):
    """A do-not-call registry that has to have been scrubbed against lately."""

    kind: Literal["registry"]
    registry: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
    max_age: Span


class DisclosureRule(_Base):
    """What has to be said first; `recording` is said on recorded calls only."""

    kind: Literal["disclosure"]
    say: Annotated[tuple[Notice, ...], Field(min_length=1)]


class RingRule(_Base):
    """How long a phone must be let ring, at least."""

    kind: Literal["ring_time"]
    least_seconds: Annotated[int, Field(ge=1, le=120)]


class BlackoutRule(_Base):
    """Nobody is called from `starts_at` until `ends_at`, or until it is taken away."""

    kind: Literal["blackout"]
    starts_at: Instant
    ends_at: Instant | None = None

    @model_validator(mode="after")
    def _has_a_length(self) -> "BlackoutRule":
        if self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("endsAt must be after startsAt")
        return self


Rule = HoursRule | CapRule | ConsentRule | RegistryRule | DisclosureRule | RingRule | BlackoutRule
AnyRule = Annotated[Rule, Field(discriminator="kind")]
KINDS = (
    "calling_hours",
    "attempt_cap",
    "consent",
    "registry",
    "disclosure",
    "ring_time",
    "blackout",
)
_ADAPTER: TypeAdapter[Rule] = TypeAdapter(AnyRule)


def read_rule(given: Any) -> Rule:
    """A rule from plain JSON; raises pydantic's ValidationError."""
    return _ADAPTER.validate_python(given)


def read_strictly(given: Any) -> Rule:
    """The same of JSON that a client sends: no number is a time, and no text is a number."""
    return _ADAPTER.validate_json(json.dumps(_integral(given)), strict=True)


def _integral(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _integral(value) for name, value in said.items()}
    return int(said) if isinstance(said, float) and said.is_integer() else said
