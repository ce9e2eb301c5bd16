"""The dial ledger: one dial for one intent, whoever crashes and whatever comes twice."""

import asyncio
from datetime import timedelta

import pytest

from policy.model.call import AttemptResult, AttemptState, CallStatus, Outcome
from storage.attempts import attempts
from storage.attempts.attempts import SendGate
from storage.calls import calls
from storage.database.engine import Database
from storage.events import event_log
from storage.tables import Attempt
from tests.storage import make
from tests.storage.make import NOW, later


async def _gate(db: Database, attempt: Attempt) -> SendGate:
    async with db.write() as session:
        return await attempts.begin_sending(session, attempt, NOW)


async def _types(db: Database, call_id: str) -> list[str]:
    async with db.read() as session:
        return [event.type for event in await event_log.of_call(session, call_id)]


async def test_planning_twice_gives_the_same_intent(db: Database):
    call = await make.call_of_somebody(db)
    first, second = [await make.planned(db, call) for _ in range(2)]
    assert first.attempt_id == second.attempt_id
    assert first.token == second.token
    assert len(first.token) >= 43
    assert (first.to_endpoint, first.from_endpoint) == (call.endpoint, call.caller_id)


async def test_of_two_senders_at_once_one_may_send(db: Database):
    attempt = await make.planned(db, await make.call_of_somebody(db))
    gates = await asyncio.gather(*(_gate(db, attempt) for _ in range(8)))
    assert sorted(gates) == [SendGate.GO] + [SendGate.LOST] * 7
    assert (await make.seen(db, attempt)).state is AttemptState.SENDING


async def test_of_two_calls_between_the_same_numbers_one_may_send(db: Database):
    agent = await make.agent(db, await make.account(db))
    planned = [await make.planned(db, await make.call(db, agent)) for _ in range(6)]
    gates = await asyncio.gather(*(_gate(db, attempt) for attempt in planned))
    assert sorted(gates) == [SendGate.BLOCKED] * 5 + [SendGate.GO]


@pytest.mark.parametrize("unresolved", ["sending", "unknown"])
async def test_an_open_fate_blocks_its_pair_of_numbers_until_it_is_settled(
    db: Database, unresolved: str
):
    agent = await make.agent(db, await make.account(db))
    open_one = await make.sending(db, await make.call(db, agent))
    if unresolved == "unknown":
        async with db.write() as session:
            assert await attempts.mark_unknown(session, open_one, NOW, "reset")
    other = await make.planned(db, await make.call(db, agent))
    assert await _gate(db, other) is SendGate.BLOCKED
    assert (await make.seen(db, other)).result is AttemptResult.THROTTLED
    async with db.write() as session:
        await attempts.settle(session, open_one, NOW)
    assert await _gate(db, other) is SendGate.LOST
    again = await make.planned(db, await make.call(db, agent))
    assert await _gate(db, again) is SendGate.GO


async def test_another_number_is_not_blocked(db: Database):
    agent = await make.agent(db, await make.account(db))
    await make.sending(db, await make.call(db, agent))
    other = await make.planned(db, await make.call(db, agent, endpoint="+14155550102"))
    assert await _gate(db, other) is SendGate.GO


async def test_a_sent_attempt_blocks_nothing(db: Database):
    agent = await make.agent(db, await make.account(db))
    await make.sent(db, await make.call(db, agent))
    other = await make.planned(db, await make.call(db, agent))
    assert await _gate(db, other) is SendGate.GO


