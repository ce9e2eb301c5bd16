"""A question about a number is kept once, claimed once, and keeps its last answer."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select, update

from policy.model.call import CallStatus
from policy.model.number_checks import CheckAnswer, NumberCheck
from policy.model.reasons import Reason
from storage.attempts import costs
from storage.clearances import answers, removal, requests
from storage.clearances.answers import Wanted, WantedFor
from storage.clearances.requests import Claim
from storage.database.engine import Database
from storage.tables import Account, CheckedNumber
from storage.tables.clearances import CheckState
from tests.storage import make
from tests.storage.calls.test_reminder_locks import until_somebody_waits
from tests.storage.make import CALLEE, NOW, later

LINE = NumberCheck.LINE_TYPE


def wanted(due: float = 0, fresh_after: float = -3600) -> Wanted:
    return Wanted(CALLEE, LINE, "", later(due), later(fresh_after))


async def want(db: Database, account: Account, one: Wanted, campaign: str | None = None) -> int:
    by = WantedFor(account.account_id, make.CALLER, "call-1", campaign)
    async with db.write() as session:
        return await answers.want(session, by, [one])


async def claim(db: Database, at: float = 0) -> list[Claim]:
    async with db.write() as session:
        claims = await requests.claim(session, later(at), 20)
        await requests.charge(session, claims)
    return claims


async def answer(db: Database, one: Claim, value: str, at: float = 1) -> None:
    async with db.write() as session:
        await requests.answered(session, one, value, "Somebody Mobile", later(at))


async def row(db: Database) -> CheckedNumber:
    async with db.read() as session:
        return (await session.exec(select(CheckedNumber))).one()


async def test_it_is_asked_once_at_the_earliest_time_that_anybody_wants_it(db: Database):
    account = await make.account(db)
    assert await want(db, account, wanted(60)) == 1
    assert await want(db, account, wanted(90)) == 0
    await want(db, account, wanted(30))
    assert (await row(db)).due_at == later(30)
    assert await claim(db, 29) == []
    (claimed,) = await claim(db, 30)
    assert await claim(db, 31) == []
    await want(db, account, wanted(31))
    assert await claim(db, 40) == []
    await answer(db, claimed, "mobile", 41)
    async with db.read() as session:
        found = await answers.of_number(session, account.account_id, CALLEE)
        many = await answers.of_numbers(session, account.account_id, {CALLEE, "+14155550102"})
    assert found == (CheckAnswer(LINE, "", later(41), "mobile", "Somebody Mobile"),)
    assert many == {CALLEE: found}


async def test_an_answer_is_kept_until_it_is_too_old_and_while_a_newer_is_asked_for(db: Database):
    account = await make.account(db)
    await want(db, account, wanted())
    await answer(db, (await claim(db))[0], "mobile")
    await want(db, account, wanted(10, fresh_after=0))
    assert await claim(db, 10) == []
    await want(db, account, wanted(20, fresh_after=1))
    (again,) = await claim(db, 20)
    assert (await row(db)).answer == "mobile"
    await answer(db, again, "voip", 21)
    assert (await row(db)).answer == "voip"


async def test_what_failed_keeps_its_distance_and_is_given_up_until_it_is_wanted(db: Database):
    account = await make.account(db)
    await want(db, account, wanted())
    (first,) = await claim(db)
    async with db.write() as session:
        await requests.failed(session, first, "HTTP 500", later(1), later(100))
    await want(db, account, wanted(2))
    assert await claim(db, 99) == []
    (second,) = await claim(db, 100)
    assert second.tries == 1
    async with db.write() as session:
        await requests.failed(session, second, "HTTP 500", later(101), None)
    assert await claim(db, 10_000) == []
    await want(db, account, wanted(10_000))
    assert len(await claim(db, 10_000)) == 1


async def test_a_lost_answer_is_asked_for_again_when_that_is_sure(db: Database):
    account = await make.account(db)
    await want(db, account, wanted())
    (lost,) = await claim(db)
    assert await claim(db, 59) == []
    (again,) = await claim(db, 60)
    await answer(db, again, "mobile", 61)
    # The one that was taken for lost comes after all.
    await answer(db, lost, "mobile", 62)
    assert await claim(db, 10_000) == []


async def test_costs_are_summed_by_account_and_campaign_and_given_back(db: Database):
    account = await make.account(db, rates={"lineTypeLookup": 5})
    await want(db, account, wanted(), "k-1")
    (one,) = await claim(db)
    async with db.read() as session:
        assert await costs.of_account(session, account.account_id) == 5
        assert await costs.of_campaign(session, account.account_id, "k-1") == 5
        found = await requests.figures(session, account.account_id, ["k-1"])
    assert found == requests.CheckFigures(1, 0, 5)
    for _ in range(2):
        async with db.write() as session:
            await requests.unpaid(session, one)
    async with db.read() as session:
        assert await costs.of_account(session, account.account_id) == 0


async def test_accounts_have_turns(db: Database, monkeypatch: pytest.MonkeyPatch):
    # Also behind more than are looked through at a time.
    monkeypatch.setattr(requests, "_LOOKED_AT", 10)
    busy, other = await make.account(db), await make.account(db)
    for n in range(30):
        one = Wanted(f"+1415555{n + 100:04}", LINE, "", NOW, NOW - timedelta(days=1))
        await want(db, busy, one)
    await want(db, other, wanted(1))
    assert other.account_id in {one.account_id for one in await claim(db, 2)}


async def test_old_answers_are_forgotten_and_what_is_to_be_asked_is_not(db: Database):
    account = await make.account(db)

    async def forgotten(at: float) -> int:
        async with db.write() as session:
            return await removal.forget_old(session, later(at), 10)

    await want(db, account, wanted())
    (one,) = await claim(db)
    await answer(db, one, "mobile")
    assert await forgotten(0) == 0
    await want(db, account, wanted(due=100, fresh_after=50))
    assert await forgotten(1000) == 0
    (again,) = await claim(db, 100)
    await answer(db, again, "mobile", 101)
    assert await forgotten(102) == 1
    async with db.read() as session:
        figures = await requests.figures(session, account.account_id)
    assert (figures.requests, figures.answered) == (2, 2)


async def test_what_is_answered_anew_while_old_answers_are_forgotten_stays(db: Database):
    await want(db, await make.account(db), wanted())
    (one,) = await claim(db)
    await answer(db, one, "mobile")

    async def forgotten() -> None:
        async with db.write() as session:
            await removal.forget_old(session, later(100), 10)

    async with db.write() as session:
        await session.exec(update(CheckedNumber).values(answered_at=later(200)))
        # It has read what was answered before, and waits for the row.
        other = asyncio.create_task(forgotten())
        await asyncio.wait({other}, timeout=0.2)
    await other
    assert (await row(db)).answered_at == later(200)


async def test_an_answer_about_another_number_of_the_person_is_told_to_the_call(db: Database):
    other = "+12125550184"
    spec = [{"endpoint": one, "kind": "phone"} for one in (CALLEE, other)]
    waits = {"status": CallStatus.QUEUED, "reason": Reason.CLEARANCE_PENDING}
    call = await make.call_of_somebody(db, numbers_spec=spec, **waits)
    async with db.read() as session:
        told = await answers.waiting_calls(session, call.account_id, other, NOW)
    assert list(told) == [call.call_id]


async def test_what_is_asked_anew_waits_for_whoever_wants_it_and_holds_nothing_meanwhile(
    db: Database,
):
    if db.dialect == "sqlite":
        pytest.skip("writers take turns on SQLite")
    account = await make.account(db)
    other = Wanted("+12025550199", LINE, "", NOW, NOW)
    async with db.write() as session:
        # As they lie in the table: the other way round than they are wanted.
        for one in (wanted(), other):
            row = CheckedNumber(
                account_id=account.account_id,
                endpoint=one.endpoint,
                number_check=LINE,
                question=f"{LINE}:",
                state=CheckState.GIVEN_UP,
                error=requests.DISABLED,
            )
            session.add(row)
            await session.flush()

    async def ask_anew() -> None:
        async with db.write() as session:
            # As of thousands, which no index finds faster.
            for way in ("indexscan", "bitmapscan"):
                await (await session.connection()).execute(text(f"SET LOCAL enable_{way} = off"))
            await requests.ask_anew(session, account.account_id, requests.DISABLED, NOW)

    by = WantedFor(account.account_id, make.CALLER, "call-1")
    async with db.write() as session:
        await answers.want(session, by, [other])
        enabling = asyncio.create_task(ask_anew())
        await until_somebody_waits(db)
        await answers.want(session, by, [wanted()])
    await enabling
    assert len(await claim(db)) == 2
