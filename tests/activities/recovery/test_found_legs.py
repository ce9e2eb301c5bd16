"""Legs that only the carrier remembers, on both databases: whose they are, and where to ask."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from sqlmodel import select

from activities.clock import utcnow
from activities.dials.carrier_switch import CarrierSwitch
from activities.recovery.reconciliation import Reconciled, Reconciliation
from policy.model.call import AttemptResult, CallStatus, Outcome
from storage.carriers import carrier_accounts
from storage.carriers.credentials import CredentialBook
from storage.carriers.sealer import Sealer, new_key
from storage.database.engine import Database
from storage.tables import Account, Agent, Attempt, Call, CarrierAccount
from telephony.memory.carrier import MemoryCarrier
from telephony.port import Leg, LegStatus
from tests.storage import make

NUMBER, CALLEE = "+12025550155", "+12025550160"
SEALER = Sealer.of(new_key())


class NoWorkflows:
    """Temporal has forgotten all, or had nothing."""

    async def list_workflows(self, _query: str) -> AsyncIterator[Any]:
        return
        yield


def _leg(sid: str) -> Leg:
    return Leg(
        sid,
        LegStatus.COMPLETED,
        to=CALLEE,
        from_=NUMBER,
        created_at=utcnow() - timedelta(minutes=5),
        answered_by="human",
        duration=30,
    )


class Remembering(MemoryCarrier):
    """A carrier that has made one leg, which nobody here knows."""

    def __init__(self, sid: str | None) -> None:
        super().__init__()
        self._told = [] if sid is None else [_leg(sid)]

    async def made(self, **_: Any) -> list[Leg]:
        return self._told


async def reconciled(db: Database, own: str | None, others: str | None) -> Reconciled:
    switch = CarrierSwitch(
        db, Remembering(own), CredentialBook(db, SEALER), lambda _: Remembering(others)
    )
    since = utcnow() - timedelta(hours=1)
    return await Reconciliation(db, NoWorkflows(), switch, since).run()  # type: ignore[arg-type]


async def tenants(db: Database) -> tuple[Agent, Agent, CarrierAccount]:
    """Two accounts whose agents have the same number; the second dials by an account of its own."""
    first = await make.agent(db, await make.account(db), caller_ids=[NUMBER])
    owner = await make.account(db)
    second = await make.agent(db, owner, caller_ids=[NUMBER])
    return first, second, await _account_at_carrier(db, owner, caller_ids=[NUMBER])


async def _account_at_carrier(db: Database, owner: Account, **other: Any) -> CarrierAccount:
    times: dict[str, Any] = dict.fromkeys(("token_time", "created_time", "updated_time"), utcnow())
    row = CarrierAccount(
        account_id=owner.account_id,
        name="Ireland",
        account_sid="AC" + "a" * 32,
        **times,
        **other,
    )
    row.sealed_token = SEALER.seal("token-1", row.carrier_account_id)
    async with db.write() as session:
        await carrier_accounts.add(session, row)
    return row


async def only_attempt(db: Database) -> tuple[Call, Attempt]:
    async with db.read() as session:
        call = (await session.exec(select(Call))).one()
        return call, (await session.exec(select(Attempt))).one()


async def test_a_leg_at_an_account_of_its_own_is_kept_with_it_and_for_its_owner(db: Database):
    _, second, row = await tenants(db)
    found = await reconciled(db, None, "CA" + "b" * 32)
    assert (found.found_calls, found.legs, found.unplaced_legs) == (1, 1, [])
    call, attempt = await only_attempt(db)
    assert (call.agent_id, call.status) == (second.agent_id, CallStatus.COMPLETED)
    assert (call.outcome, attempt.result) == (Outcome.COMPLETED, AttemptResult.ANSWERED)
    assert attempt.carrier_account_id == row.carrier_account_id
    again = await reconciled(db, None, "CA" + "b" * 32)
    assert (again.found_calls, again.legs) == (0, 0)


async def test_a_leg_of_the_installations_own_is_nobodys_who_dials_by_another(db: Database):
    first, _, _ = await tenants(db)
    await reconciled(db, "CA" + "c" * 32, None)
    call, attempt = await only_attempt(db)
    assert (call.agent_id, attempt.carrier_account_id) == (first.agent_id, None)


async def test_a_leg_of_the_installations_own_is_nobodys_who_dials_from_all_numbers_by_another(
    db: Database,
):
    owner = await make.account(db)
    await make.agent(db, owner, caller_ids=[NUMBER])
    second = await make.agent(db, await make.account(db), caller_ids=[NUMBER])
    await _account_at_carrier(db, owner, is_default=True)
    await reconciled(db, "CA" + "c" * 32, None)
    call, attempt = await only_attempt(db)
    assert (call.agent_id, attempt.carrier_account_id) == (second.agent_id, None)


async def test_a_default_is_asked_about_the_numbers_of_its_own_owner_and_no_others(db: Database):
    await make.agent(db, await make.account(db), caller_ids=[NUMBER])
    owner = await make.account(db)
    speaker = await make.agent(db, owner, caller_ids=["+12025550177"])
    row = await _account_at_carrier(db, owner, is_default=True)
    book = CredentialBook(db, SEALER)
    assert await book.with_number(NUMBER) == []
    [own] = speaker.caller_ids
    assert await book.with_number(own) == [row.carrier_account_id]
