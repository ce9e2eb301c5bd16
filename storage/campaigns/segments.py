"""Whole parts of a campaign's list, chosen by context or outcome: dropped, or copied."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, bindparam, func, insert, literal_column
from sqlalchemy import select as select_columns
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import ContactState, Outcome
from storage.campaigns.contact_rechecks import refused_once
from storage.campaigns.contacts import STAGED, TABLE
from storage.database.json_filter import json_holds
from storage.database.locks import dialect_of
from storage.tables import Call, Contact

#: Why a contact was dropped.
NOT_IN_SEGMENT = "segment"
CAMPAIGN_CANCELED = "campaign_canceled"
OUTSIDE_QUOTAS = "outside_quotas"

#: Equality filters on columns of the contacts' context.
Segment = Mapping[str, str]


async def drop_staged(
    session: AsyncSession, campaign_id: str, reason: str, *, unless: Segment | None = None
) -> int:
    """Drops the staged contacts, except those of the segment; returns how many."""
    conditions = [col(Contact.campaign_id) == campaign_id, col(Contact.state) == STAGED]
    if unless is not None:
        # A context without the column compares as NULL, and is not of the segment either.
        conditions.append(~func.coalesce(_in_segment(session, unless), False))
    statement = (
        update(Contact)
        .where(*conditions)
        .values(state=ContactState.DROPPED, error_code=reason)
        .execution_options(synchronize_session=False)
    )
    return (await session.exec(statement)).rowcount


def _in_segment(session: AsyncSession, segment: Segment) -> ColumnElement[bool]:
    dialect, context = dialect_of(session), col(Contact.context)
    holds = [json_holds(dialect, context, name, value) for name, value in segment.items()]
    found = holds[0]
    for condition in holds[1:]:
        found = found & condition
    return found


def _chosen(source_id: str, outcomes: Sequence[Outcome]) -> ColumnElement[bool]:
    if not outcomes:
        return or_(TABLE.c.state != ContactState.INVALID, refused_once())
    ended = select(Call.call_id).where(
        col(Call.campaign_id) == source_id, col(Call.outcome).in_(list(outcomes))
    )
    called = TABLE.c.call_id.in_(ended)
    return or_(called, refused_once()) if Outcome.SUPPRESSED in outcomes else called


async def copy(
    session: AsyncSession,
    source_id: str,
    target_id: str,
    *,
    outcomes: Sequence[Outcome] = (),
    segment: Segment | None = None,
) -> int:
    """Stages the valid contacts of one campaign in another; returns how many.

    With `outcomes` only those whose call has ended so; a contact that was not called because it
    may not be counts as `suppressed`.
    """
    shared = ["row_number", "endpoint", "endpoint_kind", "extension", "client_token", "timezone"]
    shared += ["context", "numbers_spec"]
    chosen = select_columns(
        bindparam("target_id", target_id),
        literal_column("'staged'"),
        *(TABLE.c[name] for name in shared),
    ).where(TABLE.c.campaign_id == source_id, _chosen(source_id, outcomes))
    if segment:
        chosen = chosen.where(_in_segment(session, segment))
    names = ["campaign_id", "state", *shared]
    statement = (
        insert(TABLE)
        .from_select(names, chosen.order_by(TABLE.c.contact_id))
        .execution_options(preserve_rowcount=True)
    )
    return int((await (await session.connection()).execute(statement)).rowcount)
