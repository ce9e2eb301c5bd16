"""Recordings of legs at accounts other than the installation's own: asked for with their tokens."""

from storage.carriers.client_pool import ClientPool
from storage.carriers.credentials import CredentialBook, Credentials
from storage.carriers.sealer import Unsealable
from telephony.errors import Unreachable
from telephony.port import Recordings
from telephony.twilio.hosts import api_of
from telephony.twilio.recordings import TwilioRecordings


class RecordingSources:
    """Who hands out the recordings of an account at the carrier; `api_url` as in the settings."""

    def __init__(self, book: CredentialBook, api_url: str | None) -> None:
        self._book = book
        self._api_url = api_url
        self._clients = ClientPool(self._made)

    async def of(self, carrier_account_id: str) -> Recordings:
        """Raises Unreachable where the account's token cannot be had."""
        try:
            found = await self._book.of(carrier_account_id)
        except Unsealable:
            found = None
        if found is None:
            await self._clients.forget(carrier_account_id)
            raise Unreachable("the secret of the account at the carrier cannot be read")
        return await self._clients.of(found)

    def _made(self, found: Credentials) -> TwilioRecordings:
        return TwilioRecordings(
            found.account_sid,
            found.token,
            api_url=self._api_url,
            regional_url=api_of(found.region, found.edge),
        )

    async def close(self) -> None:
        """Give back connections."""
        await self._clients.close()
