"""Answers for browsers: pages, refusals as pages, and the way back after an action."""

import base64
import json
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import partial
from typing import Any, TypeVar

from fastapi import BackgroundTasks, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.exceptions import HTTPException

from api.http.actor import name_of
from api.http.auth import allows
from api.http.body_limits import detail_of
from api.http.deps import services
from api.http.middleware import problem_of
from api.http.problems import Problem, field_error, refused
from dashboard import cookies
from dashboard.headers import policy
from dashboard.renderer import render
from dashboard.viewer import Said, Viewer, zone_of
from dashboard.words import SAID
from storage.tables import Account, ApiKey

#: How many calls the answer to an action names.
MOST_NAMED = 50
#: The field of a form that says on which page it stood.
BACK_FIELD = "back"
#: A query that is longer is cut: then the page shows less of what was chosen.
_LONGEST_ADDRESS = 2000
Found = TypeVar("Found")
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in: with `key`, or as the person for whom it stands.

    `token` is what their forms carry.
    """

    account: Account
    key: ApiKey
    token: str


async def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page, with what every page needs to know of its viewer."""
    settings = (await services(request)).settings
    said = _heard(request)
    html = render(template, viewer=await _viewer(request, said), **values)
    answer = HTMLResponse(html, status)
    answer.headers["Content-Security-Policy"] = policy(html)
    if said is not None:
        cookies.put(answer, settings, cookies.SAID, "", 0)
    return answer


async def refusal_page(request: Request, exc: Exception) -> Response:
    """What went wrong, on a page; of what nobody expected only its place is logged."""
    problem = _problem(request, exc)
    answer = await page(request, "shared/refused.html", problem.status, problem=problem)
    answer.headers.update(problem.headers)
    return answer


async def back(
    request: Request,
    path: str,
    code: str,
    call_ids: Sequence[str] = (),
    later: BackgroundTasks | None = None,
) -> RedirectResponse:
    """To a page that says what came of an action. What it says travels in no address.

    `later`: what follows once the answer is out, such as waiting calls that decide again.
    """
    settings = (await services(request)).settings
    answer = RedirectResponse(await _as_it_was(request, path), 303, background=later)
    text = json.dumps([code, *call_ids[:MOST_NAMED]]).encode()
    cookies.put(answer, settings, cookies.SAID, base64.urlsafe_b64encode(text).decode(), 60)
    return answer


async def if_any(asked: Awaitable[Found]) -> Found | None:
    """What is asked for; None where there is none (404)."""
    try:
        return await asked
    except Problem as problem:
        if problem.status != 404:
            raise
        return None


async def _as_it_was(request: Request, path: str) -> str:
    """The page with the query it had, if the form stood on that very page."""
    sent = (await request.form()).get(BACK_FIELD)
    if isinstance(sent, str) and sent.partition("?")[0] == path:
        return sent[:_LONGEST_ADDRESS]
    return path


def viewer_zone(request: Request) -> tzinfo:
    """The zone in which whoever asks sees times."""
    return zone_of(request.cookies.get(cookies.ZONE, "")) or UTC


def viewer_zone_name(request: Request) -> str:
    """The name of that zone."""
    named = request.cookies.get(cookies.ZONE, "")
    return named if zone_of(named) else "UTC"


async def _viewer(request: Request, said: Said | None) -> Viewer:
    now = (await services(request)).now()
    anybody = Viewer(
        now,
        zone=viewer_zone(request),
        zone_name=viewer_zone_name(request),
        here=request.url.path,
        address=_address(request),
        said=said,
    )
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        return anybody
    return replace(
        anybody,
        account=session.account.name,
        who=name_of(session.key),
        role=session.key.scopes[0] if session.key.member_id else "",
        may=partial(allows, session.key.scopes),
        token=session.token,
    )


def _address(request: Request) -> str:
    """This page with its query, where it can be loaded anew."""
    query = request.url.query if request.method == "GET" else ""
    return f"{request.url.path}?{query}" if query else request.url.path


def _heard(request: Request) -> Said | None:
    """What the last action came to; whatever else stands in the cookie is nothing."""
    try:
        text = base64.urlsafe_b64decode(request.cookies.get(cookies.SAID, ""))
        code, *ids = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    known = isinstance(code, str) and code in SAID
    named = [one for one in ids if isinstance(one, str) and _ID.fullmatch(one)]
    return Said(code, named) if known else None


def _problem(request: Request, exc: Exception) -> Problem:
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, RequestValidationError):
        return refused([field_error(error) for error in exc.errors()])
    if isinstance(exc, HTTPException):
        return Problem(exc.status_code, "http_error", detail_of(request.scope, exc))
    return problem_of(exc)
