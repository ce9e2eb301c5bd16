"""Forgetting a person: data go, the counts and a tombstone that still forbids calls stay."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast
from sqlmodel import SQLModel, and_, col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from policy.location.number_forms import forms_of, person_key
from policy.model.call import ContactState
from policy.model.person import ScopeKind
from policy.model.reasons import RefusalCode
from storage.attempts import recording_removals
from storage.clearances import removal
from storage.database.pagination import batches
from storage.database.upsert import insert_once
from storage.number_hash import ERASED, Hasher, OtherPrivacyKey
from storage.tables import (
    Attempt,
    Call,
    CallNumber,
    Campaign,
    Consent,
    Contact,
    Erasure,
    HashKey,
    IdempotencyKey,
    Inbound,
    JsonObject,
    RegistryEntry,
    Suppression,
    Transfer,
)
from storage.webhooks import delivery_history


def pseudonym(hasher: Hasher, endpoint: str) -> str:
    """The same for the same person, so that counts stay right; nobody can call it."""
    return ERASED + hasher.hash_of(person_key(endpoint))[:32]


async def erase(
    session: AsyncSession, account_id: str, endpoint: str, hasher: Hasher, by: str, now: datetime
) -> Erasure:
    """Removes all that tells who the person is; raises NoPrivacyKey and OtherPrivacyKey.

    The caller has seen to it that no call to the person is in progress. Doing it twice is
    harmless: the second time there is nothing left.
    """
    name = pseudonym(hasher, endpoint)
    await _require_key(session, hasher, now)
    await _leave_the_number_alone(session, account_id, endpoint)
    await delivery_history.forget_answers(session, account_id, endpoint)
    await _remove_recordings(session, account_id, endpoint, now)
    await _forget_whispers(session, account_id, endpoint)
    counts = {
        "calls": await _forget_calls(session, account_id, endpoint, name),
        "attempts": await _forget_attempts(session, account_id, endpoint, name),
        "contacts": await _forget_contacts(session, account_id, endpoint),
        "consents": await _forget_consents(session, account_id, endpoint, name, now),
        "inbound": await _forget_inbound(session, account_id, endpoint),
    }
    await _forget_answers(session, account_id, endpoint)
    await removal.forget(session, account_id, forms_of(endpoint), name)
    await _leave_tombstone(session, account_id, endpoint, hasher, now)
    row = Erasure(
        account_id=account_id,
        endpoint_hash=hasher.hash_of(person_key(endpoint)),
        hash_key_id=hasher.key_id,
        at=now,
        by=by,
        counts=counts,
    )
    session.add(row)
    await session.flush()
    return row


async def foreign_key_in_use(session: AsyncSession, hasher: Hasher) -> bool:
    """Whether tombstones were made with another key, which this one could not find."""
    known = (await session.exec(select(HashKey.hash_key_id))).all()
    return bool(known) and (hasher.key is None or set(known) != {hasher.key_id})


async def history(
    session: AsyncSession, account_id: str, endpoint_hashes: Collection[str]
) -> list[Erasure]:
    """When this person was erased; by the hashes of all forms of the number."""
    statement = (
        select(Erasure)
        .where(
            col(Erasure.account_id) == account_id, col(Erasure.endpoint_hash).in_(endpoint_hashes)
        )
        .order_by(col(Erasure.at))
    )
    return list((await session.exec(statement)).all())


async def _require_key(session: AsyncSession, hasher: Hasher, now: datetime) -> None:
    key = HashKey(hash_key_id=hasher.key_id, first_used_time=now)
    if await foreign_key_in_use(session, hasher):
        raise OtherPrivacyKey
    await insert_once(session, key, "hash_key_id")


async def _leave_the_number_alone(session: AsyncSession, account_id: str, endpoint: str) -> None:
    """What lists it among several numbers is of this one alone from now on, and goes with it."""
    listing = select(CallNumber.call_id).where(
        col(CallNumber.account_id) == account_id,
        col(CallNumber.person_key) == person_key(endpoint),
    )
    for ids in batches((await session.exec(listing)).all()):
        alone: JsonObject = {"endpoint": endpoint, "numbers_spec": None}
        await _change(session, Call, [col(Call.call_id).in_(ids)], alone)
        of_calls: list[ColumnElement[bool]] = [col(Attempt.call_id).in_(ids)]
        await _change(session, Attempt, of_calls, {"to_endpoint": endpoint})
        await session.exec(delete(CallNumber).where(col(CallNumber.call_id).in_(ids)))
    campaigns = select(Campaign.campaign_id).where(col(Campaign.account_id) == account_id)
    said = cast(col(Contact.numbers_spec), Text)
    listed: list[ColumnElement[bool]] = [
        col(Contact.campaign_id).in_(campaigns),
        or_(*(said.contains(f'"{form}"', autoescape=True) for form in forms_of(endpoint))),
    ]
    await _change(session, Contact, listed, {"endpoint": endpoint, "numbers_spec": None})


async def _forget_calls(session: AsyncSession, account_id: str, endpoint: str, name: str) -> int:
    forgotten: JsonObject = {
        "endpoint": name,
        "extension": None,
        "context": {},
        "additional_data": {},
        "result": None,
        "recipient_spec": {},
        "voicemail_spec": {},
        "consent_spec": None,
        "subject": None,
    }
    conditions = [col(Call.account_id) == account_id, col(Call.endpoint).in_(forms_of(endpoint))]
    return await _change(session, Call, conditions, forgotten)


async def _remove_recordings(
    session: AsyncSession, account_id: str, endpoint: str, now: datetime
) -> None:
    of_person = and_(
        col(Attempt.account_id) == account_id, col(Attempt.to_endpoint).in_(forms_of(endpoint))
    )
    await recording_removals.schedule(session, of_person, now)


async def _forget_attempts(session: AsyncSession, account_id: str, endpoint: str, name: str) -> int:
    conditions = [
        col(Attempt.account_id) == account_id,
        col(Attempt.to_endpoint).in_(forms_of(endpoint)),
    ]
    forgotten = {
        "to_endpoint": name,
        "recording_url": None,
        "recording_sid": None,
        "subject": None,
    }
    return await _change(session, Attempt, conditions, forgotten)


async def _forget_whispers(session: AsyncSession, account_id: str, endpoint: str) -> None:
    """What an AI agent had said to whoever the person was put through to."""
    of_person = select(Attempt.attempt_id).where(
        col(Attempt.account_id) == account_id, col(Attempt.to_endpoint).in_(forms_of(endpoint))
    )
    spoken: list[ColumnElement[bool]] = [
        col(Transfer.attempt_id).in_(of_person),
        col(Transfer.whisper).is_not(None),
    ]
    await _change(session, Transfer, spoken, {"whisper": None})


async def _forget_contacts(session: AsyncSession, account_id: str, endpoint: str) -> int:
    campaigns = select(Campaign.campaign_id).where(col(Campaign.account_id) == account_id)
    conditions: list[ColumnElement[bool]] = [
        col(Contact.campaign_id).in_(campaigns),
        col(Contact.endpoint).in_(forms_of(endpoint)),
    ]
    staged = [*conditions, col(Contact.state) == ContactState.STAGED]
    await _change(session, Contact, staged, {"state": ContactState.DROPPED})
    forgotten: JsonObject = {
        "endpoint": None,
        "extension": None,
        "context": {},
        "client_token": None,
    }
    named = _named_in_error(campaigns, endpoint)
    in_errors = await _change(session, Contact, named, {**forgotten, "error": None})
    return in_errors + await _change(session, Contact, conditions, forgotten)


def _named_in_error(campaigns: Any, endpoint: str) -> list[ColumnElement[bool]]:
    """Rows that were refused for two readings of their number name both."""
    return [
        col(Contact.campaign_id).in_(campaigns),
        col(Contact.state) == ContactState.INVALID,
        col(Contact.error_code) == RefusalCode.AMBIGUOUS_NUMBER,
        or_(*(col(Contact.error).contains(form) for form in forms_of(endpoint))),
    ]


async def _forget_consents(
    session: AsyncSession, account_id: str, endpoint: str, name: str, now: datetime
) -> int:
    statement = select(Consent).where(
        col(Consent.account_id) == account_id, col(Consent.endpoint).in_(forms_of(endpoint))
    )
    rows = (await session.exec(statement)).all()
    for row in rows:
        row.endpoint, row.evidence = name, None
        row.revoked_time = row.revoked_time or now
        row.revocation = _without_reason(row.revocation)
        session.add(row)
    await session.flush()
    return len(rows)


def _without_reason(revocation: JsonObject | None) -> JsonObject:
    said = revocation or {"method": "erasure", "scope": "all"}
    return {name: value for name, value in said.items() if name != "reason"}


async def _forget_inbound(session: AsyncSession, account_id: str, endpoint: str) -> int:
    conditions = [
        col(Inbound.account_id) == account_id,
        col(Inbound.from_endpoint).in_(forms_of(endpoint)),
    ]
    forgotten: JsonObject = {"from_endpoint": None, "text": None, "holds": False}
    return await _change(session, Inbound, conditions, forgotten)


async def _forget_answers(session: AsyncSession, account_id: str, endpoint: str) -> None:
    """Answers kept for repeated requests hold what was asked for."""
    said = cast(col(IdempotencyKey.response), Text)
    await session.exec(
        delete(IdempotencyKey).where(
            col(IdempotencyKey.account_id) == account_id,
            or_(*(said.like(f"%{form}%") for form in forms_of(endpoint))),
        )
    )


async def _leave_tombstone(
    session: AsyncSession, account_id: str, endpoint: str, hasher: Hasher, now: datetime
) -> None:
    """Entries that name the number keep only its hash; one more forbids all calls for ever."""
    hashed = hasher.hash_of(person_key(endpoint))
    of_person = [
        col(Suppression.account_id) == account_id,
        col(Suppression.endpoint).in_(forms_of(endpoint)),
    ]
    changed = {"endpoint": None, "endpoint_hash": hashed, "reason": None}
    await _change(session, Suppression, of_person, changed)
    await session.exec(
        delete(RegistryEntry).where(
            col(RegistryEntry.account_id) == account_id,
            col(RegistryEntry.endpoint).in_(forms_of(endpoint)),
        )
    )
    tombstone = select(func.count()).where(
        col(Suppression.account_id) == account_id,
        col(Suppression.endpoint_hash) == hashed,
        col(Suppression.source) == "erasure",
    )
    if (await session.exec(tombstone)).one() == 0:
        session.add(
            Suppression(
                account_id=account_id,
                endpoint_hash=hashed,
                scope=ScopeKind.ALL,
                source="erasure",
                created_time=now,
                # It is the person who was erased, whatever other number is listed with this one.
                of_person=True,
            )
        )


async def _change(
    session: AsyncSession,
    table: type[SQLModel],
    conditions: list[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> int:
    statement = update(table).where(*conditions).values(**values)
    # Rows that a session already holds would otherwise be compared in Python.
    statement = statement.execution_options(synchronize_session=False)
    return int((await session.exec(statement)).rowcount)
