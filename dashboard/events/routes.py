"""/dashboard/events: an open page hears here that it should look again."""

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from api.http.auth import allows
from api.http.deps import Services
from api.http.problems import RETRY_AFTER, Problem
from dashboard.events.news import LOOK_SECONDS, Listener, Newsroom
from dashboard.page import Session
from dashboard.session.session import SignedIn, Who, session_of
from storage.database.engine import is_away

router = APIRouter(prefix="/events", route_class=SignedIn)
#: Silence lasts at most so long; then whoever listens is checked anew.
SILENCE_SECONDS = 15.0
#: Then a browser comes back by itself.
LONGEST_SECONDS = 3600.0
_HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}


@router.get("")
async def stream_changes(request: Request, who: Who) -> Response:
    """Server-sent events that name the calls that changed, and nothing else of them."""
    newsroom: Newsroom = request.app.state.newsroom
    if newsroom.is_full(who.key.api_key_id):
        detail = "Too many pages wait for news already."
        raise Problem(503, "too_many_pages", detail, headers=RETRY_AFTER)
    changes = stream(request, newsroom, who)
    return StreamingResponse(changes, media_type="text/event-stream", headers=_HEADERS)


async def stream(request: Request, newsroom: Newsroom, who: Session) -> AsyncIterator[bytes]:
    """Ends with the session, and when the page is closed."""
    end = asyncio.get_running_loop().time() + LONGEST_SECONDS
    names_calls = allows(who.key.scopes, "calls:read")
    # Not before the answer has begun: who never reads it could not leave.
    listener = newsroom.join(who.account.account_id, who.key.api_key_id)
    try:
        yield format_sse_event(comment="connected", retry=5000)
        while asyncio.get_running_loop().time() < end:
            news = await _news(listener, request)
            if _is_closing(request) or not await _may_listen(request):
                return
            yield _message(news, names_calls=names_calls)
    finally:
        newsroom.leave(listener)


async def _news(listener: Listener, request: Request) -> tuple[set[str], bool] | None:
    """What has changed; None after a long silence, or if the process is to end."""
    silent_until = asyncio.get_running_loop().time() + SILENCE_SECONDS
    while asyncio.get_running_loop().time() < silent_until and not _is_closing(request):
        news = await listener.news(min(SILENCE_SECONDS, LOOK_SECONDS))
        if news is not None:
            return news
    return None


def _is_closing(request: Request) -> bool:
    services: Services = request.app.state.services
    return services.closing.is_set()


async def _may_listen(request: Request) -> bool:
    """While nobody can tell, the stream ends; the browser comes back by itself."""
    try:
        return await session_of(request) is not None
    except Exception as exc:
        if is_away(exc):
            return False
        raise


def _message(news: tuple[set[str], bool] | None, *, names_calls: bool) -> bytes:
    if news is None:
        return format_sse_event(comment="still here")
    calls, other = news
    told = {"calls": sorted(calls) if names_calls else [], "all": other or not names_calls}
    return format_sse_event(event="change", data_str=json.dumps(told))
