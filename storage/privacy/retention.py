"""What is removed from calls that ended long ago: their counts, times and proofs stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, cast, func, literal_column, null, text
from sqlmodel import and_, case, col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.call import ContactState
from policy.model.reasons import RefusalCode
from storage.attempts import recording_removals
from storage.clearances import removal
from storage.database.locks import dialect_of
from storage.tables import (
    Attempt,
    Call,
    Campaign,
    Contact,
    JsonObject,
    LastWordRow,
    Transfer,
)


class _Ended(NamedTuple):
    """A call that is to be emptied."""

    call_id: str
    campaign_id: str | None
    endpoint: str
    numbers_spec: list[JsonObject] | None


async def forget(session: AsyncSession, ended_before: datetime, limit: int) -> int:
    """Empties up to `limit` calls that ended before; returns how many."""
    rows = await _old(session, ended_before, limit)
    if not rows:
        return 0
    ids = [row.call_id for row in rows]
    contents: dict[str, Any] = {
        "context": {},
        "additional_data": {},
        "result": None,
        "recipient_spec": {},
        "numbers_spec": None,
        "voicemail_spec": {},
        "consent_spec": _without_evidence(session),
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
    await session.exec(
        update(Transfer)
        .where(col(Transfer.call_id).in_(ids), col(Transfer.whisper).is_not(None))
        .values(whisper=None)
        .execution_options(**unsynchronized)
    )
    await removal.forget_words(session, col(LastWordRow.call_id).in_(ids))
    # Most have none, and what is not written need not be read from the disk.
    recorded = or_(col(Attempt.recording_url).is_not(None), col(Attempt.recording_sid).is_not(None))
    await session.exec(
        update(Attempt)
        .where(col(Attempt.call_id).in_(ids), recorded)
        .values(**recordings)
        .execution_options(**unsynchronized)
    )
    await _forget_rows(session, rows)
    return len(ids)


async def _forget_rows(session: AsyncSession, calls: Sequence[_Ended]) -> None:
    """The lists that the calls were made from have their contexts, too.

    Looked for by their numbers, as an index has them: by the call alone, each page would read
    whole campaigns.
    """
    numbers: dict[str, set[str]] = {}
    for call in calls:
        if call.campaign_id is not None:
            listed = (one["endpoint"] for one in call.numbers_spec or ())
            numbers.setdefault(call.campaign_id, set()).update((call.endpoint, *listed))
    ids = [call.call_id for call in calls]
    for campaign_id, endpoints in sorted(numbers.items()):
        of_calls = (
            col(Contact.campaign_id) == campaign_id,
            col(Contact.endpoint).in_(sorted(endpoints)),
            col(Contact.call_id).in_(ids),
        )
        await session.exec(
            update(Contact)
            .where(*of_calls)
            .values(context={}, numbers_spec=None)
            .execution_options(synchronize_session=False)
        )


def _without_evidence(session: AsyncSession) -> ColumnElement[Any]:
    """The tier and the method of a stated consent are proof; its evidence tells of the person."""
    spec: Any = col(Call.consent_spec)
    if dialect_of(session) == "postgresql":
        emptied = func.jsonb_set(spec, literal_column("'{evidence}'"), literal_column("'null'"))
    else:
        emptied = func.json_set(spec, "$.evidence", null())
    return case((spec["evidence"].as_string().is_not(None), emptied), else_=spec)


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


async def _old(session: AsyncSession, ended_before: datetime, limit: int) -> list[_Ended]:
    statement = (
        select(Call.call_id, Call.campaign_id, Call.endpoint, Call.numbers_spec)
        # As the partial index says it: on SQLite a boolean column would become `= 1`.
        .where(text("kept"), col(Call.completed_time) < ended_before)
        .order_by(col(Call.completed_time))
        .limit(limit)
    )
    return [_Ended(*row) for row in (await session.exec(statement)).all()]
