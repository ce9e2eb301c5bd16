"""A campaign as a forecast takes it: its contacts and calls, its caps, how its dials are made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from policy.accounts.pricing import PriceRates
from policy.forecast.callee_groups import NOTHING_YET, CalleeGroup, Course
from policy.forecast.callees import CalleeRates
from policy.forecast.slot_book import CapTerms, Rival
from policy.model.call import AttemptResult

#: The caps of the account, the agent and the campaign go by these names.
ACCOUNT, AGENT, CAMPAIGN = "account", "agent", "campaign"
OWN_CAPS = (ACCOUNT, AGENT, CAMPAIGN)


@dataclass(frozen=True, slots=True)
class Callee:
    """A contact, or the open call that it has become.

    `key` is what its luck is drawn by. A contact (`is_staged`) becomes a call when its turn comes,
    one that was put off not before `wakes_at`; a call has its `results` so far and what they mean,
    wakes up at `wakes_at`, or is `in_flight`.
    """

    key: int
    group: CalleeGroup
    course: Course = NOTHING_YET
    is_staged: bool = True
    wakes_at: int = 0
    results: tuple[AttemptResult, ...] = ()
    in_flight: bool = False


@dataclass(frozen=True, slots=True)
class DialTerms:
    """How the calls are made, and what they cost. Times in seconds."""

    ring_timeout: int = 30
    max_duration: int = 1800
    detects_machines: bool = False
    recorded: bool = False
    prices: PriceRates = field(default_factory=PriceRates)


@dataclass(frozen=True, slots=True)
class GoalTerms:
    """When a run has what it is for: so many calls more, of which answered ones are a `share`.

    `left` None: no number of calls is asked for. `until` in ticks; None: no time is said.
    """

    left: int | None = None
    share: float = 1.0
    until: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """All that a run needs but the seed. `begin` and `until` in ticks; `ahead`: so many calls may
    be near a dial before further contacts become calls.
    """

    begin: int
    until: int
    callees: Sequence[Callee]
    caps: Mapping[str, CapTerms]
    ahead: int
    rates: CalleeRates = field(default_factory=CalleeRates)
    dials: DialTerms = field(default_factory=DialTerms)
    class_key: str = ""
    priority: int = 5
    deadline: int | None = None
    rivals: Sequence[Rival] = ()
    goal: GoalTerms | None = None
