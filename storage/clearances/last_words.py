"""The customer's last word: asked under one id until it is answered, and good for one attempt."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.calls.last_word import Answer
from policy.model.last_word import LastWord, Verdict
from storage.tables import DecisionRow, JsonObject, LastWordRow
from storage.tables.columns import new_id

#: A yes that is older is none any more.
GOOD_FOR = timedelta(seconds=60)
#: Who answers "later" is asked again and again.
MOST_OF_CALL = 100
_NEWEST = (
    select(LastWordRow)
    .where(col(LastWordRow.call_id) == bindparam("call"))
    .order_by(col(LastWordRow.ordinal).desc())
    .limit(1)
)


async def newest(session: AsyncSession, call_id: str) -> LastWord | None:
    """The newest question about a call, as policy sees it."""
    row = await _newest(session, call_id)
    if row is None:
        return None
    return LastWord(row.asked_at, row.tries, row.verdict, row.reason, row.until)


async def ask(
    session: AsyncSession, call_id: str, attempt_number: int, now: datetime
) -> LastWordRow:
    """The question as it is to be sent: an unanswered one under its own id. Commit, then send."""
    row = await _newest(session, call_id)
    if row is None or row.verdict is not None:
        row = LastWordRow(
            call_id=call_id,
            ordinal=1 if row is None else row.ordinal + 1,
            attempt_number=attempt_number,
            request_id=new_id(),
            asked_at=now,
        )
    else:
        row.attempt_number, row.asked_at, row.tries = attempt_number, now, row.tries + 1
    session.add(row)
    await session.flush()
    return row


async def answer(
    session: AsyncSession, asked: LastWordRow, said: Answer, milliseconds: int, now: datetime
) -> bool:
    """Keeps what was answered; False if another attempt asks by now, or has an answer."""
    row = await session.get(LastWordRow, (asked.call_id, asked.ordinal), populate_existing=True)
    is_own = row is not None and row.attempt_number == asked.attempt_number
    if row is None or not is_own or row.verdict is not None:
        return False
    row.milliseconds, row.error = milliseconds, said.error or None
    row.verdict, row.reason, row.until = said.verdict, said.reason, said.until
    row.changed = sorted(said.context)
    row.answered_at = now if said.verdict is not None else None
    session.add(row)
    await session.flush()
    return True


async def allows(
    session: AsyncSession, call_id: str, attempt_number: int, now: datetime
) -> LastWordRow | None:
    """The yes for this very attempt, if it is fresh."""
    row = await _newest(session, call_id)
    if row is None or row.verdict is not Verdict.ALLOW or row.attempt_number != attempt_number:
        return None
    assert row.answered_at is not None
    return row if now < row.answered_at + GOOD_FOR else None


async def of_call(session: AsyncSession, call_id: str) -> list[LastWordRow]:
    """The newest questions about a call, in their order."""
    statement = select(LastWordRow).where(col(LastWordRow.call_id) == call_id)
    newest_first = statement.order_by(col(LastWordRow.ordinal).desc()).limit(MOST_OF_CALL)
    return list(reversed((await session.exec(newest_first)).all()))


async def note_in_decision(
    session: AsyncSession, call_id: str, attempt_number: int, finding: JsonObject
) -> None:
    """Adds what the customer said to the evidence of the decision to dial."""
    statement = (
        select(DecisionRow)
        .where(
            col(DecisionRow.call_id) == call_id,
            col(DecisionRow.attempt_number) == attempt_number,
        )
        .order_by(col(DecisionRow.step).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    if row is not None:
        row.findings = [*row.findings, finding]
        row.rules = [*row.rules, finding["rule"]]
        session.add(row)
        await session.flush()


async def _newest(session: AsyncSession, call_id: str) -> LastWordRow | None:
    return (await session.exec(_NEWEST, params={"call": call_id})).first()
