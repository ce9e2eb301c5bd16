"""What is removed from calls that ended long ago: their counts, times and proofs stay."""

from datetime import datetime

from sqlalchemy import Text, bindparam, cast, text
from sqlmodel import and_, case, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import ContactState
from policy.model.reasons import RefusalCode
from storage.attempts import recording_removals
from storage.clearances import removal
from storage.tables import (
    Attempt,
    Call,
    Campaign,
    Contact,
    JsonObject,
    LastWordRow,
    Transfer,
)
from storage.tables.types import Json

_CALLS = Call.metadata.tables["call"]


async def forget(session: AsyncSession, ended_before: datetime, limit: int) -> int:
    """Empties up to `limit` calls that ended before; returns how many."""
    ids = await _old(session, ended_before, limit)
    if not ids:
        return 0
    contents: JsonObject = {
        "context": {},
        "additional_data": {},
        "result": None,
        "recipient_spec": {},
        "numbers_spec": None,
        "voicemail_spec": {},
        "kept": False,
    }
    recordings = {"recording_url": None, "recording_sid": None}
    unsynchronized = {"synchronize_session": False}
    # Due at once: any moment of the past is.
    await recording_removals.schedule(session, col(Attempt.call_id).in_(ids), ended_before)
    await session.exec(
        update(Call)
        .where(col(Call.call_id).in_(ids))
        .values(**contents)
        .execution_options(**unsynchronized)
    )
    await _forget_evidence(session, ids)
    await session.exec(
        update(Transfer)
        .where(col(Transfer.call_id).in_(ids), col(Transfer.whisper).is_not(None))
        .values(whisper=None)
        .execution_options(**unsynchronized)
    )
    await removal.forget_words(session, col(LastWordRow.call_id).in_(ids))
    await session.exec(
        update(Attempt)
        .where(col(Attempt.call_id).in_(ids))
        .values(**recordings)
        .execution_options(**unsynchronized)
    )
    # The lists that the calls were made from have their contexts, too.
    campaigns = select(Call.campaign_id).where(col(Call.call_id).in_(ids))
    await session.exec(
        update(Contact)
        .where(col(Contact.campaign_id).in_(campaigns), col(Contact.call_id).in_(ids))
        .values(context={}, numbers_spec=None)
        .execution_options(**unsynchronized)
    )
    return len(ids)


async def _forget_evidence(session: AsyncSession, call_ids: list[str]) -> None:
    """The tier and the method of a stated consent are proof; its evidence tells of the person."""
    statement = select(Call.call_id, Call.consent_spec).where(col(Call.call_id).in_(call_ids))
    rows: list[JsonObject] = [
        {"_id": call_id, "consent_spec": {**spec, "evidence": None}}
        for call_id, spec in (await session.exec(statement)).all()
        if spec and spec.get("evidence")
    ]
    if rows:
        changed = (
            update(_CALLS)
            .where(_CALLS.c.call_id == bindparam("_id"))
            .values(consent_spec=bindparam("consent_spec", type_=Json))
        )
        await (await session.connection()).execute(changed, rows)


async def forget_contacts(session: AsyncSession, ended_before: datetime, limit: int) -> int:
    """Empties up to `limit` contacts of a campaign that ended before; returns how many.

    Also those that never became a call. What was written in place of a number nobody can call.
    """
    oldest = (
        select(Campaign)
        # As the partial index says it: on SQLite a boolean column would become `= 1`.
        .where(text("kept"), col(Campaign.completed_time) < ended_before)
        .order_by(col(Campaign.completed_time))
        .limit(1)
    )
    campaign = (await session.exec(oldest)).one_or_none()
    if campaign is None:
        return 0
    is_bad = col(Contact.state) == ContactState.INVALID
    full = or_(
        cast(col(Contact.context), Text).not_in(("{}", "null")),
        col(Contact.client_token).is_not(None),
        col(Contact.numbers_spec).is_not(None),
        and_(is_bad, col(Contact.endpoint).is_not(None)),
    )
    of_campaign = col(Contact.campaign_id) == campaign.campaign_id
    found = select(Contact.contact_id).where(of_campaign, full).limit(limit)
    ids = list((await session.exec(found)).all())
    endpoint = case((is_bad, None), else_=col(Contact.endpoint))
    names_numbers = col(Contact.error_code) == RefusalCode.AMBIGUOUS_NUMBER
    extension = case((is_bad, None), else_=col(Contact.extension))
    error = case((names_numbers, None), else_=col(Contact.error))
    await session.exec(
        update(Contact)
        .where(col(Contact.contact_id).in_(ids))
        .values(
            context={},
            client_token=None,
            endpoint=endpoint,
            extension=extension,
            numbers_spec=None,
            error=error,
        )
        .execution_options(synchronize_session=False)
    )
    if len(ids) < limit:
        campaign.kept = False
        session.add(campaign)
    return len(ids)


async def _old(session: AsyncSession, ended_before: datetime, limit: int) -> list[str]:
    statement = (
        select(Call.call_id)
        # As the partial index says it: on SQLite a boolean column would become `= 1`.
        .where(text("kept"), col(Call.completed_time) < ended_before)
        .order_by(col(Call.completed_time))
        .limit(limit)
    )
    return list((await session.exec(statement)).all())
