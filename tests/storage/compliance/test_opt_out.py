"""Who does not want to be called any more is not: at once, and by nobody of the account."""

from datetime import timedelta

import pytest
from sqlmodel import select

from policy.model.call import Outcome
from policy.model.person import ScopeKind
from policy.model.purposes import ConsentTier
from storage.compliance import opt_out, suppressions
from storage.compliance.opt_out import OptOutResult, waiting_for, waiting_in_vain
from storage.database.engine import Database
from storage.tables import Call, Consent, Suppression
from tests.storage import make
from tests.storage.make import CALLEE, NOW, later

OTHER = "+14155550102"
MINUTE = timedelta(minutes=1)


async def opts_out(db: Database, account_id: str, **changes: str) -> OptOutResult:
    async with db.write() as session:
        return await opt_out.opt_out(session, account_id, CALLEE, "pathway", NOW, **changes)


async def entries(db: Database) -> list[Suppression]:
    async with db.read() as session:
        return list((await session.exec(select(Suppression))).all())


async def consent(db: Database, account_id: str, endpoint: str = CALLEE) -> Consent:
    row = Consent(
        account_id=account_id,
        endpoint=endpoint,
        tier=ConsentTier.WRITTEN,
        method="tests",
        created_time=NOW,
        granted_time=NOW,
    )
    async with db.write() as session:
        session.add(row)
    return row


async def test_an_opt_out_is_for_all_calls_and_for_good(db: Database):
    call = await make.call_of_somebody(db)
    done = await opts_out(db, call.account_id, call_id=call.call_id, reason="said so")
    [row] = await entries(db)
    assert row.suppression_id == done.entry.suppression_id
    assert (row.scope, row.expires_time, row.source) == (ScopeKind.ALL, None, "pathway")
    assert (row.endpoint, row.call_id, row.reason) == (CALLEE, call.call_id, "said so")


async def test_opting_out_twice_is_one_entry(db: Database):
    account = await make.account(db)
    first = await opts_out(db, account.account_id)
    second = await opts_out(db, account.account_id)
    assert first.entry.suppression_id == second.entry.suppression_id
    assert len(await entries(db)) == 1


@pytest.mark.parametrize(
    "known",
    [
        {"expires_time": later(60)},
        {"removed_time": NOW},
        {"scope": ScopeKind.AGENT, "scope_of": "a-1"},
    ],
)
async def test_an_entry_that_says_less_does_not_stand_for_it(db: Database, known):
    account = await make.account(db)
    row = Suppression(
        account_id=account.account_id, endpoint=CALLEE, source="api", created_time=NOW, **known
    )
    async with db.write() as session:
        await suppressions.add(session, row)
    await opts_out(db, account.account_id)
    assert len(await entries(db)) == 2


async def test_all_consents_of_the_person_end_and_nobody_elses(db: Database):
    account, stranger = await make.account(db), await make.account(db)
    mine = [await consent(db, account.account_id) for _ in range(2)]
    others = [
        await consent(db, account.account_id, OTHER),
        await consent(db, stranger.account_id),
    ]
    await opts_out(db, account.account_id)
    async with db.read() as session:
        rows = {row.consent_id: row for row in (await session.exec(select(Consent))).all()}
    for one in mine:
        assert rows[one.consent_id].revoked_time == NOW
        assert rows[one.consent_id].revocation == {"method": "pathway", "scope": "all"}
    assert {rows[one.consent_id].revoked_time for one in others} == {None}


async def test_it_names_the_calls_of_which_nothing_has_reached_the_carrier(db: Database):
    account = await make.account(db)
    one, two = await make.agent(db, account), await make.agent(db, account)
    created = await make.call(db, one)
    sleeping = await make.call(db, two)
    await make.decide(db, sleeping.call_id, make.wait(later(60)))
    queued = await make.call(db, one)
    await make.decide(db, queued.call_id, make.queue())
    pending = await make.call(db, two)
    await make.planned(db, pending)
    live = await make.call(db, one)
    await make.sent(db, live)
    over = await make.call(db, one)
    await make.decide(db, over.call_id, make.end(Outcome.CANCELED))
    await make.call(db, one, endpoint=OTHER)
    await make.call_of_somebody(db)
    done = await opts_out(db, account.account_id)
    assert set(done.call_ids) == {one.call_id for one in (created, sleeping, queued, pending)}


# -- what could not be told


async def waiting(db: Database, since=NOW - MINUTE) -> set[str]:
    async with db.read() as session:
        return set(await waiting_in_vain(session, since, 10))


async def queued_call(db: Database) -> Call:
    call = await make.call_of_somebody(db)
    await make.decide(db, call.call_id, make.wait(later(60)))
    return call


async def test_a_call_that_waits_in_vain_is_found_for_a_while(db: Database):
    call = await queued_call(db)
    await queued_call(db)
    assert await waiting(db) == set()
    await opts_out(db, call.account_id)
    assert await waiting(db) == {call.call_id}
    assert await waiting(db, since=NOW) == set()
    await make.decide(db, call.call_id, make.end(Outcome.SUPPRESSED))
    assert await waiting(db) == set()


@pytest.mark.parametrize(
    ("listed", "waits"),
    [
        ("+5215512345678", "+525512345678"),
        ("+525512345678", "+5215512345678"),
        ("+5491112345678", "+541112345678"),
        ("+554198765432", "+5541998765432"),
        ("+22507123456", "+2250707123456"),
    ],
)
async def test_who_waits_in_vain_is_found_under_the_old_and_the_new_number(
    db: Database, listed: str, waits: str
):
    call = await make.call_of_somebody(db, endpoint=waits)
    await make.decide(db, call.call_id, make.wait(later(60)))
    await make.call_of_somebody(db, endpoint=waits)
    async with db.write() as session:
        await opt_out.opt_out(session, call.account_id, listed, "pathway", NOW)
    assert await waiting(db) == {call.call_id}
    assert await waiting(db, since=NOW) == set()


async def test_one_that_may_be_called_again_does_not_wait_in_vain(db: Database):
    call = await queued_call(db)
    done = await opts_out(db, call.account_id)
    async with db.write() as session:
        row = await session.merge(done.entry)
        await suppressions.remove(session, row, "tests", NOW)
    assert await waiting(db) == set()


async def test_what_is_found_is_bounded(db: Database):
    for _ in range(3):
        call = await queued_call(db)
        await opts_out(db, call.account_id)
    async with db.read() as session:
        assert len(await waiting_in_vain(session, NOW - MINUTE, 2)) == 2


async def test_nobody_waits_for_a_stranger(db: Database):
    account = await make.account(db)
    async with db.read() as session:
        assert await waiting_for(session, account.account_id, CALLEE) == ()
