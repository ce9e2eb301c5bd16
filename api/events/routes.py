"""/api/v1/events: what happened, in order, as a list to read on and as a stream that stays open."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import Field

from api.events.schemas import EventList, EventPayload
from api.http.auth import KeyFirst, allows, requires
from api.http.deps import Services, Uses
from api.http.openapi import problem_responses
from api.http.problems import invalid
from api.http.schema import Moment
from storage.accounts import accounts
from storage.database.engine import is_away
from storage.events import event_reader
from storage.events.event_log import EventType
from storage.events.event_reader import (
    START,
    BadEventPosition,
    EventFilter,
    EventPosition,
    placed,
    position_of,
)
from storage.events.payloads import background, payload
from storage.tables import Account, JsonObject

router = APIRouter(
    prefix="/events",
    tags=["events"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

_SCOPE = "events:read"
Reader = Annotated[Account, Depends(requires(_SCOPE))]
#: Read by `place_of`.
Position = Annotated[str, Field(json_schema_extra={"pattern": "^[0-9]{1,19}-[0-9]{1,19}$"})]
After = Annotated[
    Position | None,
    Query(description="Only what came after this: `next` of the page before.", examples=["0-17"]),
]
Mask = Annotated[
    bool,
    Query(alias="maskNumbers", description="Of phone numbers only the beginning and the end."),
]
#: How often a stream looks for news, and how long it is silent or trusts its key at most.
LOOK_SECONDS, SILENCE_SECONDS = 0.5, 15.0
#: Then it ends, and whoever comes back shows the API key again.
LONGEST_SECONDS = 3600.0
_PAGE = 200


async def _filter(
    types: Annotated[
        list[EventType] | None, Query(alias="type", description="Repeat it for several.")
    ] = None,
    agent_id: Annotated[str | None, Query(alias="agentId")] = None,
    campaign_id: Annotated[str | None, Query(alias="campaignId")] = None,
    call_id: Annotated[str | None, Query(alias="callId")] = None,
) -> EventFilter:
    wanted = tuple(type_.value for type_ in types or ())
    return EventFilter(wanted, agent_id, campaign_id, call_id)


Filter = Annotated[EventFilter, Depends(_filter)]


@router.get("", responses=problem_responses(422))
async def list_events(
    account: Reader,
    uses: Uses,
    filter_: Filter,
    after: After = None,
    since: Annotated[
        Moment | None, Query(description="Where to begin, without `after`. Default: at the start.")
    ] = None,
    take: Annotated[int, Query(ge=1, le=1000)] = 100,
    mask: Mask = False,
) -> EventList:
    """Events in their order, for those who cannot be reached by webhooks."""
    place = await _begin(uses, account, _place(after, "after"), since)
    page = await _page(uses, account, place, filter_, take, mask=mask)
    return EventList(
        events=[EventPayload.model_validate(told) for _, told in page.told],
        next=str(page.next),
        has_more=page.has_more,
    )


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events as they happen"},
        **problem_responses(422),
    },
)
async def stream_events(
    request: Request,
    account: Reader,
    uses: Uses,
    filter_: Filter,
    after: After = None,
    mask: Mask = False,
    last_event_id: Annotated[
        Position | None, Header(description="Sent by a browser that comes back: it misses nothing.")
    ] = None,
) -> EventSourceResponse:
    """Server-sent events from now on, or from where the client was."""
    place = _place(last_event_id, "Last-Event-ID") or _place(after, "after")
    if place is None:
        async with uses.db.browse() as session:
            place = await event_reader.newest(session, account.account_id)
    _, key = request.state.holder
    messages = _stream(uses, key.api_key_id, account, place, filter_, mask=mask)
    uses.doors.hold_stream(uses.settings, key.api_key_id, messages)
    # Proxies must not wait for more of it before they pass it on.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(messages, headers=headers)


async def _stream(
    uses: Services,
    key_id: str,
    account: Account,
    place: EventPosition,
    filter_: EventFilter,
    *,
    mask: bool,
) -> AsyncIterator[bytes]:
    """Messages and, in a long silence, comments; the client comes back when it ends.

    Not yielded by the route itself: FastAPI then sends a `Cache-Control: no-cache` besides ours,
    its own comment instead of ours after 15 s that it has no setting for, and adds an `itemSchema`
    to our OpenAPI document.
    """
    end = _clock() + LONGEST_SECONDS
    spoke = trusted = _clock()
    # Whoever is cut off before the first event comes knows all the same where to go on.
    yield format_sse_event(comment="connected", id=str(place))
    while _clock() < end and not uses.closing.is_set():
        try:
            if _clock() - trusted > SILENCE_SECONDS:
                trusted = _clock()
                if not await _may_read(uses, key_id):
                    return
            page = await _page(uses, account, place, filter_, _PAGE, mask=mask)
        except Exception as error:
            if is_away(error):
                return
            raise
        for at, told in page.told:
            yield _message(at, told)
        place = page.next
        if page.told:
            spoke = _clock()
        elif _clock() - spoke > SILENCE_SECONDS:
            spoke = _clock()
            yield format_sse_event(comment="still here", id=str(place))
        if not page.has_more:
            await asyncio.sleep(LOOK_SECONDS)


async def _may_read(uses: Services, key_id: str) -> bool:
    """Whether a key that opened a stream is still there and still has the scope."""
    async with uses.db.read() as session:
        found = await accounts.find_by_key_id(session, key_id, uses.now())
    return found is not None and allows(found[1].scopes, _SCOPE)


def _clock() -> float:
    return asyncio.get_running_loop().time()


def _message(at: EventPosition, told: JsonObject) -> bytes:
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return format_sse_event(id=str(at), event=told["type"], data_str=body)


@dataclass(frozen=True, slots=True)
class _Page:
    """Events with their places, where to read on, and whether to do so at once."""

    told: list[tuple[EventPosition, JsonObject]]
    next: EventPosition
    has_more: bool


async def _page(
    uses: Services,
    account: Account,
    place: EventPosition,
    filter_: EventFilter,
    take: int,
    *,
    mask: bool,
) -> _Page:
    async with uses.db.browse() as session:
        newest = await event_reader.newest(session, account.account_id)
        end = await event_reader.reach(session, account.account_id, place, filter_)
        found = await event_reader.after(session, account.account_id, place, take, filter_, end)
        known = await background(session, found)
    told = [(placed(event), payload(event, known, mask=mask)) for event in found]
    if len(found) == take:
        return _Page(told, told[-1][0], has_more=True)
    if end is not None:
        return _Page(told, end, has_more=True)
    # What the filter leaves out need not be looked at again.
    return _Page(told, max([place, newest, *(at for at, _ in told)]), has_more=False)


async def _begin(
    uses: Services, account: Account, place: EventPosition | None, since: datetime | None
) -> EventPosition:
    if place is not None or since is None:
        return place or START
    async with uses.db.browse() as session:
        return await event_reader.place_before(session, account.account_id, since)


def _place(text: str | None, field: str) -> EventPosition | None:
    try:
        return None if text is None else position_of(text)
    except BadEventPosition:
        raise invalid("bad_cursor", field, "Must be what an earlier answer gave.") from None
