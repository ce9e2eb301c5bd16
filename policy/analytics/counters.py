"""What is counted of a call and of its attempts, and under which quarter of an hour.

A call counts in the quarter in which it was accepted, whatever became of it and whenever; so the
rates of a period are of the same calls above and below the line. An attempt counts in the quarter
in which it was dialed. docs/analytics.md says it for people.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from policy.model.call import REPORTABLE_OUTCOMES, UNCOUNTED_RESULTS, AttemptResult, Outcome
from policy.time.quarter_hours import month_of, quarter_of, slot_of_local
from policy.time.wall_time import is_zone, utc, zone

#: Upper ends, in whole seconds, of the steps by which the wait for the first dial is counted.
WAIT_STEPS: tuple[int, ...] = (
    *(1, 2, 5, 10, 30, 60, 300, 900, 3600),
    *(4 * 3600, 12 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600),
)
#: The last one has no end.
WAIT_MEASURES: tuple[str, ...] = (*(f"wait_{step}" for step in WAIT_STEPS), "wait_longer")
OUTCOME_MEASURES: Mapping[Outcome, str] = {outcome: f"ended_{outcome}" for outcome in Outcome}
#: Of calls, by when they were accepted. Talk and waits in seconds, cost in micro-units.
CALL_MEASURES: tuple[str, ...] = (
    *("scheduled", "attempted", "connected", "answered", "completed", "opted_out"),
    *("messages_left", "transferred", "dials", "timed", "talked", "cost", "waited"),
    *OUTCOME_MEASURES.values(),
    *WAIT_MEASURES,
)
#: Of attempts, by when they were dialed.
ATTEMPT_MEASURES: tuple[str, ...] = ("attempts", "attempts_answered", "attempts_voicemail", "spent")
MEASURES = CALL_MEASURES + ATTEMPT_MEASURES
#: A person, or a machine, picked up.
_PICKED_UP = frozenset({AttemptResult.ANSWERED, AttemptResult.VOICEMAIL})

Sums = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CountedDial:
    """A settled attempt. `cost` in micro-units, `duration` in seconds, `zone` the recipient's."""

    dialed_at: datetime
    result: AttemptResult
    caller_id: str
    cost: int = 0
    duration: int | None = None
    jurisdiction: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class CountedCall:
    """All of a call that is counted, as its rows say it now."""

    accepted_at: datetime
    caller_id: str
    jurisdiction: str | None = None
    outcome: Outcome | None = None
    dials: tuple[CountedDial, ...] = ()
    #: Of a call that ended with a machine: it was told something.
    message_left: bool = False
    #: The callee was put through to a transfer target.
    was_transferred: bool = False

    @property
    def counted(self) -> tuple[CountedDial, ...]:
        """Without those with which no phone can have rung."""
        return tuple(dial for dial in self.dials if dial.result not in UNCOUNTED_RESULTS)


class Dimensions(NamedTuple):
    """Under what something is counted, besides the call's agent, campaign and pathway.

    `week`: the month and the half hour of the week on the recipient's clock; attempts only.
    """

    quarter: int
    caller_id: str
    jurisdiction: str | None
    week: tuple[int, int] | None = None


def counted(story: CountedCall) -> dict[Dimensions, dict[str, int]]:
    """Everything a call adds, by heading."""
    found: dict[Dimensions, dict[str, int]] = {}
    for heading, sums in _parts(story):
        known = found.setdefault(heading, sums)
        if known is not sums:
            for name, number in sums.items():
                known[name] = known.get(name, 0) + number
    return found


def _parts(story: CountedCall) -> Iterator[tuple[Dimensions, dict[str, int]]]:
    quarter, dials = quarter_of(story.accepted_at), story.counted
    yield Dimensions(quarter, story.caller_id, story.jurisdiction), _of_call(story, dials)
    for dial in dials:
        yield _heading(dial), _of_dial(dial)


def _of_call(story: CountedCall, dials: Sequence[CountedDial]) -> dict[str, int]:
    sums = {"scheduled": 1}
    if story.outcome is not None:
        sums[OUTCOME_MEASURES[story.outcome]] = 1
    if not dials:
        return sums
    waited = wait_of(story.accepted_at, min(dial.dialed_at for dial in dials))
    sums |= {"attempted": 1, "dials": len(dials), "waited": waited}
    sums["cost"] = sum(dial.cost for dial in dials)
    sums[_wait_measure(waited)] = 1
    picked_up = [dial for dial in dials if dial.result in _PICKED_UP]
    if picked_up:
        sums |= _of_conversation(story, picked_up)
    return _some(sums)


def _some(sums: Sums) -> dict[str, int]:
    """Without those that are none."""
    return {name: number for name, number in sums.items() if number > 0}


def _of_conversation(story: CountedCall, picked_up: Sequence[CountedDial]) -> Sums:
    """What somebody, or something, having picked up adds."""
    talks = [dial.duration for dial in picked_up if dial.duration is not None]
    return {
        "connected": 1,
        "answered": int(any(dial.result is AttemptResult.ANSWERED for dial in picked_up)),
        "completed": int(story.outcome in REPORTABLE_OUTCOMES),
        "messages_left": int(story.outcome is Outcome.VOICEMAIL and story.message_left),
        "transferred": int(story.was_transferred),
        "opted_out": int(story.outcome is Outcome.OPTED_OUT),
        "timed": int(bool(talks)),
        "talked": sum(talks),
    }


def wait_of(accepted_at: datetime, dialed_at: datetime) -> int:
    """Whole seconds; the two times may come from two clocks."""
    return max(0, int((utc(dialed_at) - utc(accepted_at)).total_seconds()))


def _wait_measure(seconds: int) -> str:
    steps = zip(WAIT_STEPS, WAIT_MEASURES, strict=False)
    return next((name for step, name in steps if seconds < step), WAIT_MEASURES[-1])


def _heading(dial: CountedDial) -> Dimensions:
    week = None
    if dial.zone is not None and is_zone(dial.zone):
        local = utc(dial.dialed_at).astimezone(zone(dial.zone))
        week = (month_of(local.date()), slot_of_local(local))
    return Dimensions(quarter_of(dial.dialed_at), dial.caller_id, dial.jurisdiction, week)


def _of_dial(dial: CountedDial) -> dict[str, int]:
    sums = {
        "attempts": 1,
        "attempts_answered": int(dial.result is AttemptResult.ANSWERED),
        "attempts_voicemail": int(dial.result is AttemptResult.VOICEMAIL),
        "spent": dial.cost,
    }
    return _some(sums)
