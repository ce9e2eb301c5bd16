"""The numbers of an account at Twilio: owned, verified, and what their registration says.

IncomingPhoneNumbers and OutgoingCallerIds are of the voice API; the Trust Hub, which knows of
SHAKEN/STIR and of caller names, is another host and answers for the whole account, in no region.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

import aiohttp
from twilio.rest import Client

from telephony.errors import Ambiguous, CarrierError, Rejected, RejectedClass
from telephony.port import CarrierNumber, NumberKind
from telephony.twilio.errors import failure_of
from telephony.twilio.hosts import TWILIO_API
from telephony.twilio.http_client import OneShotHttpClient

T = TypeVar("T")

PAGE_SIZE = 1000
#: As a request to such an account would be refused.
NOT_ACTIVE = 10001
#: Twenty thousand numbers of a kind; a list that goes on is not believed.
MOST_PAGES = 20
#: Of the Trust Hub, which has smaller pages and is asked product by product.
TRUST_PAGE_SIZE, MOST_PRODUCTS = 50, 20
#: For the lists, and then for registrations, which many numbers are slow to tell and no import is
#: given up for; whoever waits for it is a person.
TIMEOUT_SECONDS, REGISTRATION_SECONDS = 30.0, 10.0
TIMEOUTS = aiohttp.ClientTimeout(total=10, connect=5)
#: Twilio's own sids of the policies by which numbers are registered.
SHAKEN_STIR_POLICY = "RN7a97559effdf62d00f4298208492a5ea"
CALLER_NAME_POLICY = "RNf3db3cd1fe25fcfd3c3ded065c8fea53"
_LONGEST_NAME = 100


class TwilioNumbers:
    """`telephony.port.CarrierNumbers` on Twilio; `api_url` leads to a stand-in of its protocol."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        api_url: str | None = None,
        regional_url: str = TWILIO_API,
        timeouts: aiohttp.ClientTimeout = TIMEOUTS,
    ) -> None:
        self._sid = account_sid
        self._http = OneShotHttpClient(api_url, timeouts, regional_url)
        self._client: Any = Client(  # type: ignore[no-untyped-call]
            account_sid,
            auth_token,
            http_client=self._http,
            # Empty would make the SDK read TWILIO_* from the process's environment.
            environment={"TRUNKLINE": "settings come from the composition root"},
        )

    async def check(self) -> None:
        """Ask for the account itself; one that is suspended or closed is refused as well."""
        account = await _asked(self._client.api.v2010.accounts(self._sid).fetch_async())
        if account.status != "active":
            why = "the account is not active"
            raise Rejected(why, reason=RejectedClass.ACCOUNT, code=NOT_ACTIVE)

    async def numbers(self) -> Sequence[CarrierNumber]:
        """Owned ones, then verified ones that are not owned as well."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                owned = await self._pages(self._client.incoming_phone_numbers)
                verified = await self._pages(self._client.outgoing_caller_ids)
        except TimeoutError:
            took_too_long = Ambiguous("the carrier's list of numbers took too long")
        else:
            return _all(owned, verified, await self._registrations() if owned else {})
        raise took_too_long

    async def close(self) -> None:
        """Give back connections."""
        await self._http.close()

    async def _pages(self, resource: Any) -> list[Any]:
        page = await _asked(resource.page_async(page_size=PAGE_SIZE))
        found: list[Any] = []
        for _ in range(MOST_PAGES):
            found += list(page)
            if page.next_page_url is None:
                return found
            page = await _asked(resource.get_page_async(page.next_page_url))
        raise Ambiguous("the carrier's list of numbers does not end")

    async def _registrations(self) -> Mapping[tuple[str, str], str]:
        """Policy and sid of the number -> how its registration stands; none where not told."""
        try:
            async with asyncio.timeout(REGISTRATION_SECONDS):
                return await self._registered()
        except (CarrierError, TimeoutError):
            # An account may lack the Trust Hub, and a restricted key the right to see it.
            return {}

    async def _registered(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for policy in (SHAKEN_STIR_POLICY, CALLER_NAME_POLICY):
            hub = self._client.trusthub.v1.trust_products
            products = await _asked(
                hub.list_async(policy_sid=policy, limit=MOST_PRODUCTS, page_size=TRUST_PAGE_SIZE)
            )
            for product in products:
                places = hub(product.sid).trust_products_channel_endpoint_assignment
                for place in await _asked(
                    places.list_async(limit=MOST_PAGES * PAGE_SIZE, page_size=TRUST_PAGE_SIZE)
                ):
                    key = (policy, str(place.channel_endpoint_sid))
                    found[key] = _better(found.get(key), str(product.status))
        return found


def _all(
    owned: Sequence[Any], verified: Sequence[Any], said: Mapping[tuple[str, str], str]
) -> list[CarrierNumber]:
    found = {one.phone_number: _verified(one) for one in verified if one.phone_number}
    found |= {one.phone_number: _owned(one, said) for one in owned if one.phone_number}
    return sorted(found.values(), key=lambda one: (one.kind, one.number))


def _better(one: str | None, other: str) -> str:
    """Of several registrations of a number the one that holds."""
    return one if one == "twilio-approved" else other


def _owned(one: Any, said: Mapping[tuple[str, str], str]) -> CarrierNumber:
    return CarrierNumber(
        number=one.phone_number,
        kind=NumberKind.OWNED,
        sid=one.sid or "",
        name=(one.friendly_name or "")[:_LONGEST_NAME],
        voice=_voice(one.capabilities),
        caller_name=said.get((CALLER_NAME_POLICY, one.sid)),
        shaken_stir=said.get((SHAKEN_STIR_POLICY, one.sid)),
    )


def _voice(capabilities: object) -> bool | None:
    found = capabilities.get("voice") if isinstance(capabilities, dict) else None
    return found if isinstance(found, bool) else None


def _verified(one: Any) -> CarrierNumber:
    name = (one.friendly_name or "")[:_LONGEST_NAME]
    # It was confirmed by a call, so it has a voice.
    return CarrierNumber(one.phone_number, NumberKind.VERIFIED, one.sid or "", name, voice=True)


async def _asked(request: Awaitable[T]) -> T:
    """Await one SDK call; what goes wrong comes out as a CarrierError that quotes nothing."""
    try:
        return await request
    except Exception as error:
        failure = failure_of(error)
    # Raised out here so that it drags no context along: SDK errors hold numbers.
    raise failure