async def test_a_canceled_call_is_not_sent(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.planned(db, call)
    async with db.write() as session:
        assert await calls.request_cancel(session, call.call_id)
    assert await _gate(db, attempt) is SendGate.WITHDRAWN


async def test_a_settled_intent_is_never_sent(db: Database):
    attempt = await make.planned(db, await make.call_of_somebody(db))
    async with db.write() as session:
        assert await attempts.settle(session, attempt, NOW) is AttemptResult.NOT_SENT
    assert await _gate(db, attempt) is SendGate.LOST


async def test_what_was_sent_shows_as_in_progress(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call, sid="CA1")
    assert (attempt.state, attempt.carrier_sid) == (AttemptState.SENT, "CA1")
    assert attempt.sent_at == NOW
    assert (await make.call_seen(db, call.call_id)).status is CallStatus.IN_PROGRESS


async def test_a_callback_may_be_faster_than_the_answer_to_the_create(db: Database):
    attempt = await make.sending(db, await make.call_of_somebody(db))
    ringing = attempts.CarrierUpdate("ringing")
    async with db.write() as session:
        assert await attempts.bind(session, attempt, "CA1", NOW)
        await attempts.apply_carrier_event(session, attempt, ringing, NOW)
    async with db.write() as session:
        assert await attempts.mark_sent(session, attempt, "CA1", "queued", NOW) == "CA1"
    row = await make.seen(db, attempt)
    assert (row.state, row.carrier_status) == (AttemptState.RINGING, "ringing")


async def test_the_first_sid_wins(db: Database):
    attempt = await make.sending(db, await make.call_of_somebody(db))
    async with db.write() as session:
        assert await attempts.bind(session, attempt, "CA1", NOW)
    async with db.write() as session:
        assert await attempts.bind(session, attempt, "CA1", NOW)
        assert not await attempts.bind(session, attempt, "CA2", NOW)
        assert await attempts.mark_sent(session, attempt, "CA2", "queued", NOW) == "CA1"


async def test_of_two_legs_at_once_one_is_bound(db: Database):
    attempt = await make.sending(db, await make.call_of_somebody(db))

    async def bind(sid: str) -> bool:
        async with db.write() as session:
            return await attempts.bind(session, attempt, sid, NOW)

    bound = await asyncio.gather(*(bind(f"CA{n}") for n in range(5)))
    assert sum(bound) == 1


async def test_a_leg_of_another_attempt_is_not_taken(db: Database):
    agent = await make.agent(db, await make.account(db))
    owner = await make.sent(db, await make.call(db, agent), sid="CA1")
    other = await make.sending(db, await make.call(db, agent))
    async with db.write() as session:
        assert not await attempts.bind(session, other, "CA1", NOW)
        assert await attempts.known_sids(session, ["CA1", "CA2"]) == {"CA1"}
        # More than PostgreSQL takes in one statement.
        many = [f"CA{n}" for n in range(66_000)]
        assert await attempts.known_sids(session, many) == {"CA1"}
        found = await attempts.by_sid(session, "CA1")
    assert found is not None
    assert found.attempt_id == owner.attempt_id


async def test_an_unknown_attempt_is_told_of_once_and_resolved_by_its_leg(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sending(db, call)
    for _ in range(2):
        async with db.write() as session:
            assert await attempts.mark_unknown(session, attempt, NOW, "timeout")
    async with db.write() as session:
        assert await attempts.bind(session, attempt, "CA1", NOW)
        assert not await attempts.mark_unknown(session, attempt, NOW, "timeout")
    assert (await make.seen(db, attempt)).state is AttemptState.SENT
    assert (await _types(db, call.call_id)).count("call.unknown") == 1
    assert (await make.call_seen(db, call.call_id)).status is CallStatus.IN_PROGRESS


async def test_a_parked_attempt_ends_as_unknown_and_counts(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sending(db, call)
    async with db.write() as session:
        await attempts.mark_unknown(session, attempt, NOW, "timeout")
        assert await attempts.park(session, attempt, later(60))
        assert await attempts.settle(session, attempt, later(60)) is AttemptResult.UNKNOWN
    row = await make.seen(db, attempt)
    assert (row.state, row.settled_at) == (AttemptState.UNKNOWN, later(60))
    assert (await make.call_seen(db, call.call_id)).attempt_count == 1


async def test_a_found_attempt_is_not_parked(db: Database):
    attempt = await make.sending(db, await make.call_of_somebody(db))
    async with db.write() as session:
        await attempts.mark_unknown(session, attempt, NOW, "timeout")
        await attempts.bind(session, attempt, "CA1", NOW)
        assert not await attempts.park(session, attempt, NOW)


async def test_a_rejection_is_recorded_with_its_code(db: Database):
    attempt = await make.sending(db, await make.call_of_somebody(db))
    invalid = AttemptResult.INVALID
    async with db.write() as session:
        await attempts.mark_over(session, attempt, invalid, NOW, error_code=21211, error="no")
    row = await make.seen(db, attempt)
    assert (row.state, row.result) == (AttemptState.REJECTED, invalid)
    assert (row.error_code, row.error) == (21211, "no")


async def test_a_rejection_is_not_believed_once_a_leg_was_seen(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    async with db.write() as session:
        await attempts.mark_over(session, attempt, AttemptResult.NETWORK_ERROR, NOW)
    row = await make.seen(db, attempt)
    assert (row.state, row.result) == (AttemptState.SENT, None)


async def test_not_sent_is_believed_only_of_an_intent(db: Database):
    agent = await make.agent(db, await make.account(db))
    intent = await make.planned(db, await make.call(db, agent))
    sending = await make.sending(db, await make.call(db, agent))
    async with db.write() as session:
        assert await attempts.mark_over(session, intent, AttemptResult.NOT_SENT, NOW)
        assert await attempts.mark_over(session, intent, AttemptResult.NOT_SENT, NOW)
        assert not await attempts.mark_over(session, sending, AttemptResult.NOT_SENT, NOW)
    assert (await make.seen(db, sending)).state is AttemptState.SENDING


async def test_settling_twice_counts_once(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sent(db, call)
    ended = attempts.CarrierUpdate("busy")
    async with db.write() as session:
        await attempts.apply_carrier_event(session, attempt, ended, later(5))
    for moment in (10, 20):
        async with db.write() as session:
            result = await attempts.settle(session, attempt, later(moment))
        assert result is AttemptResult.BUSY
    assert (await make.seen(db, attempt)).settled_at == later(10)
    assert (await make.call_seen(db, call.call_id)).attempt_count == 1


@pytest.mark.parametrize("result", [AttemptResult.THROTTLED, AttemptResult.NOT_SENT])
async def test_what_rang_nowhere_does_not_count(db: Database, result: AttemptResult):
    call = await make.call_of_somebody(db)
    attempt = await make.planned(db, call)
    async with db.write() as session:
        await attempts.mark_over(session, attempt, result, NOW)
        assert await attempts.settle(session, attempt, NOW) is result
    assert (await make.call_seen(db, call.call_id)).attempt_count == 0


async def test_withdrawing_a_call_settles_what_is_open(db: Database):
    call = await make.call_of_somebody(db)
    first = await make.sending(db, call)
    second = await make.planned(db, call, 2)
    async with db.write() as session:
        assert await attempts.withdraw(session, call, NOW) == 2
        assert await attempts.withdraw(session, call, NOW) == 0
    assert (await make.seen(db, first)).result is AttemptResult.UNKNOWN
    assert (await make.seen(db, second)).result is AttemptResult.NOT_SENT


async def test_attempts_are_found_by_number_token_and_call(db: Database):
    call = await make.call_of_somebody(db)
    first = await make.planned(db, call)
    second = await make.planned(db, call, 2)
    async with db.write() as session:
        by_token = await attempts.hold_by_token(session, first.token)
        by_number = await attempts.get(session, call.call_id, 2)
        ledger = await attempts.of_call(session, call.call_id)
        assert await attempts.hold_by_token(session, "another") is None
    assert by_token is not None
    assert by_number is not None
    assert [by_token[1].number, by_number.number] == [1, 2]
    assert [one.attempt_id for one in ledger] == [first.attempt_id, second.attempt_id]


async def _silent(db: Database, after: float) -> list[str]:
    async with db.read() as session:
        return [one.attempt_id for one in await attempts.silent(session, later(after), 10)]


async def test_a_leg_is_silent_when_it_rings_longer_than_it_may(db: Database):
    call = await make.call_of_somebody(db, ring_timeout=20)
    attempt = await make.sent(db, call)
    assert await _silent(db, 34) == []
    assert await _silent(db, 36) == [attempt.attempt_id]
    async with db.write() as session:
        (await attempts.reload(session, attempt)).checked_at = later(36)
    assert await _silent(db, 40) == []
    assert await _silent(db, 52) == [attempt.attempt_id]


async def test_an_answered_leg_is_silent_when_nobody_has_asked_for_a_while(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    answered = attempts.CarrierUpdate("in-progress")
    async with db.write() as session:
        await attempts.apply_carrier_event(session, attempt, answered, later(5))
    due = 5 + attempts.ANSWERED_CHECK.total_seconds()
    assert await _silent(db, due) == []
    assert await _silent(db, due + 1) == [attempt.attempt_id]
    async with db.write() as session:
        (await attempts.reload(session, attempt)).checked_at = later(due + 1)
    assert await _silent(db, due + 20) == []


async def test_an_end_is_told_again_until_it_is_settled(db: Database):
    attempt = await make.sent(db, await make.call_of_somebody(db))
    async with db.write() as session:
        ended = attempts.CarrierUpdate("completed")
        await attempts.apply_carrier_event(session, attempt, ended, later(5))
    assert await _silent(db, 10) == []
    assert await _silent(db, 16) == [attempt.attempt_id]
    async with db.write() as session:
        await attempts.settle(session, attempt, later(16))
    assert await _silent(db, 60) == []


async def test_the_oldest_silent_legs_come_first(db: Database):
    agent = await make.agent(db, await make.account(db))
    sent = [
        await make.sent(db, await make.call(db, agent, endpoint=f"+1415555010{n}"))
        for n in range(3)
    ]
    async with db.write() as session:
        for age, attempt in enumerate(sent):
            row = await attempts.reload(session, attempt)
            row.sent_at = NOW - timedelta(seconds=age)
    async with db.read() as session:
        found = await attempts.silent(session, later(3600), 2)
    assert [one.attempt_id for one in found] == [sent[2].attempt_id, sent[1].attempt_id]


async def test_a_call_that_has_ended_takes_no_more_attempts(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.planned(db, call)
    await make.decide(db, call.call_id, make.end(Outcome.CANCELED))
    assert await _gate(db, attempt) is SendGate.WITHDRAWN


async def test_an_answer_to_a_dial_of_which_nothing_else_was_heard_is_noted_at_once(db: Database):
    call = await make.call_of_somebody(db)
    attempt = await make.sending(db, call)
    async with db.write() as session:
        assert await attempts.note_sent(session, attempt, "CA1", "queued", NOW)
    seen, then = await make.seen(db, attempt), await make.call_seen(db, call.call_id)
    assert (seen.state, seen.carrier_sid, seen.sent_at) == (AttemptState.SENT, "CA1", NOW)
    assert (then.status, then.detail) == (CallStatus.IN_PROGRESS, "The carrier has attempt 1")


async def _canceled(db: Database, attempt: Attempt) -> None:
    async with db.write() as session:
        call = await calls.lock(session, attempt.call_id)
        assert call is not None
        call.cancel_requested = True


async def _named_by_a_webhook(db: Database, attempt: Attempt) -> None:
    async with db.write() as session:
        assert await attempts.bind(session, attempt, "CA0", NOW)


async def _settled(db: Database, attempt: Attempt) -> None:
    async with db.write() as session:
        await attempts.settle(session, attempt, NOW)


async def _given_to_another(db: Database, _: Attempt) -> None:
    await make.sent(db, await make.call_of_somebody(db, endpoint="+14155550102"), sid="CA1")


@pytest.mark.parametrize("meanwhile", [_canceled, _named_by_a_webhook, _settled, _given_to_another])
async def test_of_any_other_dial_the_quick_note_writes_nothing(db: Database, meanwhile):
    call = await make.call_of_somebody(db)
    attempt = await make.sending(db, call)
    await meanwhile(db, attempt)
    before = (await make.seen(db, attempt), await make.call_seen(db, call.call_id))
    async with db.write() as session:
        assert not await attempts.note_sent(session, attempt, "CA1", "queued", NOW)
    assert (await make.seen(db, attempt), await make.call_seen(db, call.call_id)) == before
