"""The real carrier: Twilio's REST API through Twilio's own package."""

from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance, CallPage

from telephony.errors import Ambiguous, NotLive
from telephony.port import DialRequest, Leg, LegStatus, TextRequest
from telephony.twilio.errors import NOT_IN_PROGRESS, Classify, failure_of, leg_failure_of
from telephony.twilio.hosts import TWILIO_API
from telephony.twilio.http_client import TIMEOUTS, OneShotHttpClient

T = TypeVar("T")

#: Three more tries of a callback on connect and read time-outs and on 5xx.
RETRY_FRAGMENT = "#rc=3&rp=ct,rt,5xx"
#: Of an answer the request for what the leg is to hear tells.
STATUS_EVENTS = ("ringing", "completed")
#: Before the keys of an extension: half a second each, until the exchange listens.
KEY_PAUSE = "ww"
PAGE_SIZE = 1000
MAX_PAGES = 10
#: Where a whole caller ID is listed; a million calls.
MOST_PAGES = 1000
#: How far our clock may run ahead of the carrier's, whose dates count whole seconds.
CLOCK_SKEW = timedelta(seconds=10)
BEFORE_ANSWER = frozenset({LegStatus.QUEUED, LegStatus.INITIATED, LegStatus.RINGING})
_UNDATED_LAST = datetime.max.replace(tzinfo=UTC)


class TwilioCarrier:
    """`telephony.port.Carrier` on Twilio; `api_url` leads to a stand-in that speaks its protocol.
    `regional_url`: see `hosts`.

    Every method is exactly one HTTP request, but for `find` and `made`, which read pages,
    `hang_up`, which may have to say it in both of Twilio's ways, and `delete_recordings`, which
    lists them first.
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
        self._http = OneShotHttpClient(api_url, timeouts, regional_url)
        self._client: Any = Client(  # type: ignore[no-untyped-call]
            account_sid,
            auth_token,
            http_client=self._http,
            # Empty would make the SDK read TWILIO_* from the process's environment.
            environment={"TRUNKLINE": "settings come from the composition root"},
        )

    async def dial(self, request: DialRequest) -> Leg:
        """Create a leg: exactly one POST."""
        created = self._client.calls.create_async(**create_parameters(request))
        return new_leg(await _asked(created, failure_of), request)

    async def send_text(self, request: TextRequest) -> str:
        """Send a text: exactly one POST."""
        told = {} if request.status_url is None else {"status_callback": request.status_url}
        created = self._client.messages.create_async(
            to=request.to, from_=request.from_, body=request.body, **told
        )
        sid = (await _asked(created, failure_of)).sid
        if not isinstance(sid, str) or not sid:
            raise Ambiguous("the carrier's answer to a text names none")
        return sid

    async def fetch(self, sid: str) -> Leg:
        """Where a leg stands."""
        return leg_of(await _asked(self._client.calls(sid).fetch_async(), leg_failure_of))

    async def find(
        self, *, to: str, from_: str, since: datetime, carrier_account_id: str | None = None
    ) -> Sequence[Leg]:
        """Legs to `to` from `from_` created by the API at or after `since`, oldest first."""
        # No StartTime filter: a leg that still waits in Twilio's queue has none.
        asking = self._client.calls.page_async(to=to, from_=from_, page_size=PAGE_SIZE)
        calls = await self._all_pages(await _asked(asking, failure_of))
        return created_since(since, [leg_of(call) for call in calls])

    async def made(self, *, from_: str, since: datetime) -> Sequence[Leg]:
        """Legs from `from_` created by the API at or after `since`, oldest first."""
        asking = self._client.calls.page_async(from_=from_, page_size=PAGE_SIZE)
        page: CallPage = await _asked(asking, failure_of)
        legs: list[Leg] = []
        for _ in range(MOST_PAGES):
            legs += (listed := [leg_of(call) for call in page])
            if page.next_page_url is None or _reaches(listed, since):
                # Dates count whole seconds; within one, the newest are listed first.
                return created_since(since, reversed(legs))
            page = await _asked(self._client.calls.get_page_async(page.next_page_url), failure_of)
        raise Ambiguous("the carrier's list of calls does not end")

    async def hang_up(self, sid: str) -> None:
        """End a leg, whether queued, ringing or live."""
        if not await self._complete(sid):
            await self._update(sid, status="canceled")

    async def cancel(self, sid: str) -> None:
        """End a leg that nobody has answered; of an answered one Twilio changes nothing."""
        call = await self._update(sid, status="canceled")
        if _known_status(call.status) is LegStatus.IN_PROGRESS:
            raise NotLive("the leg is answered already", code=NOT_IN_PROGRESS, status=400)

    async def play(self, sid: str, twiml: str) -> None:
        """Replace what a live leg hears."""
        await self._update(sid, twiml=twiml)

    async def delete_recordings(self, sid: str) -> None:
        """Delete all that was recorded of a leg; what is gone already is fine."""
        with suppress(NotLive):
            listed = self._client.calls(sid).recordings.list_async(limit=PAGE_SIZE)
            for recording in await _asked(listed, leg_failure_of):
                with suppress(NotLive):
                    deleting = self._client.recordings(recording.sid).delete_async()
                    await _asked(deleting, leg_failure_of)

    async def close(self) -> None:
        """Give back connections."""
        await self._http.close()

    async def _complete(self, sid: str) -> bool:
        """Hang up in the way that fits ringing and live legs; False if it took no effect."""
        try:
            call = await self._update(sid, status="completed")
        except NotLive as over:
            if over.code != NOT_IN_PROGRESS:
                raise
            return False
        return _known_status(call.status) not in BEFORE_ANSWER

    async def _update(self, sid: str, **changes: str) -> CallInstance:
        return await _asked(self._client.calls(sid).update_async(**changes), leg_failure_of)

    async def _all_pages(self, first: CallPage) -> list[CallInstance]:
        calls, page = list(first), first
        for _ in range(MAX_PAGES - 1):
            if page.next_page_url is None:
                break
            page = await _asked(self._client.calls.get_page_async(page.next_page_url), failure_of)
            calls += list(page)
        return calls


async def _asked(request: Awaitable[T], classify: Classify) -> T:
    """Await one SDK call; what goes wrong comes out as a CarrierError that quotes nothing."""
    try:
        return await request
    except Exception as error:
        failure = classify(error)
    # Raised out here so that it drags no context along: SDK errors hold numbers.
    raise failure


def create_parameters(request: DialRequest) -> dict[str, Any]:
    """The arguments of the SDK's `calls.create` for one dial."""
    return {
        "to": request.to,
        "from_": request.from_,
        "url": request.voice_url + RETRY_FRAGMENT,
        "timeout": request.ring_timeout,
        "time_limit": request.max_duration,
        "status_callback": request.status_url + RETRY_FRAGMENT,
        "status_callback_event": list(STATUS_EVENTS),
        **_machine_detection(request.amd_url),
        **_recording(request.recording_url),
        **({} if request.fallback_url is None else {"fallback_url": request.fallback_url}),
        **({} if request.keys is None else {"send_digits": KEY_PAUSE + request.keys}),
        **({} if request.reason is None else {"call_reason": request.reason}),
    }


