"""What is due of a warm transfer, as a table: who waits is told in time, whoever is gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policy.transfers.targets import MissReason, TransferState
from policy.transfers.warm_legs import (
    Duty,
    WarmLeg,
    WarmStep,
    have_met,
    next_step,
    overdue,
    spoken_within,
)

NOW = datetime(2027, 3, 8, 15, 0, tzinfo=UTC)
QUIET = timedelta(seconds=120)
ASKED = WarmLeg(TransferState.DIALING, 20, asked_at=NOW)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def leg(**changes: Any) -> WarmLeg:
    return replace(ASKED, **changes)


def dialed(seconds: float, **changes: Any) -> WarmLeg:
    return leg(asked_at=ago(seconds), sending_at=ago(seconds), **changes)


RINGING = {"is_known": True, "waiting_since": NOW}
TAKEN = {**RINGING, "answered_at": ago(3)}


@pytest.mark.parametrize(
    ("standing", "duty", "reason"),
    [
        (leg(asked_at=ago(19)), Duty.WAIT, None),
        (leg(asked_at=ago(20)), Duty.MISS, MissReason.FAILED),
        # Of unknown fate: looked for, but nobody waits for it longer than for a phone that rings.
        (dialed(1), Duty.FIND, None),
        (dialed(35), Duty.MISS, MissReason.UNKNOWN),
        (dialed(29, **RINGING), Duty.WAIT, None),
        (dialed(30, **RINGING), Duty.ASK, None),
        (dialed(35, **RINGING), Duty.MISS, MissReason.NO_ANSWER),
        (dialed(70, **RINGING, answered_at=ago(59)), Duty.WAIT, None),
        (dialed(70, **RINGING, answered_at=ago(60)), Duty.MISS, MissReason.NOT_ACCEPTED),
        (dialed(20, **TAKEN, taken_at=ago(1)), Duty.FETCH, None),
        (dialed(40, **TAKEN, taken_at=ago(20)), Duty.MISS, MissReason.FAILED),
        # That they have met is told; where that is lost it is asked, and no talk is cut off by it.
        (dialed(20, **TAKEN, taken_at=ago(5), joined_at=ago(4)), Duty.WAIT, None),
        (dialed(90, **TAKEN, taken_at=ago(70), joined_at=ago(65)), Duty.ASK, None),
        (dialed(20, **TAKEN, state=TransferState.CONNECTED), Duty.DONE, None),
        # Nobody was reached: first the target's leg, then the callee who waits.
        (dialed(9, **RINGING, state=TransferState.MISSED, ended_at=NOW), Duty.END, None),
        (leg(state=TransferState.MISSED, waiting_since=NOW, ended_at=NOW), Duty.FETCH, None),
        (leg(state=TransferState.MISSED, ended_at=NOW), Duty.DONE, None),
        (leg(state=TransferState.MISSED, waiting_since=NOW, returned_at=NOW), Duty.DONE, None),
        # It may still ring: it is looked for, to be ended.
        (dialed(119, state=TransferState.MISSED), Duty.FIND, None),
        (dialed(120, state=TransferState.MISSED), Duty.DONE, None),
    ],
)  # fmt: skip
def test_what_is_due_while_the_callee_is_there(
    standing: WarmLeg, duty: Duty, reason: MissReason | None
) -> None:
    found = next_step(standing, NOW, callee_is_there=True, quiet=QUIET)
    assert found == WarmStep(duty, reason)


def test_a_callee_who_has_hung_up_ends_the_targets_leg() -> None:
    for standing in (ASKED, dialed(9, **RINGING), dialed(20, **TAKEN, taken_at=ago(1))):
        found = next_step(standing, NOW, callee_is_there=False, quiet=QUIET)
        assert found == WarmStep(Duty.MISS, MissReason.HUNG_UP)
    over = dialed(9, **RINGING, state=TransferState.MISSED, ended_at=NOW)
    assert next_step(over, NOW, callee_is_there=False, quiet=QUIET).duty is Duty.END
    ended = next_step(over, NOW, callee_is_there=False, quiet=QUIET, done={Duty.END})
    assert ended.duty is Duty.DONE


def test_what_was_done_a_moment_ago_is_not_done_again_and_an_agents_callee_is_not_fetched() -> None:
    taken = dialed(20, **TAKEN, taken_at=ago(1))
    again = next_step(taken, NOW, callee_is_there=True, quiet=QUIET, done={Duty.FETCH})
    assert again.duty is Duty.WAIT
    # Nobody was reached, and the AI agent still talks with them.
    missed = leg(state=TransferState.MISSED, sending_at=ago(20), is_known=True, ended_at=NOW)
    stays = next_step(missed, NOW, callee_is_there=True, quiet=QUIET, done={Duty.END})
    assert stays.duty is Duty.DONE


def test_a_callee_alone_in_a_conference_is_fetched_and_one_who_comes_out_of_it_is_not() -> None:
    left = dialed(60, **TAKEN, taken_at=ago(20), joined_at=ago(19), state=TransferState.MISSED)
    for seconds, duty in ((4, Duty.WAIT), (5, Duty.FETCH), (60, Duty.DONE)):
        over = replace(left, ended_at=ago(seconds))
        step = next_step(over, NOW, callee_is_there=True, quiet=QUIET, done={Duty.END})
        assert step.duty is duty


def test_two_are_not_taken_to_have_met_while_either_may_hear_the_introduction() -> None:
    takes = spoken_within("Here is the desk of the spring campaign.")
    for seconds, together in ((12, False), (13, True)):
        joined = dialed(60, **TAKEN, taken_at=ago(20), joined_at=ago(seconds))
        assert have_met(replace(joined, introduced_within=takes), NOW) is together
    assert not have_met(dialed(60, **TAKEN, taken_at=ago(20)), NOW)


def test_a_talk_has_no_end_here() -> None:
    assert overdue(dialed(9000, **TAKEN, taken_at=ago(8000), joined_at=ago(7999)), NOW) is None
