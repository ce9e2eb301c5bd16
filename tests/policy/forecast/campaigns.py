"""Campaigns for runs on virtual time, small and with everything else filled in."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from policy.facts import Facts
from policy.forecast.callee_groups import CalendarShelf
from policy.forecast.callees import CalleeRates
from policy.forecast.campaign_plan import Callee, CampaignPlan, DialTerms
from policy.forecast.legs import Clocks
from policy.forecast.likeness import CalleeGroups
from policy.forecast.run_record import RunRecord
from policy.forecast.simulation import Simulation
from policy.forecast.slot_book import CapTerms
from policy.forecast.ticks import DAY, tick_of
from tests.policy.make import NOW, facts

BEGIN = tick_of(NOW)
#: Nobody else ever waits for the campaign's slots.
ALONE = {"account": CapTerms(10)}
#: Everybody answers, and all talk alike long as far as luck lets them.
ALL_ANSWER = CalleeRates(
    answered=1.0, voicemail=0, busy=0, invalid=0, failed=0, declined=0, talk_seconds=60
)
Alter = Callable[[int, Facts], Facts]


def as_they_are(_: int, known: Facts) -> Facts:
    return known


def plan(
    size: int = 100,
    *,
    caps: Mapping[str, CapTerms] = ALONE,
    alter: Alter = as_they_are,
    known: Facts | None = None,
    **changes: Any,
) -> CampaignPlan:
    """A campaign of so many contacts in New York, that begins on a Wednesday at 10."""
    shelf = CalendarShelf(BEGIN, BEGIN + 60 * DAY)
    groups = CalleeGroups(shelf)
    known = known or facts()
    callees = [
        Callee(n, groups.of(alter(n, replace(known, endpoint=f"+1212555{n:04}"))))
        for n in range(size)
    ]
    deadline = None if known.deadline is None else tick_of(known.deadline)
    usual: dict[str, Any] = {
        "begin": BEGIN,
        "until": shelf.until,
        "callees": callees,
        "caps": caps,
        "ahead": 20,
        "dials": DialTerms(detects_machines=True),
        "class_key": "ours/campaign",
        "deadline": deadline,
    }
    return CampaignPlan(**{**usual, **changes})


def run(of: CampaignPlan, seed: int = 1) -> RunRecord:
    simulation = Simulation(of, seed, Clocks())
    for _ in simulation.run():
        pass
    return simulation.record
