"""Rows with everything that a test does not care about already filled in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import Decision, DecisionKind, Outcome, WaitingFor
from storage.accounts import agents
from storage.attempts import attempts
from storage.calls import calls
from storage.campaigns import campaigns
from storage.database.engine import Database
from storage.tables import Account, Agent, Attempt, Call, Campaign, Transfer

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CALLEE = "+14155550101"
CALLER = "+14155550199"


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def account(db: Database, **changes: Any) -> Account:
    row = Account(**{"name": "somebody", "created_time": NOW, **changes})
    async with db.write() as session:
        session.add(row)
    return row


async def agent(db: Database, owner: Account, **changes: Any) -> Agent:
    values = {"name": "Ada", "caller_ids": [CALLER], "created_time": NOW, "updated_time": NOW}
    row = Agent(account_id=owner.account_id, **{**values, **changes})
    async with db.write() as session:
        await agents.add(session, row)
    return row


def unsaved_call(by: Agent, **changes: Any) -> Call:
    values = {"endpoint": CALLEE, "caller_id": CALLER, "timezone": "UTC"}
    owner = {"account_id": by.account_id, "agent_id": by.agent_id}
    return Call(**{**owner, **values, **changes})


async def call(db: Database, by: Agent, *, at: datetime = NOW, **changes: Any) -> Call:
    row = unsaved_call(by, **changes)
    async with db.write() as session:
        await calls.insert_many(session, [row], at)
    return row


async def call_of_somebody(db: Database, **changes: Any) -> Call:
    """A call with an account and an agent of its own."""
    return await call(db, await agent(db, await account(db)), **changes)


async def decide(db: Database, call_id: str, decision: Decision, at: datetime = NOW) -> Call:
    async with db.write() as session:
        row = await calls.lock(session, call_id)
        assert row is not None
        await calls.apply_decision(session, row, decision, at)
    return row


async def planned(db: Database, of: Call, number: int = 1) -> Attempt:
    """A pending call and the intent to dial it."""
    await decide(db, of.call_id, dial(number))
    async with db.write() as session:
        return await intent(session, of, number, NOW)


async def intent(
    session: AsyncSession, of: Call, number: int, now: datetime, **known: Any
) -> Attempt:
    """The intent to dial, as the database has it, held."""
    await attempts.plan(session, of, number, now, **known)
    found = await attempts.hold(session, of.call_id, number)
    assert found is not None
    return found[1]


async def sending(db: Database, of: Call, number: int = 1) -> Attempt:
    attempt = await planned(db, of, number)
    async with db.write() as session:
        gate = await attempts.begin_sending(session, attempt, NOW)
    assert gate is attempts.SendGate.GO
    return await seen(db, attempt)


async def sent(db: Database, of: Call, number: int = 1, sid: str | None = None) -> Attempt:
    attempt = await sending(db, of, number)
    async with db.write() as session:
        await attempts.mark_sent(session, attempt, sid or new_sid(), "queued", NOW)
    return await seen(db, attempt)


def transfer(by: Attempt, **changes: Any) -> Transfer:
    """To the target `desk`, asked for at the beginning of a script; not yet in the database."""
    return Transfer(
        account_id=by.account_id,
        call_id=by.call_id,
        attempt_id=by.attempt_id,
        attempt_number=by.number,
        **{"place": "0:desk", "node": "desk", "target_name": "desk", **changes},
    )


async def seen(db: Database, attempt: Attempt) -> Attempt:
    """The attempt as the database has it."""
    async with db.read() as session:
        row = await session.get(Attempt, attempt.attempt_id)
    assert row is not None
    return row


async def call_seen(db: Database, call_id: str) -> Call:
    async with db.read() as session:
        row = await calls.load(session, call_id)
    assert row is not None
    return row


def new_sid() -> str:
    return f"CA{uuid4().hex}"


def dial(number: int = 1) -> Decision:
    return Decision(DecisionKind.DIAL, "now", "Now", attempt_number=number)


def queue() -> Decision:
    kind, slot = DecisionKind.QUEUE, WaitingFor.SLOT
    return Decision(kind, "no_free_slot", "Waits for a slot", waiting_for=slot)


def wait(until: datetime, why: WaitingFor = WaitingFor.WINDOW) -> Decision:
    return Decision(DecisionKind.WAIT, f"wait_{why}", "Waits", until=until, waiting_for=why)


def end(outcome: Outcome) -> Decision:
    return Decision(DecisionKind.END, "concluded", "It is over", outcome=outcome)


async def campaign(db: Database, by: Agent, **changes: Any) -> Campaign:
    values = {"name": "spring", "timezone": "UTC", "created_time": NOW, "updated_time": NOW}
    owner = {"account_id": by.account_id, "agent_id": by.agent_id}
    row = Campaign(**{**owner, **values, **changes})
    async with db.write() as session:
        await campaigns.add(session, row)
    return row


async def campaign_of_somebody(db: Database, **changes: Any) -> Campaign:
    """A campaign with an account and an agent of its own."""
    return await campaign(db, await agent(db, await account(db)), **changes)
