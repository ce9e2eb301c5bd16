"""What an account has said is so, because a rule asks for it and nobody else can know.

{"prerequisite", "reference"?, "note"?, "by", "at", "expiresTime"?, "endedAt"?, "endedBy"?};
one that was renewed or withdrawn is kept, with its end.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from policy.model.acknowledgement import Acknowledgement
from storage.database.locks import lock_account
from storage.tables import Account, JsonObject

Records = Sequence[JsonObject]
#: Of one account, ended ones too.
MOST = 500


class TooMany(Exception):
    """The account has as many on record as it may have."""


def in_force(account: Account) -> tuple[Acknowledgement, ...]:
    """Those that were not withdrawn; whether one has expired is policy's to say."""
    if not account.acknowledgements:
        return ()
    return tuple(_read(one) for one in account.acknowledgements if "endedAt" not in one)


def _read(record: JsonObject) -> Acknowledgement:
    until = record.get("expiresTime")
    return Acknowledgement(
        record["prerequisite"],
        record.get("reference", ""),
        datetime.fromisoformat(until) if until else None,
    )


async def add(session: AsyncSession, account_id: str, record: JsonObject) -> JsonObject:
    """Puts it on record in the place of the one before; the same one once more changes nothing."""
    account = await lock_account(session, account_id)
    assert account is not None
    kept = with_one(account.acknowledgements, record)
    account.acknowledgements = kept
    session.add(account)
    return kept[-1]


def with_one(records: Records, record: JsonObject) -> list[JsonObject]:
    """The records and one more, which takes the place of the one before; raises TooMany."""
    standing = next((one for one in records if _is_of(one, record["prerequisite"])), None)
    if standing is not None and _said(standing) == _said(record):
        return [*(one for one in records if one is not standing), standing]
    if len(records) >= MOST:
        raise TooMany
    return [*_ended(records, record["prerequisite"], record["by"], record["at"]), record]


async def end(
    session: AsyncSession, account_id: str, prerequisite: str, by: str, now: datetime
) -> JsonObject | None:
    """Withdraws it; None if there is none."""
    account = await lock_account(session, account_id)
    assert account is not None
    kept = without(account.acknowledgements, prerequisite, by, now)
    if kept is None:
        return None
    account.acknowledgements = kept
    session.add(account)
    return next(one for one in reversed(kept) if one["prerequisite"] == prerequisite)


def without(records: Records, prerequisite: str, by: str, now: datetime) -> list[JsonObject] | None:
    """The records with that one ended; None if none stands."""
    kept = _ended(records, prerequisite, by, now.isoformat())
    return None if kept == list(records) else kept


def _ended(records: Records, prerequisite: str, by: str, at: str) -> list[JsonObject]:
    end = {"endedAt": at, "endedBy": by}
    return [{**one, **end} if _is_of(one, prerequisite) else one for one in records]


def _is_of(record: JsonObject, prerequisite: str) -> bool:
    return record["prerequisite"] == prerequisite and "endedAt" not in record


def _said(record: JsonObject) -> tuple[object, ...]:
    return tuple(record.get(name) for name in ("reference", "note", "expiresTime"))
