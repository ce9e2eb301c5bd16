"""What Twilio knows of numbers: Lookup v2, through Twilio's own package."""

import asyncio
from typing import Any

import aiohttp
from twilio.rest import Client

from policy.model.number_checks import INVALID, Reassigned
from telephony.errors import Ambiguous, CarrierError
from telephony.port import NumberAnswer
from telephony.twilio.errors import NO_SUCH_LEG, failure_of
from telephony.twilio.hosts import LOOKUPS_API
from telephony.twilio.http_client import OneShotHttpClient

#: Of one question, from beginning to end.
SECONDS = 10.0
_TIMEOUTS = aiohttp.ClientTimeout(total=SECONDS, connect=5)
_LINE_TYPE, _REASSIGNED = "line_type_intelligence", "reassigned_number"
#: Twilio's words for the database's answers.
_OWNERS = {
    "yes": Reassigned.YES,
    "no": Reassigned.NO,
    "no_data_available": Reassigned.NO_DATA,
    "no_data": Reassigned.NO_DATA,
}
#: A name, or a word of Twilio's, is not longer.
_LONGEST = 64
_UNREADABLE = "the carrier's answer about a number cannot be read"


class TwilioLookups:
    """`telephony.port.NumberLookups` on Twilio; `api_url` leads to a stand-in."""

    def __init__(self, account_sid: str, auth_token: str, *, api_url: str | None = None) -> None:
        self._http = OneShotHttpClient(api_url, _TIMEOUTS, LOOKUPS_API, LOOKUPS_API)
        self._client: Any = Client(  # type: ignore[no-untyped-call]
            account_sid,
            auth_token,
            http_client=self._http,
            environment={"TRUNKLINE": "settings come from the composition root"},
        )

    async def line_type(self, number: str) -> NumberAnswer:
        """The type of the line and who serves it."""
        found = await self._asked(number, fields=_LINE_TYPE)
        if found is None or found.valid is False:
            return NumberAnswer(INVALID)
        said = _package(found.line_type_intelligence)
        # Twilio knows the number, and not of what kind its line is: that is its answer.
        kind = _word(said.get("type")) or "unknown"
        return NumberAnswer(kind, _word(said.get("carrier_name")))

    async def reassigned(self, number: str, since: str) -> NumberAnswer:
        """Whether it was given to somebody else since that day."""
        found = await self._asked(number, fields=_REASSIGNED, last_verified_date=since)
        if found is None or found.valid is False:
            return NumberAnswer(Reassigned.NO_DATA)
        owner = _OWNERS.get(_word(_package(found.reassigned_number).get("is_number_reassigned")))
        if owner is None:
            raise Ambiguous(_UNREADABLE)
        return NumberAnswer(owner)

    async def close(self) -> None:
        """Give back connections."""
        await self._http.close()

    async def _asked(self, number: str, **question: str) -> Any:
        """One request; None: Twilio says that there is no such number."""
        failure: CarrierError
        try:
            async with asyncio.timeout(SECONDS):
                return await self._client.lookups.v2.phone_numbers(number).fetch_async(**question)
        except Exception as error:
            failure = failure_of(error)
        if failure.status == 404 and failure.code == NO_SUCH_LEG:
            return None
        # Raised out here so that it drags no context along: SDK errors hold numbers.
        raise failure


def _package(said: object) -> dict[str, Any]:
    """What one field of the answer says; raises Ambiguous if it says that it is none."""
    if not isinstance(said, dict) or said.get("error_code") is not None:
        raise Ambiguous(_UNREADABLE)
    return said


def _word(said: object) -> str:
    return said[:_LONGEST] if isinstance(said, str) else ""
