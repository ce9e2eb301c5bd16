"""Open pages hear that something has changed: what is told, to whom, and of how many at most."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI, Request

from dashboard.events import news, routes
from dashboard.events.news import Newsroom
from dashboard.page import Session
from dashboard.session.session import session_of
from storage.accounts import accounts
from storage.database.engine import DatabaseBusy
from storage.tables import Account
from tests.api.worker import Worker
from tests.dashboard.browser import HOME, SESSION, Browser
from tests.wait import until


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "LOOK_SECONDS", 0.01)


@pytest.fixture
async def request_(browser: Browser, application: FastAPI) -> Request:
    """What a browser that has signed in asks with."""
    await browser.sign_in()
    cookie = f"{SESSION}={browser.http.cookies[SESSION]}".encode()
    return Request({"type": "http", "app": application, "headers": [(b"cookie", cookie)]})


@pytest.fixture
async def who(request_: Request) -> Session:
    found = await session_of(request_)
    assert found is not None
    return found


@pytest.fixture
def newsroom(browser: Browser) -> Newsroom:
    return Newsroom(lambda: browser.world.db)


async def told(lines: AsyncIterator[bytes]) -> dict[str, Any]:
    """The next change; comments are skipped."""
    async for line in lines:
        if line.startswith(b"event: change"):
            found: dict[str, Any] = json.loads(line.partition(b"data: ")[2])
            return found
    raise AssertionError("the stream is over")


async def looks(newsroom: Newsroom, account_id: str) -> None:
    """Returns once the account's events are looked at."""

    async def place() -> object:
        return newsroom.place_of(account_id)

    await until(place, "nobody looks")


async def opened(request: Request, newsroom: Newsroom, who: Session) -> AsyncIterator[bytes]:
    """A stream that is being told: it knows from where on."""
    lines = routes.stream(request, newsroom, who)
    assert (await anext(lines)).startswith(b": connected")
    await looks(newsroom, who.account.account_id)
    return lines


async def test_a_change_names_its_call_and_nothing_else_of_it(
    browser: Browser, worker: Worker, newsroom: Newsroom, request_: Request, who: Session
):
    before = await worker.sleeping()
    lines = await opened(request_, newsroom, who)
    call_id = await browser.world.call(allowDuplicate=True)
    assert await told(lines) == {"calls": [call_id], "all": False}
    assert before != call_id
    await lines.aclose()  # type: ignore[attr-defined]


async def test_what_is_about_no_call_is_told_to_all_pages(
    browser: Browser, newsroom: Newsroom, request_: Request, who: Session
):
    lines = await opened(request_, newsroom, who)
    await browser.world.post("/api/v1/suppressions", {"endpoint": "+12125550188"})
    assert (await told(lines))["all"] is True
    await lines.aclose()  # type: ignore[attr-defined]


async def test_a_key_that_may_not_read_calls_hears_of_none_by_its_id(
    browser: Browser, newsroom: Newsroom, request_: Request, who: Session
):
    who.key.scopes = ["campaigns:read"]
    lines = await opened(request_, newsroom, who)
    await browser.world.call()
    assert await told(lines) == {"calls": [], "all": True}
    await lines.aclose()  # type: ignore[attr-defined]


async def test_a_stream_ends_with_its_key(
    browser: Browser, newsroom: Newsroom, request_: Request, who: Session
):
    lines = await opened(request_, newsroom, who)
    async with browser.world.db.write() as session:
        found = await accounts.find_by_key_id(session, who.key.api_key_id, browser.world.clock.now)
        assert found is not None
        found[1].revoked_time = browser.world.clock.now
        session.add(found[1])
    await browser.world.http.get("/healthz")
    newsroom.tell_all(who.account.account_id)
    assert [line async for line in lines] == []
    assert newsroom.place_of(who.account.account_id) is None


async def test_a_stream_ends_while_the_database_is_away(
    newsroom: Newsroom, request_: Request, who: Session, monkeypatch: pytest.MonkeyPatch
):
    """Nobody can tell then whether its key still is one; the page comes back by itself."""

    async def away(_request: Request) -> Session | None:
        raise DatabaseBusy("busy")

    lines = await opened(request_, newsroom, who)
    monkeypatch.setattr(routes, "session_of", away)
    newsroom.tell_all(who.account.account_id)
    assert [line async for line in lines] == []
    assert newsroom.place_of(who.account.account_id) is None


async def test_a_stream_ends_before_its_process(
    browser: Browser, newsroom: Newsroom, request_: Request, who: Session
):
    """Else each open page would hold up its end for as long as it may be held up."""
    lines = await opened(request_, newsroom, who)
    request_.app.state.services.closing.set()
    assert [line async for line in lines] == []


async def test_who_leaves_is_forgotten_and_nobody_looks_any_more(
    newsroom: Newsroom, request_: Request, who: Session
):
    first = await opened(request_, newsroom, who)
    second = await opened(request_, newsroom, who)
    await first.aclose()  # type: ignore[attr-defined]
    assert newsroom.place_of(who.account.account_id) is not None
    await second.aclose()  # type: ignore[attr-defined]
    assert newsroom.place_of(who.account.account_id) is None


async def test_only_so_many_pages_of_a_key_wait_at_once(
    browser: Browser, application: FastAPI, who: Session
):
    newsroom: Newsroom = application.state.newsroom
    account_id, key_id = who.account.account_id, who.key.api_key_id
    waiting = [newsroom.join(account_id, key_id) for _ in range(news.MOST_OF_ONE)]
    try:
        answer = await browser.get(f"{HOME}/events")
        assert answer.status_code == 503
        assert "Too many pages wait" in answer.text
        assert not newsroom.is_full("another key")
    finally:
        for listener in waiting:
            newsroom.leave(listener)


async def test_only_somebody_who_has_signed_in_hears_anything(browser: Browser):
    answer = await browser.get(f"{HOME}/events")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{HOME}/sign-in")


async def test_accounts_do_not_hear_of_each_other(browser: Browser, newsroom: Newsroom):
    async with browser.world.db.write() as session:
        session.add(Account(account_id="another", name="B", created_time=browser.world.clock.now))
    theirs = newsroom.join("another", "key")
    await looks(newsroom, "another")
    await browser.world.call()
    assert await theirs.news(0.2) is None
    newsroom.leave(theirs)


def test_many_calls_at_once_are_all_of_them():
    listener = news.Listener("account", "key")
    listener.tell({str(number) for number in range(news.MOST_CALLS + 1)}, other=False)
    assert (listener.calls, listener.other) == (set(), True)
