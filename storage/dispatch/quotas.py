"""Calls whose turn it is, without those of segments of which their campaign has enough."""

from collections.abc import Sequence

from sqlalchemy import select as sql_select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database.core import rows_of
from storage.dispatch.capacity import FreeSlots
from storage.dispatch.queue import Candidate
from storage.tables import Call, JsonObject


async def without_full(
    session: AsyncSession, chosen: list[Candidate], rooms: FreeSlots
) -> list[Candidate]:
    """Those that are left out are about to be ended by their campaign. Mostly it asks nothing."""
    quoted = rooms.quota_campaigns
    if not quoted:
        return chosen
    contexts = await _contexts(
        session, [one.call_id for one in chosen if one.campaign_id in quoted]
    )
    return [
        one
        for one in chosen
        if one.call_id not in contexts or rooms.is_needed(one.campaign_id, contexts[one.call_id])
    ]


async def _contexts(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, JsonObject]:
    if not call_ids:
        return {}
    columns = (col(Call.call_id), col(Call.context))
    statement = sql_select(*columns).where(col(Call.call_id).in_(call_ids))
    return dict(map(tuple, await rows_of(session, statement)))
