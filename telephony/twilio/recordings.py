"""Recordings at Twilio, as a stream: with the account's credentials, from its one known host."""

import re
from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any

import httpx2

from telephony.errors import CarrierError, NoRecording, NoSuchPart
from telephony.port import PASSED_HEADERS, Audio
from telephony.twilio.errors import failure_of
from telephony.twilio.http_client import TIMEOUTS, base_of, quiet_loggers

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
        timeouts: httpx2.Timeout = TIMEOUTS,
    ) -> None:
        quiet_loggers()
        self._folder = f"{base_of(api_url)}/2010-04-01/Accounts/{account_sid}/Recordings"
        self._options: dict[str, Any] = {
            "auth": (account_sid, auth_token),
            "timeout": timeouts,
            "limits": httpx2.Limits(max_connections=_MOST_AT_ONCE),
            "follow_redirects": False,
            # A proxy of the environment leads to the real Twilio, not to a local stand-in.
            "trust_env": not api_url,
        }

    async def open(self, sid: str, part: str | None = None) -> Audio:
        """The sound of a recording, from its first byte that has come on."""
        if not _SID.fullmatch(sid):
            raise NoRecording("not the sid of a recording")
        answer = await self._ask(sid, part)
        if answer.status_code in (200, 206):
            headers = {n: answer.headers[n] for n in PASSED_HEADERS if n in answer.headers}
            return Audio(answer.status_code, headers, _chunks(answer), answer.aclose)
        await answer.aclose()
        raise _failure(answer.status_code)

    async def close(self) -> None:
        """Give back connections."""
        if "_http" in self.__dict__:
            await self._http.aclose()

    @cached_property
    def _http(self) -> httpx2.AsyncClient:
        """Made at its first use: that takes a while, and few processes hand out recordings."""
        return httpx2.AsyncClient(**self._options)

    async def _ask(self, sid: str, part: str | None) -> httpx2.Response:
        # As it is: what was compressed on the way would have another length and other parts.
        headers = {"Accept-Encoding": "identity", **({"Range": part} if part else {})}
        request = self._http.build_request("GET", f"{self._folder}/{sid}.wav", headers=headers)
        try:
            return await self._http.send(request, stream=True)
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


async def _chunks(answer: httpx2.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
        return
    except httpx2.HTTPError as error:
        kind = type(error).__name__
    raise CarrierError(f"the carrier broke off ({kind})")
