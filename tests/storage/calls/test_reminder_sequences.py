"""Sequences: what the end of one reminder does to the others, on both databases."""

from datetime import timedelta

import pytest

from policy.dispatch.slots import Slot
from policy.model.call import CallStatus, Outcome
from policy.model.reasons import Reason
from policy.reminders import Sibling
from storage.attempts import attempts
from storage.calls import reminder_sequences
from storage.database.engine import Database
from storage.dispatch import leases
from storage.events import event_log
from storage.facts.gather import FactGatherer
from storage.tables import Account, Agent, Call
from tests.storage import make
from tests.storage.make import NOW, later


async def three(db: Database, owner: Account | None = None) -> list[Call]:
    owner = owner or await make.account(db)
    agent = await make.agent(db, owner)
    row = {
        "sequence_id": "s1",
        "account_id": owner.account_id,
        "appointment_at": later(90_000),
        "remind": ["PT2H", "P1D", "PT12H"],
        "created_time": NOW,
        "updated_time": NOW,
    }
    async with db.write() as session:
        await reminder_sequences.insert_rows(session, [row])
    return [await reminder(db, agent, before) for before in ("P1D", "PT12H", "PT2H")]


async def reminder(db: Database, agent: Agent, before: str) -> Call:
    return await make.call(db, agent, sequence_id="s1", remind_before=before)


async def test_a_sequence_is_its_accounts_only_and_its_calls_are_in_order(db: Database):
    made = await three(db)
    other = await make.account(db)
    async with db.read() as session:
        assert await reminder_sequences.get(session, other.account_id, "s1") is None
        found = await reminder_sequences.get(session, made[0].account_id, "s1")
        assert found is not None
        assert (found.appointment_at, found.remind) == (later(90_000), ["PT2H", "P1D", "PT12H"])
        ordered = await reminder_sequences.calls_of(session, "s1")
    assert [call.remind_before for call in ordered] == ["P1D", "PT12H", "PT2H"]


async def test_each_call_knows_where_the_others_stand(db: Database):
    first, second, third = await three(db)
    alone = await make.call_of_somebody(db)
    await make.decide(db, first.call_id, make.end(Outcome.NO_ANSWER))
    await make.decide(db, second.call_id, make.dial())
    async with db.read() as session:
        found = await reminder_sequences.siblings(session, [third, first, alone])
    missed, busy = Sibling(Outcome.NO_ANSWER), Sibling(is_under_way=True)
    assert set(found[third.call_id]) == {missed, busy}
    assert set(found[first.call_id]) == {busy, Sibling()}
    assert alone.call_id not in found


async def test_the_facts_of_a_call_have_its_siblings_alone_or_among_many(db: Database):
    first, second, _ = await three(db)
    await make.decide(db, first.call_id, make.end(Outcome.BUSY))
    async with db.read() as session:
        account = await session.get(Account, first.account_id)
        assert account is not None
        alone = await FactGatherer().gather(session, second, NOW)
        many = await FactGatherer().gather_many(session, account, [second], NOW)
    assert set(alone.siblings) == {Sibling(Outcome.BUSY), Sibling()}
    assert many[second.call_id].siblings == alone.siblings


async def test_a_reminder_that_reached_the_person_ends_the_rest_and_takes_back_their_slots(
    db: Database,
):
    first, second, third = await three(db)
    async with db.write() as session:
        lifetime = timedelta(minutes=5)
        verdict = await leases.take(session, second, 1, NOW, lifetime=lifetime)
        assert verdict.slot is Slot.TAKEN
        await attempts.plan(session, second, 1, NOW)
    await make.decide(db, first.call_id, make.end(Outcome.CONFIRMED), later(5))
    for call in (second, third):
        seen = await make.call_seen(db, call.call_id)
        assert (seen.outcome, seen.reason) == (Outcome.CANCELED, Reason.SEQUENCE_DONE)
        assert seen.completed_time == later(5)
    async with db.read() as session:
        assert await leases.live(session, later(5)) == []
        attempt = await attempts.get(session, second.call_id, 1)
        told = await event_log.of_call(session, third.call_id)
        assert set(await reminder_sequences.to_tell(session, first)) == {
            second.call_id,
            third.call_id,
        }
    assert attempt is not None
    assert attempt.settled_at == later(5)
    assert [event.type for event in told] == ["call.created", "call.canceled"]


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.VOICEMAIL, Outcome.CANCELED])
async def test_one_that_did_not_leaves_them_alone(db: Database, outcome: Outcome):
    first, second, _ = await three(db)
    await make.decide(db, first.call_id, make.end(outcome))
    assert (await make.call_seen(db, second.call_id)).status is CallStatus.CREATED
    async with db.read() as session:
        assert await reminder_sequences.to_tell(session, first) == ()


async def test_what_is_being_dialed_is_not_ended_from_outside(db: Database):
    first, second, third = await three(db)
    await make.decide(db, second.call_id, make.dial())
    await make.decide(db, first.call_id, make.end(Outcome.DECLINED))
    assert (await make.call_seen(db, second.call_id)).status is CallStatus.PENDING
    assert (await make.call_seen(db, third.call_id)).status is CallStatus.CANCELED
