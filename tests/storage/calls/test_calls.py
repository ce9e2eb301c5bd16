"""Calls: what each decision makes of them, what ends them, and what is refused."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from policy.model.call import (
    STATUS_OF_OUTCOME,
    CallStatus,
    Decision,
    DecisionKind,
    Outcome,
    WaitingFor,
)
from policy.model.reasons import Reason
from storage.calls import calls, decisions, startable
from storage.database.engine import Database
from storage.events import event_log
from storage.tables import Call, Event
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later


async def _events(db: Database, call_id: str) -> list[Event]:
    async with db.read() as session:
        return await event_log.of_call(session, call_id)


async def _types(db: Database, call_id: str) -> list[str]:
    return [event.type.removeprefix("call.") for event in await _events(db, call_id)]


async def test_an_accepted_call_is_created_with_its_first_event(db: Database):
    call = await make.call_of_somebody(db)
    seen = await make.call_seen(db, call.call_id)
    assert (seen.status, seen.created_time) == (CallStatus.CREATED, NOW)
    (created,) = await _events(db, call.call_id)
    assert (created.type, created.sequence, created.at) == ("call.created", 1, NOW)
    assert created.account_id == call.account_id


async def test_many_calls_are_accepted_at_once(db: Database):
    agent = await make.agent(db, await make.account(db))
    rows = [make.unsaved_call(agent, endpoint=f"+1415555{n:04}") for n in range(500)]
    async with db.write() as session:
        await calls.insert_many(session, rows, NOW)
    async with db.read() as session:
        assert len(await startable.startable(session, later(60), 1000)) == 500
    assert await _types(db, rows[-1].call_id) == ["created"]


async def test_a_call_is_nobody_elses(db: Database):
    call = await make.call_of_somebody(db)
    other = await make.account(db)
    async with db.read() as session:
        assert await calls.get(session, other.account_id, call.call_id) is None
        assert await calls.get(session, call.account_id, call.call_id) is not None
        assert await calls.load(session, "nobody") is None


async def test_a_waiting_call_says_for_what_and_until_when(db: Database):
    call = await make.call_of_somebody(db)
    seen = await make.decide(db, call.call_id, make.wait(later(60)))
    assert (seen.status, seen.waiting_for) == (CallStatus.QUEUED, WaitingFor.WINDOW)
    assert (seen.next_attempt_at, seen.reason, seen.detail) == (later(60), "wait_window", "Waits")
    assert (await _events(db, call.call_id))[-1].data == {
        "status": "Queued",
        "waitingFor": "window",
        "until": later(60).isoformat(),
        "reason": "wait_window",
    }


async def test_the_same_decision_again_is_no_event(db: Database):
    call = await make.call_of_somebody(db)
    for decision in (make.wait(later(60)), make.queue(), make.dial()):
        for _ in range(2):
            await make.decide(db, call.call_id, decision)
    assert await _types(db, call.call_id) == ["created", "queued", "queued", "dialing"]


async def test_another_look_at_the_same_obstacle_is_no_event(db: Database):
    call = await make.call_of_somebody(db)
    for minutes in (15, 30, 45):
        wait = replace(make.wait(later(60 * minutes)), reason=Reason.AGENT_DISABLED)
        seen = await make.decide(db, call.call_id, wait)
        assert seen.next_attempt_at == later(60 * minutes)
    assert await _types(db, call.call_id) == ["created", "queued"]


async def test_waiting_for_a_retry_has_an_event_of_its_own(db: Database):
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.wait(later(60), WaitingFor.RETRY))
    assert await _types(db, call.call_id) == ["created", "retry_scheduled"]


async def test_a_call_keeps_its_place_in_the_queue_until_it_leaves(db: Database):
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.queue(), later(1))
    seen = await make.decide(db, call.call_id, make.queue(), later(2))
    assert (seen.queued_at, seen.waiting_for) == (later(1), WaitingFor.SLOT)
    seen = await make.decide(db, call.call_id, make.wait(later(60)), later(3))
    assert seen.queued_at is None
    seen = await make.decide(db, call.call_id, make.queue(), later(4))
    assert seen.queued_at == later(4)


async def test_a_dialed_call_starts_once(db: Database):
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.queue())
    seen = await make.decide(db, call.call_id, make.dial(1), later(1))
    assert (seen.status, seen.waiting_for) == (CallStatus.PENDING, None)
    assert (seen.started_time, seen.queued_at) == (later(1), None)
    seen = await make.decide(db, call.call_id, make.dial(2), later(9))
    assert seen.started_time == later(1)
    assert (await _types(db, call.call_id)).count("dialing") == 2


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_every_outcome_ends_the_call_for_good(db: Database, outcome: Outcome):
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.wait(later(5)))
    await make.decide(db, call.call_id, make.end(outcome), later(9))
    for decision in (make.dial(), make.wait(later(99)), make.end(Outcome.CONFIRMED)):
        await make.decide(db, call.call_id, decision, later(20))
    seen = await make.call_seen(db, call.call_id)
    assert (seen.status, seen.outcome) == (STATUS_OF_OUTCOME[outcome], outcome)
    assert (seen.completed_time, seen.next_attempt_at) == (later(9), None)
    assert seen.waiting_for is None
    assert (await _events(db, call.call_id))[-1].data["outcome"] == outcome.value


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Outcome.CONFIRMED, "completed"),
        (Outcome.VOICEMAIL, "completed"),
        (Outcome.BUSY, "failed"),
        (Outcome.CANCELED, "canceled"),
        (Outcome.DEADLINE_MISSED, "deadline_missed"),
        (Outcome.SUPPRESSED, "suppressed"),
    ],
)
async def test_the_last_event_names_the_end(db: Database, outcome: Outcome, event: str):
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.end(outcome))
    assert await _types(db, call.call_id) == ["created", event]


async def test_no_event_holds_a_number(db: Database):
    call = await make.call_of_somebody(db, context={"name": "Grace"})
    attempt = await make.sent(db, call)
    async with db.write() as session:
        await calls.set_not_before(session, call, later(60), NOW)
    await make.decide(db, call.call_id, make.end(Outcome.COMPLETED))
    said = str([event.model_dump() for event in await _events(db, call.call_id)])
    for secret in (CALLEE, make.CALLER, "Grace", attempt.token):
        assert secret not in said


async def test_a_cancel_is_noted_while_nothing_has_reached_the_carrier(db: Database):
    call = await make.call_of_somebody(db)
    async with db.write() as session:
        assert await calls.request_cancel(session, call.call_id)
    assert (await make.call_seen(db, call.call_id)).cancel_requested


async def test_a_live_or_ended_call_is_not_canceled(db: Database):
    live = await make.call_of_somebody(db)
    await make.sent(db, live)
    ended = await make.call_of_somebody(db)
    await make.decide(db, ended.call_id, make.end(Outcome.BUSY))
    async with db.write() as session:
        assert not await calls.request_cancel(session, live.call_id)
        assert not await calls.request_cancel(session, ended.call_id)
        assert not await calls.request_cancel(session, "nobody")
    for call in (live, ended):
        assert not (await make.call_seen(db, call.call_id)).cancel_requested


async def test_rescheduling_is_told_once(db: Database):
    call = await make.call_of_somebody(db)
    for _ in range(2):
        async with db.write() as session:
            await calls.set_not_before(session, call, later(60), NOW)
    assert (await make.call_seen(db, call.call_id)).not_before == later(60)
    assert await _types(db, call.call_id) == ["created", "rescheduled"]


async def _report(db: Database, call: Call, **said: object) -> Call:
    nothing = {"outcome": None, "summary": None, "transcript": None, "structured": None}
    async with db.write() as session:
        await calls.report(session, call, now=NOW, **{**nothing, **said})  # type: ignore[arg-type]
    return await make.call_seen(db, call.call_id)


async def test_a_report_adds_to_what_was_reported(db: Database):
    call = await make.call_of_somebody(db)
    await _report(db, call, outcome=Outcome.CONFIRMED, summary="They come.")
    seen = await _report(db, call, structured={"guests": 2})
    assert seen.reported_outcome is Outcome.CONFIRMED
    assert seen.result is not None
    assert (seen.result["summary"], seen.result["structured"]) == ("They come.", {"guests": 2})


async def test_a_report_after_the_end_does_not_change_the_outcome(db: Database):
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.end(Outcome.COMPLETED))
    seen = await _report(db, call, outcome=Outcome.DECLINED, summary="late")
    assert (seen.reported_outcome, seen.outcome) == (None, Outcome.COMPLETED)


async def test_open_calls_are_found_among_others(db: Database):
    agent = await make.agent(db, await make.account(db))
    open_one, ended = [await make.call(db, agent) for _ in range(2)]
    await make.decide(db, ended.call_id, make.end(Outcome.BUSY))
    async with db.read() as session:
        found = await calls.open_among(session, [open_one.call_id, ended.call_id, "nobody"])
        assert await calls.open_among(session, []) == []
    assert [call.call_id for call in found] == [open_one.call_id]


async def test_a_call_from_another_session_is_changed_as_it_is_now(db: Database):
    stale = await make.call_of_somebody(db)
    await make.decide(db, stale.call_id, make.queue())
    async with db.write() as session:
        await event_log.append(session, stale, "call.queued", later(1))
        await calls.apply_decision(session, stale, make.dial(), later(2))
    seen = await make.call_seen(db, stale.call_id)
    async with db.read() as session:
        told = await event_log.of_call(session, stale.call_id)
    assert seen.status is CallStatus.PENDING
    assert [one.sequence for one in told] == [1, 2, 3, 4]


FULL = Decision(
    DecisionKind.QUEUE,
    "no_free_slot",
    "Waits",
    until=later(1),
    valid_until=later(2),
    waiting_for=WaitingFor.SLOT,
    outcome=Outcome.BUSY,
    attempt_number=3,
    rules=("us.hours", "us.dnc"),
    versions=("tzdata=2026.6",),
)


@pytest.mark.parametrize("decision", [FULL, make.dial(), make.end(Outcome.BUSY)])
async def test_a_recorded_decision_comes_back_as_it_was(db: Database, decision: Decision):
    call = await make.call_of_somebody(db)
    async with db.write() as session:
        assert await decisions.recorded(session, call.call_id, 1) is None
        await decisions.record(session, call.call_id, 1, decision, NOW)
    async with db.read() as session:
        assert await decisions.recorded(session, call.call_id, 1) == decision


async def test_the_first_decision_of_a_step_stands(db: Database):
    call = await make.call_of_somebody(db)
    for step, decision in [(2, FULL), (1, make.dial()), (1, make.queue())]:
        async with db.write() as session:
            await decisions.record(session, call.call_id, step, decision, NOW)
    async with db.read() as session:
        rows = await decisions.of_call(session, call.call_id)
    assert [(row.step, row.kind) for row in rows] == [
        (1, DecisionKind.DIAL),
        (2, DecisionKind.QUEUE),
    ]


@pytest.mark.parametrize("count", [1, 2])
async def test_what_is_not_said_of_a_call_is_null_in_its_row(db: Database, count: int) -> None:
    agent = await make.agent(db, await make.account(db))
    rows = [make.unsaved_call(agent, window_spec=None, consent_spec=None) for _ in range(count)]
    async with db.write() as session:
        await calls.insert_many(session, rows, NOW)
        connection = await session.connection()
        found = await connection.execute(
            text("SELECT count(*) FROM call WHERE window_spec IS NULL AND consent_spec IS NULL")
        )
    assert found.scalar_one() == count
