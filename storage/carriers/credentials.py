"""The secrets of the carrier's accounts as a process holds them: read again after a change."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.carriers import carrier_accounts
from storage.carriers.sealer import Sealer, Unsealable
from storage.database.engine import Database
from storage.database.pagination import batches
from storage.tables import Account, Agent, CarrierAccount

#: What was read so long ago is read again; and sooner, where a signature fits none of it.
LONGEST_SECONDS, SHORTEST_SECONDS = 30.0, 1.0
#: Of an account of Trunkline: who dials from which number, and who from all others.
Book = tuple[dict[str, CarrierAccount], CarrierAccount | None]
#: Accounts at the carrier that share one SID; of more, the oldest are tried.
MOST_OF_SID = 8


@dataclass(frozen=True, slots=True)
class Credentials:
    """`token` is the newest; `former` is taken for signatures until it ends."""

    carrier_account_id: str
    account_id: str
    account_sid: str
    token: str = field(repr=False)
    former: str | None = field(default=None, repr=False)
    former_ends_at: datetime | None = None
    region: str | None = None
    edge: str | None = None

    def tokens_at(self, now: datetime) -> tuple[str, ...]:
        """Those by which a request may be signed now."""
        is_live = self.former is not None and self.former_ends_at is not None
        if is_live and self.former_ends_at and now < self.former_ends_at and self.former:
            return self.token, self.former
        return (self.token,)


class Disabled(Exception):
    """The account at the carrier that a number is dialed by makes no leg at present."""


class CredentialBook:
    """Every account at the carrier besides the installation's own.

    Of an account that has none nothing is ever asked, so that its calls cost no statement more.
    """

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._db = db
        self._sealer = sealer
        self._known: Mapping[str, CarrierAccount] = {}
        self._read_at = float("-inf")
        self._numbers: dict[str, tuple[int, Book]] = {}

    async def for_dial(self, session: AsyncSession, account: Account, caller_id: str) -> str | None:
        """By which one this number is dialed from; None: the installation's own. Raises Disabled.

        Asks the database only after a change.
        """
        version = account.carriers_version
        if version == 0:
            return None
        kept = self._numbers.get(account.account_id)
        if kept is None or kept[0] != version:
            rows = await carrier_accounts.of_account(session, account.account_id)
            of_number, default = carrier_accounts.by_number(rows)
            kept = version, (of_number, default)
            self._numbers[account.account_id] = kept
            self._known = {**self._known, **{row.carrier_account_id: row for row in rows}}
        of_number, default = kept[1]
        found = of_number.get(caller_id, default)
        if found is not None and found.disabled_time is not None:
            raise Disabled
        return None if found is None else found.carrier_account_id

    async def of(self, carrier_account_id: str) -> Credentials:
        """As the last dial found them, else as they are; raises Unsealable."""
        row = self._known.get(carrier_account_id)
        if row is None or self._age() > LONGEST_SECONDS:
            await self._read()
            row = self._known.get(carrier_account_id)
        if row is None:
            raise Unsealable("there is no such account at the carrier any more")
        return self._opened(row)

    async def is_any(self) -> bool:
        if self._age() > LONGEST_SECONDS:
            await self._read()
        return bool(self._known)

    async def with_number(self, caller_id: str) -> list[str]:
        """Ids of those that may have dialed from the number, as they are now.

        A default only where an agent of its owner's has the number: nobody else's is asked about.
        """
        await self._read()
        speakers = await self._with_agents(caller_id)
        return [
            id_
            for id_, row in self._known.items()
            if caller_id in row.caller_ids or (row.is_default and row.account_id in speakers)
        ]

    async def _with_agents(self, caller_id: str) -> set[str]:
        """Of the owners of defaults those whose agents call from the number, deleted ones too."""
        owners = {row.account_id for row in self._known.values() if row.is_default}
        if not owners:
            return set()
        statement = select(col(Agent.account_id), col(Agent.caller_ids))
        async with self._db.read() as session:
            rows = [
                row
                for some in batches(owners)
                for row in await session.exec(statement.where(col(Agent.account_id).in_(some)))
            ]
        return {account_id for account_id, caller_ids in rows if caller_id in caller_ids}

    async def with_sid(self, account_sid: str, *, again: bool = False) -> Sequence[Credentials]:
        """Those with this SID, `MOST_OF_SID` at most; what cannot be opened is left out.

        `again`: those that are known did not do; they are looked at anew, once a second at most.
        """
        if self._age() > (SHORTEST_SECONDS if again else LONGEST_SECONDS):
            await self._read()
        rows = [row for row in self._known.values() if row.account_sid == account_sid]
        found = []
        for row in rows[:MOST_OF_SID]:
            try:
                found.append(self._opened(row))
            except Unsealable:
                continue
        return found

    def _age(self) -> float:
        return time.monotonic() - self._read_at

    async def _read(self) -> None:
        async with self._db.read() as session:
            rows = await carrier_accounts.every(session)
        self._known = {row.carrier_account_id: row for row in rows}
        self._read_at = time.monotonic()

    def _opened(self, row: CarrierAccount) -> Credentials:
        own = row.carrier_account_id
        if row.sealed_token is None:
            raise Unsealable("it was removed")
        former = None if row.sealed_former is None else self._sealer.open(row.sealed_former, own)
        return Credentials(
            carrier_account_id=own,
            account_id=row.account_id,
            account_sid=row.account_sid,
            token=self._sealer.open(row.sealed_token, own),
            former=former,
            former_ends_at=row.former_ends_at,
            region=row.region,
            edge=row.edge,
        )
