"""One carrier out of several: each leg is asked about at the account that made it."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from storage.carriers import carrier_accounts
from storage.carriers.client_pool import ClientPool
from storage.carriers.credentials import CredentialBook, Credentials
from storage.carriers.sealer import Unsealable
from storage.database.engine import Database
from telephony.errors import CarrierError, Rejected, RejectedClass, Unreachable
from telephony.port import Carrier, DialRequest, Leg, TextRequest
from telephony.twilio.client import TwilioCarrier
from telephony.twilio.hosts import api_of

#: Legs that were made here, until the ledger surely knows where they are.
_MOST_NEW = 2000
_UNREADABLE = "the secret of the account at the carrier cannot be read"

MakeCarrier = Callable[[Credentials], Carrier]


class CarrierSwitch:
    """`telephony.port.Carrier` over the installation's own account and those of `book`."""

    def __init__(self, db: Database, own: Carrier, book: CredentialBook, make: MakeCarrier) -> None:
        self._db = db
        self._own = own
        self._book = book
        self._clients = ClientPool(make)
        self._new: OrderedDict[str, str] = OrderedDict()

    async def dial(self, request: DialRequest) -> Leg:
        """Create a leg at the request's account; one whose secret is gone refuses everything."""
        account = request.carrier_account_id
        leg = await (await self._to_send_at(account)).dial(request)
        if account is not None:
            self._note(leg, account)
        return leg

    async def send_text(self, request: TextRequest) -> str:
        """Send a text at the request's account."""
        return await (await self._to_send_at(request.carrier_account_id)).send_text(request)

    async def _to_send_at(self, account: str | None) -> Carrier:
        """Whatever goes wrong here, nothing was sent, and whoever sends is told so."""
        failed: CarrierError
        try:
            return await self._at(account)
        except CarrierError:
            failed = Rejected(_UNREADABLE, reason=RejectedClass.ACCOUNT)
        except SQLAlchemyError:
            failed = Unreachable("the account at the carrier cannot be looked up")
        raise failed

    async def fetch(self, sid: str) -> Leg:
        """Where a leg stands."""
        return await (await self._of_leg(sid)).fetch(sid)

    async def find(
        self, *, to: str, from_: str, since: datetime, carrier_account_id: str | None = None
    ) -> Sequence[Leg]:
        """Legs between two numbers at one account."""
        return await (await self._at(carrier_account_id)).find(to=to, from_=from_, since=since)

    async def made(self, *, from_: str, since: datetime) -> Sequence[Leg]:
        """Legs from a number: the installation's own, and those of the accounts that have it."""
        legs = list(await self._own.made(from_=from_, since=since))
        for account in await self._book.with_number(from_):
            for leg in await (await self._at(account)).made(from_=from_, since=since):
                self._note(leg, account)
                legs.append(replace(leg, carrier_account_id=account))
        return legs

    async def hang_up(self, sid: str) -> None:
        """End a leg, whether ringing or live."""
        await (await self._of_leg(sid)).hang_up(sid)

    async def cancel(self, sid: str) -> None:
        """End a leg that nobody has answered."""
        await (await self._of_leg(sid)).cancel(sid)

    async def play(self, sid: str, twiml: str) -> None:
        """Replace what a live leg hears."""
        await (await self._of_leg(sid)).play(sid, twiml)

    async def delete_recordings(self, sid: str) -> None:
        """Delete all that was recorded of a leg."""
        await (await self._of_leg(sid)).delete_recordings(sid)

    async def close(self) -> None:
        """Give back connections."""
        await self._own.close()
        await self._clients.close()

    def _note(self, leg: Leg, account: str) -> None:
        self._new[leg.sid] = account
        while len(self._new) > _MOST_NEW:
            self._new.popitem(last=False)

    async def _of_leg(self, sid: str) -> Carrier:
        if sid in self._new:
            return await self._at(self._new[sid])
        if not await self._book.is_any():
            return self._own
        async with self._db.read() as session:
            account = await carrier_accounts.located(session, sid)
        return await self._at(account)

    async def _at(self, carrier_account_id: str | None) -> Carrier:
        if carrier_account_id is None:
            return self._own
        try:
            credentials = await self._book.of(carrier_account_id)
        except Unsealable:
            credentials = None
        if credentials is None:
            await self._clients.forget(carrier_account_id)
            # Nothing was sent; out here, so that no secret is dragged along.
            raise Unreachable(_UNREADABLE)
        return await self._clients.of(credentials)


def over_twilio(
    db: Database, book: CredentialBook, own: tuple[str, str], api_url: str | None
) -> CarrierSwitch:
    """Over Twilio's accounts; `own`: SID and token of the installation's. `api_url`: a stand-in."""

    def made(found: Credentials) -> TwilioCarrier:
        regional = api_of(found.region, found.edge)
        return TwilioCarrier(found.account_sid, found.token, api_url=api_url, regional_url=regional)

    return CarrierSwitch(db, TwilioCarrier(*own, api_url=api_url), book, made)
