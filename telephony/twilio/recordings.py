"""Recordings at Twilio, as a stream: with the account's credentials, from its one known host."""

import re
from collections.abc import AsyncIterator

import aiohttp

from telephony.errors import CarrierError, NoRecording, NoSuchPart
from telephony.port import PASSED_HEADERS, Audio
from telephony.twilio.errors import failure_of
from telephony.twilio.hosts import TWILIO_API
from telephony.twilio.http_client import TIMEOUTS, base_of, quiet_loggers, session_of

#: What a forged callback could put into a path is no sid.
_SID = re.compile(r"RE[0-9a-f]{32}")
_MOST_AT_ONCE = 50
_NO_RECORDING, _NO_SUCH_PART = 404, 416


class TwilioRecordings:
    """`telephony.port.Recordings` on Twilio; `api_url` leads to a stand-in of its protocol.

    An address is made of the account and the recording's sid alone. Whatever a callback said of
    where the recording is, and wherever an answer redirects to, is never asked.
    """

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        api_url: str | None = None,
        regional_url: str = TWILIO_API,
        timeouts: aiohttp.ClientTimeout = TIMEOUTS,
    ) -> None:
        quiet_loggers()
        self._folder = (
            f"{base_of(api_url, regional_url)}/2010-04-01/Accounts/{account_sid}/Recordings"
        )
        self._auth = aiohttp.BasicAuth(account_sid, auth_token)
        self._timeouts = timeouts
        self._is_real = not api_url
        #: Made at its first use: few processes hand out recordings.
        self._session: aiohttp.ClientSession | None = None

    async def open(self, sid: str, part: str | None = None) -> Audio:
        """The sound of a recording, from its first byte that has come on."""
        if not _SID.fullmatch(sid):
            raise NoRecording("not the sid of a recording")
        answer = await self._ask(sid, part)

        async def close() -> None:
            answer.close()

        if answer.status in (200, 206):
            headers = {n: answer.headers[n] for n in PASSED_HEADERS if n in answer.headers}
            return Audio(answer.status, headers, _chunks(answer), close)
        answer.close()
        raise _failure(answer.status)

    async def close(self) -> None:
        """Give back connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, sid: str, part: str | None) -> aiohttp.ClientResponse:
        if self._session is None:
            self._session = session_of(self._timeouts, self._is_real, most=_MOST_AT_ONCE)
        # As it is: what was compressed on the way would have another length and other parts.
        headers = {"Accept-Encoding": "identity", **({"Range": part} if part else {})}
        address = f"{self._folder}/{sid}.wav"
        try:
            return await self._session.get(
                address, headers=headers, auth=self._auth, allow_redirects=False
            )
        except Exception as error:
            failure = failure_of(error)
        # Raised out here so that it drags no context along: it holds the address.
        raise failure


def _failure(status: int) -> CarrierError:
    summary = f"the carrier answered HTTP {status}"
    if status == _NO_RECORDING:
        return NoRecording(summary, status=status)
    if status == _NO_SUCH_PART:
        return NoSuchPart(summary, status=status)
    return CarrierError(summary, status=status)


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.content.iter_any():
            yield chunk
        return
    except (aiohttp.ClientError, TimeoutError) as error:
        kind = type(error).__name__
    raise CarrierError(f"the carrier broke off ({kind})")
