"""Faults of the carrier and its network, drawn from seeds so that runs repeat.

A draw depends on the seed and on what it is drawn for (the number, its how-manieth request or
attempt, the event), not on the order of arrival: concurrency does not change a run's faults.
"""

import random
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.state.scripts import CreateMode


class CreateFault(BaseModel):
    """One way for a create request to go wrong; rate is a probability."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: CreateMode
    rate: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0


class CallbackFaults(BaseModel):
    """Probabilities for status, AMD and recording callbacks; delay in simulated seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lost: float = Field(default=0.0, ge=0, le=1)
    duplicate: float = Field(default=0.0, ge=0, le=1)
    reorder: float = Field(default=0.0, ge=0, le=1)
    delay: tuple[float, float] = (0.0, 0.0)
    seed: int = 0


#: wrong: not JSON. no_package: an answer that says that one part of it could not be had.
LookupMode = Literal["429", "500", "hang", "drop_response", "wrong", "no_package"]


class LookupFault(BaseModel):
    """One way for a question about a number to go wrong; rate is a probability."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: LookupMode
    rate: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0


#: Of every request: by the carrier as 401 / 20003 or 403 / 20005, or by a proxy before it.
AccountRefusal = Literal["401", "403", "html_403", "html_407", "html_408"]


#: Of the lists of numbers; `endless`: each page says that another one follows.
NumberListFault = Literal["500", "drop", "endless"]


class Faults(BaseModel):
    """All faults at work. list_lag: simulated seconds before a new call shows in a list."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    create: list[CreateFault] = []
    callbacks: CallbackFaults = CallbackFaults()
    lookups: list[LookupFault] = []
    #: Real seconds before a question about a number is answered.
    lookup_seconds: float = Field(default=0.0, ge=0, le=60, alias="lookupSeconds")
    refuse: AccountRefusal | None = None
    list_lag: float = Field(default=0.0, ge=0, alias="listLag")
    number_lists: NumberListFault | None = Field(default=None, alias="numberLists")


@dataclass(frozen=True)
class Fate:
    """What becomes of one callback; delay in simulated seconds."""

    lost: bool
    duplicate: bool
    overtaken: bool
    delay: float


def create_fault(faults: Faults, number: str, request: int) -> CreateMode | None:
    """The fault that strikes the number's nth create request, if any: the first that draws."""
    for fault in faults.create:
        if _draw(fault.seed, fault.mode, number, request) < fault.rate:
            return fault.mode
    return None


def lookup_fault(faults: Faults, number: str, question: int) -> LookupMode | None:
    """The same for the nth question about a number."""
    for fault in faults.lookups:
        if _draw(fault.seed, fault.mode, number, question) < fault.rate:
            return fault.mode
    return None


def callback_fate(faults: CallbackFaults, number: str, attempt: int, event: str) -> Fate:
    """What becomes of the callback for an event of the number's nth attempt."""

    def draw(what: str) -> float:
        return _draw(faults.seed, what, number, attempt, event)

    # A draw is dear, and most runs have no faults.
    def strikes(what: str, rate: float) -> bool:
        return rate > 0 and draw(what) < rate

    shortest, longest = faults.delay
    spread = longest - shortest
    return Fate(
        lost=strikes("lost", faults.lost),
        duplicate=strikes("duplicate", faults.duplicate),
        overtaken=strikes("reorder", faults.reorder),
        delay=shortest + spread * draw("delay") if spread else shortest,
    )


def _draw(*key: object) -> float:
    return random.Random("|".join(map(str, key))).random()
