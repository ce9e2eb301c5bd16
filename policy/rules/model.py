"""What a calling rule is: one kind of demand, of one jurisdiction, dated and sourced.

The same models read the packs of this folder, an operator's own files and the API's overlays, so
a rule is spelled the same wherever it comes from.
"""

import json
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from policy.model.call import WeeklyWindow
from policy.model.purposes import ConsentTier, Notice, Purpose, Sector, Voice
from policy.rules import rule_fields
from policy.rules.rule_fields import (
    Address,
    Age,
    Calendar,
    Instant,
    Jurisdiction,
    Name,
    Prefix,
    RuleId,
    Span,
    Text,
    Windows,
    weekly_of,
)

ANYWHERE, WEEKDAYS = rule_fields.ANYWHERE, rule_fields.WEEKDAYS


class Confidence(StrEnum):
    """How well the source was seen; `convention`: it is no law at all."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    CONFLICTING = "conflicting"
    CONVENTION = "convention"


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
    #: Where the source itself stands: the page of a legislature, a regulator or a gazette.
    address: Address = ""
    #: Where its text was read, if not there: a copy, which may be behind the original.
    read_at: Address = ""
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


class ConsentAgeRule(_Base):
    """How old a consent may be. An older one is none, whatever other rule asks for it."""

    kind: Literal["consent_age"]
    max_age: Age


class RegistryRule(_Base):
    """A do-not-call registry that has to have been scrubbed against lately."""

    kind: Literal["registry"]
    registry: Name
    max_age: Span


class DisclosureRule(_Base):
    """What has to be said first; `recording` is said on recorded calls only."""

    kind: Literal["disclosure"]
    say: Annotated[tuple[Notice, ...], Field(min_length=1)]


class RingRule(_Base):
    """How long a phone must be let ring, at least."""

    kind: Literal["ring_time"]
    least_seconds: Annotated[int, Field(ge=1, le=120)]


class CallerIdRule(_Base):
    """Which numbers may be shown: those that begin with one of `prefixes`.

    `sectors`: it binds such businesses only, and whoever has not said what they are. None: all.
    """

    kind: Literal["caller_id_range"]
    prefixes: Annotated[tuple[Prefix, ...], Field(min_length=1, max_length=50)]
    sectors: tuple[Sector, ...] = ()


class PrerequisiteRule(_Base):
    """What has to be so before anybody is called, and nobody but the operator can know.

    An account acknowledges `prerequisite`, which several rules may share; `needs_reference`: with
    a number or a file reference, such as that of a registration.
    """

    kind: Literal["prerequisite"]
    prerequisite: Name
    asks: Text
    needs_reference: bool = False


class RevocationRule(_Base):
    """Who takes back any consent has taken back all that were given before, whatever for."""

    kind: Literal["revocation"]


class DutyRule(_Base):
    """What the law asks and no call can break here: `kept_by` says how it is kept, for all calls.

    It is on the list, and is not asked when a call is decided about.
    """

    kind: Literal["duty"]
    asks: Text
    kept_by: Text


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


Rule = (
    HoursRule
    | CapRule
    | ConsentRule
    | ConsentAgeRule
    | RegistryRule
    | DisclosureRule
    | RingRule
    | CallerIdRule
    | PrerequisiteRule
    | RevocationRule
    | DutyRule
    | BlackoutRule
)
AnyRule = Annotated[Rule, Field(discriminator="kind")]
KINDS = (
    "calling_hours",
    "attempt_cap",
    "consent",
    "consent_age",
    "registry",
    "disclosure",
    "ring_time",
    "caller_id_range",
    "prerequisite",
    "revocation",
    "duty",
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
