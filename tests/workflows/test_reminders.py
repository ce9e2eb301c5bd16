"""Reminders of an appointment from end to end: one call each, until one has reached the person."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from activities.clock import utcnow
from policy.calls.waits import SIBLING_RECHECK
from policy.model.call import CallStatus, Outcome
from policy.model.reasons import Reason
from storage.calls import calls
from storage.tables import Agent, Call, CallSequence
from storage.tables.columns import new_id
from tests.wait import PATIENCE
from tests.workflows.bench import Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW_YORK = ZoneInfo("America/New_York")
CONFIRMS = {"answer": {"by": "human", "outcome": "confirmed"}}
STAYS = {"answer": {"by": "human", "stay": True}}
MACHINE = {"answer": {"by": "machine"}}
HOUR = timedelta(hours=1)
DAY_BEFORE, TWO_HOURS = 24 * HOUR, 2 * HOUR


def noon(days: int = 3) -> datetime:
    """Noon in New York: both reminders fall into calling hours."""
    day = datetime.now(NEW_YORK) + timedelta(days=days)
    return day.replace(hour=12, minute=0, second=0, microsecond=0).astimezone(UTC)


async def two_reminders(
    bench: Bench, agent: Agent, at: datetime, **columns: Any
) -> tuple[Call, Call]:
    sequence_id = new_id()
    async with bench.db.write() as session:
        session.add(
            CallSequence(
                sequence_id=sequence_id,
                account_id=agent.account_id,
                appointment_at=at,
                remind=["PT24H", "PT2H"],
                created_time=utcnow(),
                updated_time=utcnow(),
            )
        )
    first = await bench.accept(
        agent,
        sequence_id=sequence_id,
        remind_before="PT24H",
        not_before=at - DAY_BEFORE,
        call_deadline=at - TWO_HOURS,
        **columns,
    )
    second = await bench.accept(
        agent,
        sequence_id=sequence_id,
        remind_before="PT2H",
        not_before=at - TWO_HOURS,
        call_deadline=at,
        **columns,
    )
    return first, second


async def test_the_second_is_never_dialed_when_the_first_is_confirmed(bench: Bench) -> None:
    first, second = await two_reminders(bench, await bench.agent(), noon())
    bench.carrier.script(first.endpoint, [CONFIRMS])
    end, _ = await bench.run_accepted(first)
    assert end.outcome is Outcome.CONFIRMED
    end, story = await bench.run_accepted(second)
    assert end.outcome is Outcome.CANCELED
    assert (story.call.status, story.attempts) == (CallStatus.CANCELED, [])
    assert len(bench.carrier.dials) == 1


async def test_it_ends_with_the_confirmation_says_why_and_gets_no_workflow(bench: Bench) -> None:
    first, second = await two_reminders(bench, await bench.agent(), noon())
    bench.carrier.script(first.endpoint, [CONFIRMS])
    _, one = await bench.run_accepted(first)
    other = await bench.story(second.call_id)
    assert (other.call.outcome, other.call.reason) == (Outcome.CANCELED, Reason.SEQUENCE_DONE)
    assert "confirmed" in (other.call.detail or "")
    assert other.call.completed_time == one.call.completed_time
    said = other.events[-1]
    assert (said.type, said.data["reason"]) == ("call.canceled", Reason.SEQUENCE_DONE)
    assert await bench.activities.starter.turn() == 0


async def test_the_second_is_dialed_two_hours_before_when_nobody_answered(bench: Bench) -> None:
    at = noon()
    first, second = await two_reminders(bench, await bench.agent(), at)
    bench.carrier.script(first.endpoint, ["no-answer", CONFIRMS])
    end, _ = await bench.run_accepted(first)
    assert end.outcome is Outcome.NO_ANSWER
    end, story = await bench.run_accepted(second)
    assert end.outcome is Outcome.CONFIRMED
    [attempt] = story.attempts
    assert timedelta() <= attempt.dialed_at - (at - TWO_HOURS) < timedelta(minutes=1)
    assert len(bench.carrier.dials) == 2


@pytest.mark.parametrize(
    ("met", "outcome"),
    [("busy", Outcome.BUSY), ("failed", Outcome.FAILED), (MACHINE, Outcome.VOICEMAIL)],
)
async def test_what_did_not_reach_the_person_leaves_the_second_as_planned(
    bench: Bench, met: Any, outcome: Outcome
) -> None:
    once = {"retry_spec": {"maxAttempts": 1}}
    first, second = await two_reminders(bench, await bench.agent(), noon(), **once)
    bench.carrier.script(first.endpoint, [met, CONFIRMS])
    assert (await bench.run_accepted(first))[0].outcome is outcome
    assert (await bench.run_accepted(second))[0].outcome is Outcome.CONFIRMED


async def test_the_tries_of_the_first_end_where_the_second_begins(bench: Bench) -> None:
    """Busy is tried again every four hours: the budget is not what ends it."""
    at = noon()
    often = {"retry_spec": {"maxAttempts": 20}}
    first, _ = await two_reminders(bench, await bench.agent(), at, **often)
    bench.carrier.script(first.endpoint, ["busy"])
    end, story = await bench.run_accepted(first)
    assert (end.outcome, story.call.reason) == (Outcome.BUSY, Reason.DEADLINE_UNREACHABLE)
    assert len(story.attempts) > 1
    assert max(one.dialed_at for one in story.attempts) < at - TWO_HOURS


async def test_a_second_that_nobody_told_asks_before_it_dials(bench: Bench) -> None:
    """The first ended without a word to anybody: what the second decides at its time."""
    first, second = await two_reminders(bench, await bench.agent(), noon())
    async with bench.db.write() as session:
        row = await calls.lock(session, first.call_id)
        assert row is not None
        row.status, row.outcome = CallStatus.COMPLETED, Outcome.CONFIRMED
    end, story = await bench.run_accepted(second)
    assert end.outcome is Outcome.CANCELED
    assert story.decisions[-1].reason == Reason.SEQUENCE_DONE
    assert bench.carrier.dials == []


async def test_a_second_that_sleeps_is_told_at_once(plain_bench: Bench) -> None:
    bench, now = plain_bench, datetime.now(UTC)
    first, second = await two_reminders(bench, await bench.agent(), now + 24 * HOUR)
    sleeping = await bench.start(second)
    await bench.until(sleeping, lambda progress: progress.reason == Reason.NOT_BEFORE)
    bench.carrier.script(first.endpoint, [CONFIRMS])
    assert (await bench.run_accepted(first))[0].outcome is Outcome.CONFIRMED
    end = await asyncio.wait_for(sleeping.result(), PATIENCE)
    assert (end.outcome, end.reason) == (Outcome.CANCELED, Reason.SEQUENCE_DONE)


async def test_the_second_waits_while_the_first_is_still_talking(plain_bench: Bench) -> None:
    bench, now = plain_bench, datetime.now(UTC)
    first, second = await two_reminders(bench, await bench.agent(), now + TWO_HOURS)
    async with bench.db.write() as session:
        row = await calls.lock(session, first.call_id)
        assert row is not None
        row.call_deadline = now + HOUR
    bench.carrier.script(first.endpoint, [STAYS])
    talking = await bench.start(first)
    await bench.until_leg(first)
    waiting = await bench.start(second)
    await bench.until(waiting, lambda progress: progress.reason == Reason.SEQUENCE_UNDER_WAY)
    await bench.carrier.end(bench.carrier.legs[0].sid)
    assert (await talking.result()).outcome is Outcome.COMPLETED
    end = await asyncio.wait_for(waiting.result(), SIBLING_RECHECK.total_seconds() * 0.75)
    assert end.reason == Reason.SEQUENCE_DONE
    assert len(bench.carrier.dials) == 1
