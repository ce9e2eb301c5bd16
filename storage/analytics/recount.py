"""Telling whoever counts of a change that no event tells of, such as the carrier's price."""

from sqlmodel.ext.asyncio.session import AsyncSession

from storage.tables import Call, Recount


async def mark(session: AsyncSession, call: Call) -> None:
    """The call is counted anew, by what it says when this transaction has committed."""
    session.add(Recount(account_id=call.account_id, call_id=call.call_id))
