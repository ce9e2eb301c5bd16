"""Whose account at the carrier a question about a number is asked and paid by."""

from typing import Protocol

from storage.carriers.client_pool import ClientPool
from storage.carriers.credentials import CredentialBook, Credentials, Disabled
from storage.carriers.sealer import Unsealable
from storage.clearances.requests import DISABLED, Claim
from storage.database.engine import Database
from storage.tables import Account
from telephony.errors import Rejected, RejectedClass
from telephony.port import NumberLookups
from telephony.twilio.lookups import TwilioLookups

_UNREADABLE = "the secret of the account at the carrier cannot be read"


class PayerDisabled(Rejected):
    """Nothing is asked by this account at the carrier until somebody enables it."""

    def __init__(self) -> None:
        super().__init__(DISABLED, reason=RejectedClass.ACCOUNT)


class LookupPayers(Protocol):
    async def of(self, claim: Claim) -> tuple[str | None, NumberLookups]:
        """The carrier account, None for the installation's own, and what asks by it.

        Raises only `telephony.errors`.
        """
        ...

    async def close(self) -> None:
        """Give back connections."""
        ...


class TwilioPayers:
    """By the account that the call is dialed from; `own`: SID and token of the installation's.

    `book` None: there is no other. `api_url`: a stand-in for Twilio.
    """

    def __init__(
        self, db: Database, book: CredentialBook | None, own: tuple[str, str], api_url: str | None
    ) -> None:
        self._db = db
        self._book = book
        self._api_url = api_url
        self._own = TwilioLookups(*own, api_url=api_url)
        self._clients = ClientPool(self._made)

    def _made(self, found: Credentials) -> TwilioLookups:
        return TwilioLookups(found.account_sid, found.token, api_url=self._api_url)

    async def of(self, claim: Claim) -> tuple[str | None, NumberLookups]:
        """Asks the database for the caller ID's account; its secret is kept for a while."""
        carrier_account_id = await self._payer(claim)
        if carrier_account_id is None or self._book is None:
            return None, self._own
        try:
            credentials = await self._book.of(carrier_account_id)
        except Unsealable:
            credentials = None
        if credentials is None:
            await self._clients.forget(carrier_account_id)
            # Nothing was sent; out here, so that no secret is dragged along.
            raise Rejected(_UNREADABLE, reason=RejectedClass.ACCOUNT)
        return carrier_account_id, await self._clients.of(credentials)

    async def _payer(self, claim: Claim) -> str | None:
        if self._book is None:
            return None
        async with self._db.read() as session:
            account = await session.get(Account, claim.account_id)
            if account is None:
                return None
            try:
                return await self._book.for_dial(session, account, claim.caller_id)
            except Disabled:
                pass
        raise PayerDisabled

    async def close(self) -> None:
        """Give back connections."""
        await self._own.close()
        await self._clients.close()
