"""What dials cost: written with the end of each, summed per account and per campaign as it goes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Insert, bindparam, func
from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts import pricing
from policy.accounts.pricing import PriceRates
from storage.analytics.recount import mark
from storage.database.core import changed, rows_of
from storage.database.locks import dialect_of, lock_attempt
from storage.tables import Account, Attempt, Call, Campaign, JsonObject, Spending
from storage.tables.specs import detects_machines

#: Twilio fills the price in some minutes after the end, and is asked again until then.
PRICE_AFTER = timedelta(minutes=2)
PRICE_AGAIN = timedelta(minutes=15)
PRICE_GIVEN_UP = timedelta(hours=24)
#: The row of the whole account names no campaign.
_WHOLE = ""
_RATES = sql_select(col(Account.rates)).where(col(Account.account_id) == bindparam("account"))


async def of_account(session: AsyncSession, account_id: str) -> int:
    return await _spent(session, account_id, _WHOLE)


async def of_campaign(session: AsyncSession, account_id: str, campaign_id: str) -> int:
    return await _spent(session, account_id, campaign_id)


async def of_campaigns(
    session: AsyncSession, account_id: str, campaign_ids: Collection[str]
) -> dict[str, int]:
    """What those of the campaigns have spent that have spent anything."""
    if not campaign_ids:
        return {}
    statement = select(Spending.campaign_id, Spending.spent).where(
        col(Spending.account_id) == account_id, col(Spending.campaign_id).in_(campaign_ids)
    )
    return dict((await session.exec(statement)).all())


async def of_calls(session: AsyncSession, call_ids: Collection[str]) -> dict[str, int]:
    """What those of the calls have cost that were dialed, by their ids; one page of them."""
    if not call_ids:
        return {}
    statement = (
        sql_select(col(Attempt.call_id), func.sum(col(Attempt.cost)))
        .where(col(Attempt.call_id).in_(call_ids), col(Attempt.cost).is_not(None))
        .group_by(col(Attempt.call_id))
    )
    return {call_id: int(cost) for call_id, cost in await rows_of(session, statement)}


async def _spent(session: AsyncSession, account_id: str, campaign_id: str) -> int:
    statement = select(Spending.spent).where(
        col(Spending.account_id) == account_id, col(Spending.campaign_id) == campaign_id
    )
    return (await session.exec(statement)).first() or 0


async def is_broke(session: AsyncSession, account_id: str, campaign_id: str | None) -> bool:
    """Whether the account, or the campaign, has spent all it may."""
    account = await session.get(Account, account_id)
    assert account is not None
    if pricing.refusal(account.spend_limit, await of_account(session, account_id)):
        return True
    campaign = await session.get(Campaign, campaign_id) if campaign_id else None
    if campaign is None or campaign.spend_limit is None:
        return False
    spent = await of_campaign(session, account_id, campaign.campaign_id)
    return pricing.refusal(campaign.spend_limit, spent) is not None


async def reckon(
    session: AsyncSession, call: Call, attempt: Attempt, said: JsonObject | None = None
) -> None:
    """Writes what an attempt that has ended costs; `said`: the account's rates, if known."""
    seconds = _seconds(attempt)
    if seconds <= 0:
        attempt.cost = attempt.cost or 0
        return
    rates = await _rates(session, call.account_id) if said is None else pricing.rates_of(said)
    await _charge(session, call, attempt, _reckoned(rates, call, attempt))
    assert attempt.ended_at is not None
    attempt.price_due_at = attempt.ended_at + PRICE_AFTER


def _reckoned(rates: PriceRates, call: Call, attempt: Attempt) -> int:
    seconds = _seconds(attempt)
    return pricing.connection(rates, seconds) + _extras(rates, call, attempt)


def _extras(rates: PriceRates, call: Call, attempt: Attempt) -> int:
    extras = pricing.extras(
        rates,
        _seconds(attempt),
        detects_machines=detects_machines(call),
        recorded=call.recording,
    )
    return extras + (attempt.transfer_cost or 0)


async def add_transfer(session: AsyncSession, call: Call, attempt: Attempt, seconds: int) -> int:
    """Adds the leg to a transfer's target to what the attempt costs; gives what it costs alone.

    While the callee's own leg lasts it is spent at once, and stays part of what is reckoned then.
    """
    cost = pricing.connection(await _rates(session, call.account_id), seconds)
    attempt.transfer_cost = (attempt.transfer_cost or 0) + cost
    await _charge(session, call, attempt, (attempt.cost or 0) + cost)
    if attempt.settled_at is not None:
        await mark(session, call)
    return cost


def _seconds(attempt: Attempt) -> float:
    """How long it was connected; a carrier that does not say is believed the clock."""
    if attempt.duration_seconds is not None or attempt.answered_at is None:
        return attempt.duration_seconds or 0
    assert attempt.ended_at is not None
    return max(1.0, (attempt.ended_at - attempt.answered_at).total_seconds())


async def _charge(session: AsyncSession, call: Call, attempt: Attempt, cost: int) -> None:
    more = cost - (attempt.cost or 0)
    attempt.cost = cost
    if more:
        await spend(session, call.account_id, call.campaign_id, more)


async def spend(
    session: AsyncSession, account_id: str, campaign_id: str | None, amount: int
) -> None:
    """Adds to what the account, and the campaign, have spent."""
    # In one order everywhere, so that two at once do not wait for each other.
    for of in sorted({_WHOLE, campaign_id or _WHOLE}):
        spent = {"account_id": account_id, "campaign_id": of, "spent": amount}
        await changed(session, _add(dialect_of(session)), spent)


@cache
def _add(dialect: str) -> Insert:
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(Spending.metadata.tables["spending"]).inline()
    upsert: Insert = statement.on_conflict_do_update(
        index_elements=["account_id", "campaign_id"],
        set_={"spent": col(Spending.spent) + statement.excluded.spent},
    )
    return upsert


async def _rates(session: AsyncSession, account_id: str) -> PriceRates:
    found = await rows_of(session, _RATES, {"account": account_id})
    return pricing.rates_of((found[0].rates if found else None) or {})


# -- the carrier's own price


async def unpriced(session: AsyncSession, now: datetime, limit: int) -> Sequence[Attempt]:
    """Attempts that ended a while ago and of which the carrier's price is not known."""
    statement = (
        select(Attempt)
        .where(col(Attempt.price_due_at).is_not(None), col(Attempt.price_due_at) <= now)
        .order_by(col(Attempt.price_due_at))
        .limit(limit)
    )
    return (await session.exec(statement)).all()


async def settle_price(
    session: AsyncSession, attempt: Attempt, price: str | None, unit: str | None, now: datetime
) -> None:
    """Replaces what was reckoned for the line by the carrier's price, or asks again later."""
    call, attempt = await lock_attempt(session, attempt)
    if attempt.price_due_at is None or attempt.ended_at is None:
        return
    rates = await _rates(session, call.account_id)
    line = pricing.carrier_price(price, unit, rates)
    again = price is None and now < attempt.ended_at + PRICE_GIVEN_UP
    attempt.price_due_at = now + PRICE_AGAIN if again else None
    if line is not None:
        await _charge(session, call, attempt, line + _extras(rates, call, attempt))
        await mark(session, call)
    await session.flush()
