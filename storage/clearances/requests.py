"""Every request about a number: claimed and written down before it is sent, and what it brought."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest

from sqlalchemy import ColumnElement, Update, and_, func, not_
from sqlalchemy import select as sql_select
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.accounts.pricing import rates_of
from policy.model.number_checks import NumberCheck
from storage.attempts import costs
from storage.database.core import rows_of
from storage.tables import Account, CheckedNumber, CheckRequest
from storage.tables.clearances import CheckState

#: What was asked so long ago and brought nothing is lost with its worker. Far longer than any
#: request may take.
LOST_AFTER = timedelta(seconds=60)
#: Who has spent all they may has nothing asked for so long; a call that decides asks sooner.
BROKE_PAUSE = timedelta(minutes=10)
BROKE = "the spend limit of the account or of the campaign is reached"
#: Why a question is given up until whoever would ask it may again.
DISABLED = "the account at the carrier is disabled"
#: Looked through at a time for as many as are wanted, in turns of the accounts.
_LOOKED_AT = 500
#: A question that is asked again because nobody knows whether it was answered is charged once in
#: this time: its answer is used once.
CHARGED_ONCE_IN = timedelta(days=1)
#: Whose questions rest: an account, and the number that its calls show.
Payer = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Claim:
    """A question that nobody else asks now. `request_id`: its line in the ledger."""

    request_id: int
    account_id: str
    check: NumberCheck
    question: str
    parameter: str
    tries: int
    campaign_id: str | None
    #: In micro-units of the account's currency.
    cost: int
    endpoint: str = field(repr=False)
    caller_id: str = field(repr=False)


async def are_due(session: AsyncSession, now: datetime) -> bool:
    statement = select(CheckedNumber.question).where(col(CheckedNumber.due_at) <= now).limit(1)
    return (await session.exec(statement)).first() is not None


async def claim(
    session: AsyncSession, now: datetime, most: int, resting: Collection[Payer] = ()
) -> list[Claim]:
    """Up to `most` that are due, each with a line in the ledger and its cost. Commit, then ask.

    Accounts have turns, so none waits behind another's thousands; those `resting` are left out, and
    what would be paid beyond a spend limit is put off.
    """
    rows = _in_turns(await _due(session, now, most, resting))[:most]
    claims = []
    for row in rows:
        row.state, row.due_at = CheckState.ASKING, now + LOST_AFTER
        claims.append(await _claimed(session, row, now))
    await session.flush()
    return claims


async def _due(
    session: AsyncSession, now: datetime, most: int, resting: Collection[Payer]
) -> list[CheckedNumber]:
    """The first of so many accounts: behind one with thousands the others are looked for."""
    found: list[CheckedNumber] = []
    seen: set[str] = set()
    while True:
        statement = (
            select(CheckedNumber)
            .where(
                col(CheckedNumber.due_at) <= now,
                col(CheckedNumber.account_id).not_in(seen),
                *(not_(_is_of(payer)) for payer in resting),
            )
            .order_by(col(CheckedNumber.due_at))
            .limit(_LOOKED_AT)
            .with_for_update(skip_locked=True)
        )
        page = (await session.exec(statement)).all()
        found += await _affordable(session, page, now)
        seen |= {row.account_id for row in page}
        if len(page) < _LOOKED_AT or len({row.account_id for row in found}) >= most:
            return found


def _is_of(payer: Payer) -> ColumnElement[bool]:
    account_id, caller_id = payer
    return and_(
        col(CheckedNumber.account_id) == account_id, col(CheckedNumber.caller_id) == caller_id
    )


async def _affordable(
    session: AsyncSession, rows: Sequence[CheckedNumber], now: datetime
) -> list[CheckedNumber]:
    known: dict[tuple[str, str | None], bool] = {}
    kept = []
    for row in rows:
        payer = row.account_id, row.campaign_id
        if payer not in known:
            known[payer] = await costs.is_broke(session, *payer)
        if known[payer]:
            row.state, row.due_at, row.error = CheckState.WANTED, now + BROKE_PAUSE, BROKE
        else:
            kept.append(row)
    return kept


def _in_turns(rows: Sequence[CheckedNumber]) -> list[CheckedNumber]:
    of_account: dict[str, list[CheckedNumber]] = {}
    for row in rows:
        of_account.setdefault(row.account_id, []).append(row)
    turns = zip_longest(*of_account.values())
    return [row for turn in turns for row in turn if row is not None]


async def _claimed(session: AsyncSession, row: CheckedNumber, now: datetime) -> Claim:
    account = await session.get(Account, row.account_id)
    assert account is not None
    rates = rates_of(account.rates or {})
    cost = 0 if await _is_charged(session, row, now) else rates.of_check(row.number_check)
    sent = CheckRequest(
        account_id=row.account_id,
        endpoint=row.endpoint,
        number_check=row.number_check,
        parameter=row.parameter,
        call_id=row.call_id,
        campaign_id=row.campaign_id,
        asked_at=now,
        cost=cost,
    )
    session.add(sent)
    await session.flush()
    assert sent.request_id is not None
    return Claim(
        sent.request_id,
        row.account_id,
        row.number_check,
        row.question,
        row.parameter,
        row.tries,
        row.campaign_id,
        cost,
        row.endpoint,
        row.caller_id,
    )


async def _is_charged(session: AsyncSession, row: CheckedNumber, now: datetime) -> bool:
    """Whether it was asked lately in a request that is charged and brought no answer."""
    since = now - CHARGED_ONCE_IN
    if row.answered_at is not None:
        since = max(since, row.answered_at)
    statement = select(CheckRequest.request_id).where(
        col(CheckRequest.account_id) == row.account_id,
        col(CheckRequest.endpoint) == row.endpoint,
        col(CheckRequest.number_check) == row.number_check,
        col(CheckRequest.parameter) == row.parameter,
        col(CheckRequest.answer).is_(None),
        col(CheckRequest.cost) > 0,
        col(CheckRequest.asked_at) > since,
    )
    return (await session.exec(statement.limit(1))).first() is not None


async def answered(
    session: AsyncSession, claim: Claim, answer: str, carrier: str, now: datetime
) -> None:
    """The answer, also one that comes after it was taken for lost."""
    await _end(session, claim, now, answer=answer, carrier=carrier)
    await session.exec(
        _question(claim).values(
            state=CheckState.ANSWERED,
            due_at=None,
            tries=0,
            answered_at=now,
            answer=answer,
            carrier=carrier,
            error=None,
        )
    )


async def failed(
    session: AsyncSession, claim: Claim, error: str, now: datetime, again_at: datetime | None
) -> None:
    """No answer: asked again then; None: not before some call wants it again.

    `error` is in our own words and names nobody. What was never answered for sure: see `unpaid`.
    """
    await _end(session, claim, now, error=error)
    state = CheckState.WANTED if again_at else CheckState.GIVEN_UP
    await session.exec(
        _question(claim)
        .where(col(CheckedNumber.state) == CheckState.ASKING)
        .values(state=state, due_at=again_at, tries=claim.tries + 1, error=error)
    )


async def ask_anew(session: AsyncSession, account_id: str, error: str, now: datetime) -> None:
    """Questions of an account that were given up for this are due: it may hold no more."""
    given_up = (
        col(CheckedNumber.account_id) == account_id,
        col(CheckedNumber.state) == CheckState.GIVEN_UP,
        col(CheckedNumber.error) == error,
    )
    # Held in the order of whoever wants several (`answers.want`): neither waits for the other.
    in_order = (col(CheckedNumber.endpoint), col(CheckedNumber.question))
    held = select(CheckedNumber.endpoint).where(*given_up).order_by(*in_order).with_for_update()
    await session.exec(held)
    await session.exec(
        update(CheckedNumber)
        .where(*given_up)
        .values(state=CheckState.WANTED, due_at=now, tries=0)
        .execution_options(synchronize_session=False)
    )


async def charge(session: AsyncSession, claims: Sequence[Claim]) -> None:
    """Adds what is about to be sent to what its accounts have spent.

    In a transaction of its own: whoever decides about a call holds that sum before a question.
    """
    sums: Counter[tuple[str, str | None]] = Counter()
    for one in claims:
        sums[one.account_id, one.campaign_id] += one.cost
    for (account_id, campaign_id), cost in sorted(sums.items(), key=str):
        await costs.spend(session, account_id, campaign_id, cost)


async def unpaid(session: AsyncSession, claim: Claim) -> None:
    """The carrier has surely not answered it, so it takes nothing for it. Once a claim."""
    own = col(CheckRequest.request_id) == claim.request_id
    statement = update(CheckRequest).where(own, col(CheckRequest.cost) > 0).values(cost=0)
    if (await session.exec(statement)).rowcount:
        await costs.spend(session, claim.account_id, claim.campaign_id, -claim.cost)


async def note_payer(session: AsyncSession, payers: Mapping[int, str | None]) -> None:
    """By which account at the carrier each is asked; None: the installation's own."""
    for request_id, carrier_account_id in payers.items():
        if carrier_account_id is not None:
            own = col(CheckRequest.request_id) == request_id
            values = {"carrier_account_id": carrier_account_id}
            await session.exec(update(CheckRequest).where(own).values(**values))