def _machine_detection(amd_url: str | None) -> dict[str, Any]:
    if amd_url is None:
        return {}
    return {
        "machine_detection": "DetectMessageEnd",
        "async_amd": "true",
        "async_amd_status_callback": amd_url + RETRY_FRAGMENT,
    }


def _recording(recording_url: str | None) -> dict[str, Any]:
    if recording_url is None:
        return {}
    return {"record": True, "recording_status_callback": recording_url + RETRY_FRAGMENT}


def new_leg(call: CallInstance, request: DialRequest) -> Leg:
    """The leg of a create that was answered 2xx; a sid is all it takes to be sure."""
    if not isinstance(call.sid, str) or not call.sid:
        raise Ambiguous("the carrier's answer to a create names no leg")
    return Leg(
        sid=call.sid,
        status=_known_status(call.status) or LegStatus.QUEUED,
        to=request.to,
        from_=request.from_,
        created_at=call.date_created,
    )


def leg_of(call: CallInstance) -> Leg:
    """A leg as Twilio lists it."""
    status = _known_status(call.status)
    if not call.sid or status is None:
        raise Ambiguous("the carrier's answer is not a readable leg")
    return Leg(
        sid=call.sid,
        status=status,
        to=call.to or "",
        from_=call._from or "",
        direction=call.direction or "",
        created_at=call.date_created,
        answered_by=call.answered_by,
        duration=_seconds(call.duration),
        price=call.price,
        price_unit=call.price_unit,
    )


def created_since(since: datetime, legs: Iterable[Leg]) -> list[Leg]:
    """The legs our API calls created since then, oldest first; undated ones are fresh."""
    earliest = since - CLOCK_SKEW
    ours = (leg for leg in legs if leg.direction == "outbound-api")
    kept = (leg for leg in ours if leg.created_at is None or leg.created_at >= earliest)
    return sorted(kept, key=lambda leg: leg.created_at or _UNDATED_LAST)


def _reaches(listed: Sequence[Leg], since: datetime) -> bool:
    """Whether a page goes back so far: the newest are listed first."""
    earliest = since - CLOCK_SKEW
    return any(leg.created_at is not None and leg.created_at < earliest for leg in listed)


def _known_status(word: object) -> LegStatus | None:
    try:
        return LegStatus(str(word))
    except ValueError:
        return None


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
