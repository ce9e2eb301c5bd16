"""Calls and texts that come in: whose number it is, and who waits for the caller."""

import pytest
from sqlmodel import select

from policy.model.call import Outcome
from policy.model.person import Returned
from storage import inbound
from storage.accounts import agents
from storage.calls import calls
from storage.database.engine import Database
from storage.events import event_log
from storage.tables import Inbound
from tests.storage import make
from tests.storage.make import CALLEE, CALLER, NOW, later


def row(account_id: str, sid: str = "CA1") -> Inbound:
    return Inbound(
        account_id=account_id,
        kind="call",
        carrier_sid=f"{sid}:{account_id}",
        from_endpoint=CALLEE,
        to_endpoint=CALLER,
        at=NOW,
    )


async def test_a_number_is_that_of_every_agent_that_calls_from_it_the_oldest_first(db: Database):
    account = await make.account(db)
    second = await make.agent(db, account, caller_ids=["+14155550111", CALLER], created_time=NOW)
    first = await make.agent(db, await make.account(db), created_time=later(-1))
    await make.agent(db, account, caller_ids=[f"{CALLER}0", "+14155550111"])
    await make.agent(db, account, caller_ids=[])
    gone = await make.agent(db, account)
    async with db.write() as session:
        await agents.delete(session, await session.merge(gone), NOW)
    async with db.read() as session:
        found = await inbound.agents_at(session, CALLER)
        nobodys = await inbound.agents_at(session, "+14155550188")
    assert [one.agent_id for one in found] == [first.agent_id, second.agent_id]
    assert nobodys == []


async def test_one_call_is_noted_once_for_each_account(db: Database):
    async with db.write() as session:
        noted = [await inbound.note(session, row(one)) for one in ("a", "a", "b")]
    assert noted == [True, False, True]


@pytest.mark.parametrize("was_noted", [True, False])
async def test_an_opt_out_is_noted_with_its_call_which_may_not_have_been(
    db: Database, was_noted: bool
):
    async with db.write() as session:
        if was_noted:
            await inbound.note(session, row("a"))
        await inbound.note(session, row("b"))
        await inbound.note_opt_out(session, row("a"))
    async with db.read() as session:
        found = (await session.exec(select(Inbound))).all()
    assert sorted((one.account_id, one.opted_out) for one in found) == [("a", True), ("b", False)]


async def test_the_oldest_call_that_waits_is_the_callers(db: Database):
    account = await make.account(db)
    agent = await make.agent(db, account)
    over = await make.call(db, agent, at=later(-9))
    await make.decide(db, over.call_id, make.end(Outcome.CANCELED))
    live = await make.call(db, agent, at=later(-8))
    await make.sent(db, live)
    second = await make.call(db, agent, at=later(-1))
    first = await make.call(db, agent, at=later(-2))
    await make.decide(db, first.call_id, make.wait(later(60)))
    await make.call(db, agent, at=later(-5), endpoint="+14155550102")
    async with db.read() as session:
        found = await inbound.waiting_call(session, account.account_id, CALLEE)
        nobodys = await inbound.waiting_call(session, "somebody", CALLEE)
    assert found is not None
    assert found.call_id == first.call_id != second.call_id
    assert nobodys is None


@pytest.mark.parametrize("action", list(Returned))
async def test_a_link_is_an_event_of_the_call_and_what_is_to_become_of_it(
    db: Database, action: Returned
):
    call = await make.call_of_somebody(db)
    async with db.write() as session:
        held = await calls.lock(session, call.call_id)
        assert held is not None
        await inbound.link(session, held, action, NOW)
    seen = await make.call_seen(db, call.call_id)
    assert seen.returned == (None if action is Returned.KEEP else action)
    async with db.read() as session:
        last = (await event_log.of_call(session, call.call_id))[-1]
    assert (last.type, last.data["action"]) == ("call.called_back", action.value)
