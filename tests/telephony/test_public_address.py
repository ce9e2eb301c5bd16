"""Whether anybody answers at our public address is known before a dial is sent."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from aiohttp import web

from telephony.public_address import ALIVE, PATH, PublicAddress
from tests.wait import until


@dataclass
class Site:
    """What stands at an address; `answer` may change while it runs."""

    url: str
    answer: Callable[[], web.StreamResponse]

    async def handle(self, _request: web.Request) -> web.StreamResponse:
        return self.answer()


async def _answer(answer: web.StreamResponse) -> web.StreamResponse:
    return answer


def alive() -> web.StreamResponse:
    return web.json_response(ALIVE)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site("", alive)
    app = web.Application()
    app.router.add_get(PATH, found.handle)
    app.router.add_get("/elsewhere", lambda _: _answer(alive()))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def until_it(address: PublicAddress, *, answers: bool) -> None:
    async def so() -> bool:
        return address.answers is answers

    await until(so, f"answers: {answers}")


async def test_an_api_that_answers_lets_dials_through_from_the_start(site: Site) -> None:
    address = PublicAddress(f"{site.url}/")
    async with address.watched():
        assert address.answers


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=503),
        lambda: web.Response(text="This domain is for sale"),
        lambda: web.json_response({"status": "down"}),
        lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
        lambda: web.Response(body=b"[" * 5000, content_type="application/json"),
        lambda: web.Response(body=b"{}", headers={"Content-Type": "text/html; charset=none"}),
    ],
)
async def test_whatever_else_answers_there_is_not_our_api(
    site: Site, answer: Callable[[], web.StreamResponse]
) -> None:
    site.answer = answer
    address = PublicAddress(site.url)
    async with address.watched():
        assert not address.answers


async def test_nobody_there_is_noticed_and_so_is_the_return(site: Site) -> None:
    address = PublicAddress(site.url, every=0.01)
    async with address.watched():
        assert address.answers
        site.answer = lambda: web.Response(status=502)
        await until_it(address, answers=False)
        site.answer = alive
        await until_it(address, answers=True)


async def test_a_port_that_nobody_listens_on_is_no_answer() -> None:
    address = PublicAddress("http://127.0.0.1:9")
    async with address.watched():
        assert not address.answers


async def test_while_nobody_asks_nobody_is_known_to_answer(site: Site) -> None:
    address = PublicAddress(site.url)
    assert not address.answers
    async with address.watched():
        assert address.answers
    assert not address.answers


async def test_a_local_stand_in_is_not_looked_for_through_a_proxy(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    near, far = PublicAddress(site.url), PublicAddress(site.url, by_proxy=True)
    async with near.watched(), far.watched():
        assert (near.answers, far.answers) == (True, False)
