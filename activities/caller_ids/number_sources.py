"""Who is asked for the numbers of an account at the carrier."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from storage.caller_ids.number_lists import INSTALLATION
from storage.carriers.credentials import CredentialBook
from storage.carriers.sealer import Unsealable
from telephony.errors import Unreachable
from telephony.port import CarrierNumbers
from telephony.twilio.hosts import api_of
from telephony.twilio.numbers import TwilioNumbers

#: SID, token and the base URL of its region.
MakeNumbers = Callable[[str, str, str], CarrierNumbers]


class NumberSources:
    """`own`: SID and token of the installation's account. Asked once a day, so nothing is kept."""

    def __init__(self, book: CredentialBook, own: tuple[str, str], make: MakeNumbers) -> None:
        self._book = book
        self._own = own
        self._make = make

    @asynccontextmanager
    async def of(self, holder: str) -> AsyncIterator[CarrierNumbers]:
        """The numbers of a holder; raises Unreachable where its token cannot be had."""
        if holder == INSTALLATION:
            async with self.at(*self._own, None, None) as numbers:
                yield numbers
            return
        try:
            found = await self._book.of(holder)
        except Unsealable:
            found = None
        if found is None:
            raise Unreachable("the secret of the account at the carrier cannot be read")
        async with self.at(found.account_sid, found.token, found.region, found.edge) as numbers:
            yield numbers

    @asynccontextmanager
    async def at(
        self, sid: str, token: str, region: str | None, edge: str | None
    ) -> AsyncIterator[CarrierNumbers]:
        """The numbers of an account by its credentials, which may be no good."""
        numbers = self._make(sid, token, api_of(region, edge))
        try:
            yield numbers
        finally:
            await numbers.close()


def over_twilio(book: CredentialBook, own: tuple[str, str], api_url: str | None) -> NumberSources:
    """Over Twilio's accounts; `api_url`: a stand-in."""

    def made(sid: str, token: str, regional_url: str) -> TwilioNumbers:
        return TwilioNumbers(sid, token, api_url=api_url, regional_url=regional_url)

    return NumberSources(book, own, made)
