"""A promise from end to end: asked for in a call, which comes back at its time, or says why not."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from activities.clock import utcnow
from policy.model.call import CallStatus, Outcome
from policy.model.reasons import Reason
from policy.promises import PRIORITY, PromisedTime, PromiseSource, PromiseState
from storage.attempts import attempts
from storage.facts import promise_maker
from storage.facts.gather import FactGatherer
from storage.facts.promise_maker import PromiseRequest
from storage.tables import Promise
from tests.workflows.bench import Bench, Story

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW_YORK = ZoneInfo("America/New_York")
ASKS = {"answer": {"by": "human", "outcome": "completed"}}
CONFIRMS = {"answer": {"by": "human", "outcome": "confirmed"}}


def in_days(days: int, hour: int) -> datetime:
    day = datetime.now(NEW_YORK) + timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)


def promising(bench: Bench, at: datetime) -> None:
    """Whoever is called for the first time asks to be called at that time."""
    report = bench.carrier.on_outcome

    async def asked(token: str, outcome: str) -> None:
        if outcome != "completed":
            return await report(token, outcome)
        async with bench.db.write() as session:
            held = await attempts.hold_by_token(session, token)
            assert held is not None
            call, attempt = held
            how = PromiseRequest(
                lambda *_: PromisedTime(at), PromiseSource.PATHWAY, "at", attempt.number
            )
            gatherer = FactGatherer(simulated=True)
            made = await promise_maker.promise(session, gatherer, call, how, utcnow())
            assert isinstance(made, Promise), made

    bench.carrier.on_outcome = asked


async def promise_of(bench: Bench, story: Story) -> Promise:
    async with bench.db.read() as session:
        of_call = select(Promise).where(col(Promise.call_id) == story.call.call_id)
        return (await session.exec(of_call)).one()


def told(story: Story) -> list[str]:
    return [one.type for one in story.events if one.type.startswith("call.callback")]


async def run(bench: Bench, at: datetime, *legs: Any, **columns: Any) -> Story:
    promising(bench, at)
    call = await bench.accept(await bench.agent(), **columns)
    bench.carrier.script(call.endpoint, list(legs))
    return (await bench.run_accepted(call))[1]


async def test_a_call_comes_back_within_a_minute_of_its_promise_and_beyond_its_budget(
    bench: Bench,
) -> None:
    at = in_days(3, 16)
    story = await run(bench, at, ASKS, CONFIRMS, retry_spec={"maxAttempts": 1})
    assert story.call.outcome is Outcome.CONFIRMED
    _, back = story.attempts
    assert timedelta() <= back.dialed_at - at <= timedelta(minutes=1)
    promise = await promise_of(bench, story)
    assert (promise.state, promise.dialed_at) == (PromiseState.KEPT, back.dialed_at)
    assert told(story) == ["call.callback_promised", "call.callback_kept"]
    assert "promise" not in story.call.retry_spec
    assert story.call.priority == 5 < PRIORITY


async def test_at_night_it_comes_back_at_the_next_permitted_minute_with_the_reason(
    bench: Bench,
) -> None:
    story = await run(bench, in_days(3, 23), ASKS, CONFIRMS)
    back = story.attempts[1].dialed_at.astimezone(NEW_YORK)
    assert (back.hour, back.minute) == (8, 0)
    promise = await promise_of(bench, story)
    assert (promise.state, promise.reason) == (PromiseState.KEPT, Reason.CALLING_HOURS)


async def test_a_promise_that_nobody_can_keep_any_more_is_told_as_missed(bench: Bench) -> None:
    deadline = in_days(3, 16) + timedelta(minutes=1)
    story = await run(bench, in_days(3, 16), ASKS, "failed", call_deadline=deadline)
    assert story.call.status is CallStatus.FAILED
    promise = await promise_of(bench, story)
    assert (promise.state, promise.reason) == (PromiseState.MISSED, "network_error")
    assert told(story) == ["call.callback_promised", "call.callback_missed"]
