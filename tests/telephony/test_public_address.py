"""Whether anybody answers at our public address is known before a dial is sent."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from aiohttp import web

from telephony.public_address import ALIVE, PublicAddress

#: Longer than any answer of these takes.
SECONDS = 10.0


@dataclass
class Site:
    """What stands at an address; `answer` may change while it runs."""

    url: str
    answer: Callable[[], web.StreamResponse]

    async def handle(self, _request: web.Request) -> web.StreamResponse:
        return self.answer()


def alive() -> web.StreamResponse:
    return web.json_response(ALIVE)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    found = Site("", alive)
    app = web.Application()
    app.router.add_get("/healthz", found.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def test_an_api_that_answers_lets_dials_through(site: Site) -> None:
    address = PublicAddress(f"{site.url}/", every=0.02)
    async with address.watched():
        assert await address.answers_within(SECONDS)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=503),
        lambda: web.Response(text="This domain is for sale"),
        lambda: web.json_response({"status": "down"}),
        lambda: web.Response(status=302, headers={"Location": "/elsewhere"}),
    ],
)
async def test_whatever_else_answers_there_is_not_our_api(
    site: Site, answer: Callable[[], web.StreamResponse]
) -> None:
    site.answer = answer
    address = PublicAddress(site.url, every=0.02)
    async with address.watched():
        assert not await address.answers_within(0.3)


async def test_nobody_there_is_noticed_and_so_is_the_return(site: Site) -> None:
    address = PublicAddress(site.url, every=0.02)
    async with address.watched():
        assert await address.answers_within(SECONDS)
        site.answer = lambda: web.Response(status=502)
        while await address.answers_within(0):
            pass
        site.answer = alive
        assert await address.answers_within(SECONDS)


async def test_a_port_that_nobody_listens_on_is_no_answer() -> None:
    address = PublicAddress("http://127.0.0.1:9", every=0.02)
    async with address.watched():
        assert not await address.answers_within(0.3)


async def test_before_it_was_asked_nobody_is_known_to_answer(site: Site) -> None:
    assert not await PublicAddress(site.url).answers_within(0)