async def _end(
    session: AsyncSession,
    claim: Claim,
    now: datetime,
    *,
    answer: str | None = None,
    carrier: str = "",
    error: str | None = None,
) -> None:
    ended = {"ended_at": now, "answer": answer, "carrier": carrier, "error": error}
    own = col(CheckRequest.request_id) == claim.request_id
    await session.exec(update(CheckRequest).where(own).values(**ended))


def _question(claim: Claim) -> Update:
    return update(CheckedNumber).where(
        col(CheckedNumber.account_id) == claim.account_id,
        col(CheckedNumber.endpoint) == claim.endpoint,
        col(CheckedNumber.question) == claim.question,
    )


# -- what people see


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """Requests sent, those answered, and their cost in micro-units."""

    requests: int = 0
    answered: int = 0
    cost: int = 0


async def of_number(session: AsyncSession, account_id: str, endpoint: str) -> list[CheckRequest]:
    """The newest requests about a number, newest first."""
    statement = (
        select(CheckRequest)
        .where(col(CheckRequest.account_id) == account_id, col(CheckRequest.endpoint) == endpoint)
        .order_by(col(CheckRequest.request_id).desc())
        .limit(200)
    )
    return list((await session.exec(statement)).all())


async def figures(
    session: AsyncSession, account_id: str, campaign_ids: Iterable[str] | None = None
) -> CheckFigures:
    """Of the whole account, or of some campaigns."""
    statement = sql_select(
        func.count(),
        func.count(col(CheckRequest.answer)),
        func.coalesce(func.sum(col(CheckRequest.cost)), 0),
    ).where(col(CheckRequest.account_id) == account_id)
    if campaign_ids is not None:
        statement = statement.where(col(CheckRequest.campaign_id).in_(list(campaign_ids)))
    (row,) = await rows_of(session, statement)
    return CheckFigures(row[0], row[1], int(row[2]))
