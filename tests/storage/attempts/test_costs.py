"""Money: reckoned at the end of a leg, replaced by the carrier's price, summed as it goes."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from policy.model.call import CampaignStatus
from policy.transfers.targets import TransferState
from storage.attempts import attempts, costs
from storage.attempts.attempts import CarrierUpdate
from storage.database.engine import Database
from storage.database.locks import lock_account
from storage.tables import Attempt, Call, Transfer
from storage.transfers import transfers
from storage.transfers.transfers import Ended
from tests.storage import make
from tests.storage.make import NOW, later

LINE, DETECTION, RECORDING = 14_000, 7_500, 2_500


async def _ended(
    db: Database, call: Call, seconds: int | None, status: str = "completed"
) -> Attempt:
    attempt = await make.sent(db, call)
    async with db.write() as session:
        row = await attempts.reload(session, attempt)
        if seconds:
            news = CarrierUpdate("in-progress", at=NOW)
            await attempts.apply_carrier_event(session, row, news, NOW)
        end = CarrierUpdate(status, duration=seconds, at=later(seconds or 5))
        for _ in range(2):
            await attempts.apply_carrier_event(session, row, end, later(seconds or 5))
    return await make.seen(db, attempt)


async def _spent(db: Database, call: Call) -> tuple[int, int]:
    async with db.read() as session:
        campaign = call.campaign_id or "none"
        return (
            await costs.of_account(session, call.account_id),
            await costs.of_campaign(session, call.account_id, campaign),
        )


async def _call(db: Database, **changes) -> Call:
    agent = await make.agent(db, await make.account(db))
    campaign = await make.campaign(db, agent, status=CampaignStatus.RUNNING)
    return await make.call(db, agent, campaign_id=campaign.campaign_id, **changes)


async def test_an_answered_call_is_reckoned_once_however_often_its_end_is_told(db: Database):
    call = await _call(db)
    attempt = await _ended(db, call, 61)
    assert attempt.cost == 2 * LINE
    assert await _spent(db, call) == (2 * LINE, 2 * LINE)


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
async def test_what_nobody_answered_costs_nothing(db: Database, status: str):
    call = await _call(db)
    attempt = await _ended(db, call, None, status)
    assert (attempt.cost, attempt.price_due_at) == (0, None)
    assert await _spent(db, call) == (0, 0)


async def test_machine_detection_and_recording_are_added(db: Database):
    spec = {"action": "leave_message", "message": "Hello"}
    call = await _call(db, voicemail_spec=spec, recording=True)
    attempt = await _ended(db, call, 30)
    assert attempt.cost == LINE + DETECTION + RECORDING


async def test_an_accounts_own_rates_are_used(db: Database):
    account = await make.account(db, rates={"perMinute": 20_000})
    call = await make.call(db, await make.agent(db, account))
    assert (await _ended(db, call, 30)).cost == 20_000
    assert await _spent(db, call) == (20_000, 0)


async def _price(db: Database, attempt: Attempt, price: str | None, at: float) -> Attempt:
    async with db.write() as session:
        await costs.settle_price(session, attempt, price, "USD", later(at))
    return await make.seen(db, attempt)


async def _due(db: Database, at: float) -> list[str]:
    async with db.read() as session:
        return [row.attempt_id for row in await costs.unpriced(session, later(at), 10)]


async def test_the_carriers_price_takes_the_place_of_what_was_reckoned_for_the_line(db: Database):
    call = await _call(db, recording=True)
    attempt = await _ended(db, call, 30)
    assert await _due(db, 100) == []
    assert await _due(db, 151) == [attempt.attempt_id]
    priced = await _price(db, attempt, "-0.00900", 151)
    assert (priced.cost, priced.price_due_at) == (9_000 + RECORDING, None)
    assert await _spent(db, call) == (9_000 + RECORDING, 9_000 + RECORDING)
    assert (await _price(db, attempt, "-0.5", 160)).cost == 9_000 + RECORDING


async def test_a_carrier_that_knows_no_price_yet_is_asked_again_for_a_day(db: Database):
    call = await _call(db)
    attempt = await _price(db, await _ended(db, call, 30), None, 151)
    assert attempt.price_due_at == later(151) + timedelta(minutes=15)
    assert attempt.cost == LINE
    given_up = await _price(db, attempt, None, 30 + 24 * 3600)
    assert (given_up.cost, given_up.price_due_at) == (LINE, None)


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_who_pays_for_a_transfer_holds_the_account_before_its_money(db: Database):
    call = await _call(db)
    attempt = await make.sent(db, call)
    row = Transfer(
        account_id=call.account_id,
        call_id=call.call_id,
        attempt_id=attempt.attempt_id,
        attempt_number=1,
        place="0:desk",
        node="desk",
        target_name="desk",
        state=TransferState.CONNECTED,
        asked_at=NOW,
        connected_at=NOW,
    )
    async with db.write() as session:
        session.add(row)
    async with db.write() as session:
        held = await attempts.reload(session, attempt)
        found = await transfers.get(session, held, row.transfer_id)
        assert found is not None
        await transfers.end(session, call, held, found, Ended("completed", True, 61), later(61))
        # Else whoever has the account and wants the money would wait for it, and it for them.
        async with db.read() as other:
            await other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                await lock_account(other, call.account_id)
    assert await _spent(db, call) == (2 * LINE, 2 * LINE)
