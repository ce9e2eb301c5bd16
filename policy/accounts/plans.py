"""Plans: the caps an account may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Plan(StrEnum):
    STARTER = "starter"
    PROFESSIONAL = "professional"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True)
class Caps:
    max_concurrent: int
    calls_per_minute: int


#: None: the account's caps are its own.
PLANS: Mapping[Plan, Caps | None] = {
    Plan.STARTER: Caps(max_concurrent=5, calls_per_minute=10),
    Plan.PROFESSIONAL: Caps(max_concurrent=25, calls_per_minute=60),
    Plan.ENTERPRISE: None,
}

#: Requests of one API key in a minute; an account without a plan has what the operator chose.
REQUESTS_PER_MINUTE: Mapping[Plan, int] = {
    Plan.STARTER: 600,
    Plan.PROFESSIONAL: 3000,
    Plan.ENTERPRISE: 12000,
}


def requests_per_minute(plan: str | None, chosen: int) -> int:
    """What one key may ask in a minute; 0: there is no limit. `chosen`: the operator's default."""
    if plan is None or not chosen:
        return chosen
    return REQUESTS_PER_MINUTE[Plan(plan)]


def caps_of(plan: str | None) -> Caps | None:
    """The caps that a plan fixes; None if it fixes none, and for an account without a plan."""
    return None if plan is None else PLANS[Plan(plan)]
