"""Numbers of a file, put on the do-not-call list, into a registry, or on record as agreed.

Each takes what `api.files.number_files` reads, a batch at a time, and counts into its result.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from api.files.number_files import ImportResult
from api.http.deps import Services
from api.http.problems import invalid
from policy.location.endpoints import extension_refusal
from policy.model.call import ExtensionUse, Refusal
from policy.model.purposes import ConsentTier
from policy.time.wall_time import utc
from storage.campaigns.contacts import ContactRow
from storage.compliance import consents, suppressions
from storage.tables import Account, Consent, Registry
from storage.tables.columns import new_id

#: Names the ids of rows that are sent under a key.
_ONCE = UUID("0a0c5d6e-5f0b-4b6a-9a55-3f1f1d1f6a0e")
Batches = AsyncIterator[list[ContactRow]]


@dataclass(frozen=True, slots=True)
class RegistryState:
    """Which registry a file is of, and when it was in this state.

    `keep`: what the account has of it stays besides. `may_be_empty`: the file may have no number.
    """

    name: str
    scrubbed: datetime
    keep: bool = False
    may_be_empty: bool = False


async def add_to_list(
    uses: Services, account: Account, batches: Batches, result: ImportResult
) -> int:
    """Every number on the do-not-call list, for all calls; returns how many are new there."""
    now, added = uses.now(), 0
    async for batch in batches:
        endpoints = {row.endpoint for row in batch if row.endpoint is not None}
        async with uses.db.write() as session:
            added += await suppressions.add_many(
                session, account.account_id, endpoints, "import", now
            )
        result.accepted += len(batch)
    return added


async def import_registry(
    uses: Services, account: Account, state: RegistryState, batches: Batches, result: ImportResult
) -> Registry:
    """The registry as the file has it, in one piece. Raises a 422 Problem for an empty one."""
    if state.scrubbed > uses.now():
        raise invalid("out_of_range", "scrubbedTime", "This is in the future.")
    numbers = set[str]()
    async for batch in batches:
        numbers |= {row.endpoint for row in batch if row.endpoint is not None}
        result.accepted += len(batch)
    if not numbers and not state.may_be_empty:
        message = "The file has no number that can be called; allowEmpty takes it all the same."
        raise invalid("no_numbers", "", message)
    async with uses.db.write() as session:
        return await suppressions.import_registry(
            session,
            account.account_id,
            state.name,
            numbers,
            state.scrubbed,
            uses.now(),
            keep=state.keep,
        )


async def record_consents(
    uses: Services,
    account: Account,
    tier: ConsentTier,
    method: str,
    batches: Batches,
    result: ImportResult,
    once: str | None = None,
) -> None:
    """The same consent for every number; `granted` and `evidence` are each row's own.

    What is sent again under the same `once` adds nothing to what it added before.
    """
    now = uses.now()
    refusal_of = ConsentRows(now)
    given = Consent(
        account_id=account.account_id, endpoint="", tier=tier, method=method, created_time=now
    )
    async for batch in batches:
        rows = list[Consent]()
        for row in batch:
            refusal = refusal_of(row)
            if refusal is None:
                rows.append(_consent_of(row, given, once))
            else:
                result.refuse(row.row_number, str(refusal.code), refusal.message)
        async with uses.db.write() as session:
            known = await consents.known(session, [row.consent_id for row in rows] if once else [])
            await consents.add_many(session, [row for row in rows if row.consent_id not in known])
        result.accepted += len(rows)


class ConsentRows:
    """Why a row with a good number is no consent of its own; None if it is one.

    The same number twice is one consent, unless time or evidence differ. The same file may be
    gone through again.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        #: In which row each stands first.
        self._first: dict[tuple[str | None, ...], int] = {}

    def __call__(self, row: ContactRow) -> Refusal | None:
        # Who agreed behind one extension has not agreed for the line.
        alone = extension_refusal(row.extension, ExtensionUse.REFUSE)
        if alone is not None:
            return alone
        if _granted(row.context.get("granted"), self._now) is None:
            return Refusal("malformed", "granted", "The time in granted is no past time.")
        said = (row.endpoint, row.context.get("granted"), row.context.get("evidence"))
        first = self._first.setdefault(said, row.row_number)
        if first == row.row_number:
            return None
        return Refusal("duplicate", "endpoint", f"Row {first} says the same of this number.")


def _consent_of(row: ContactRow, given: Consent, once: str | None) -> Consent:
    name = f"{given.account_id} {once} {row.row_number}"
    own = {
        "consent_id": str(uuid5(_ONCE, name)) if once else new_id(),
        "endpoint": row.endpoint,
        "granted_time": _granted(row.context.get("granted"), given.created_time),
        "evidence": row.context.get("evidence") or None,
    }
    return Consent(**{**given.model_dump(), **own})


def _granted(text: str | None, now: datetime) -> datetime | None:
    """The time of a cell; now for an empty one, None for one that cannot be."""
    if not text:
        return now
    try:
        said = datetime.fromisoformat(text)
        said = utc(said.replace(tzinfo=now.tzinfo) if said.tzinfo is None else said)
    except ValueError:
        return None
    return said if said <= now and not text.isdigit() else None
