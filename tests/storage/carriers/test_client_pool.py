"""Clients of accounts at the carrier are kept, made anew with another token, and given back."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from storage.carriers.client_pool import LAST_ANSWERS_SECONDS, ClientPool
from storage.carriers.credentials import Credentials
from tests.storage.make import NOW

IRELAND = Credentials("ireland", "account", "AC" + "a" * 32, "token-1")


@dataclass
class Client:
    token: str
    is_closed: bool = False

    async def close(self) -> None:
        self.is_closed = True


class Site:
    def __init__(self) -> None:
        self.made: list[Client] = []
        self.seconds = 0.0
        self.pool = ClientPool(self._make, lambda: self.seconds)

    def _make(self, found: Credentials) -> Client:
        self.made.append(Client(found.token))
        return self.made[-1]

    def closed(self) -> list[str]:
        return [one.token for one in self.made if one.is_closed]


@pytest.fixture
def site() -> Site:
    return Site()


async def test_one_client_asks_as_long_as_the_token_is_the_same(site: Site):
    rotated = replace(IRELAND, former="token-0", former_ends_at=NOW)
    assert await site.pool.of(IRELAND) is await site.pool.of(rotated)
    assert len(site.made) == 1


async def test_a_former_client_has_its_last_answers_and_is_closed_then(site: Site):
    for number in (1, 2, 3):
        await site.pool.of(replace(IRELAND, token=f"token-{number}"))
    assert site.closed() == []
    site.seconds = LAST_ANSWERS_SECONDS
    await site.pool.of(replace(IRELAND, token="token-4"))
    assert site.closed() == ["token-1", "token-2"]


async def test_that_of_an_account_that_is_gone_is_a_former_one(site: Site):
    await site.pool.of(IRELAND)
    await site.pool.forget("ireland")
    site.seconds = LAST_ANSWERS_SECONDS
    await site.pool.forget("ireland")
    assert site.closed() == ["token-1"]


async def test_one_that_cannot_be_closed_keeps_nobody_from_the_next(site: Site):
    class Broken(Client):
        async def close(self) -> None:
            raise ConnectionResetError

    pool = ClientPool(lambda found: Broken(found.token), lambda: site.seconds)
    await pool.of(IRELAND)
    await pool.of(replace(IRELAND, token="token-2"))
    site.seconds = LAST_ANSWERS_SECONDS
    assert (await pool.of(replace(IRELAND, token="token-3"))).token == "token-3"
    await pool.close()


async def test_two_that_ask_while_a_former_one_is_closed_have_the_same(site: Site):
    closing = asyncio.Event()

    class Slow(Client):
        async def close(self) -> None:
            await closing.wait()

    pool = ClientPool(lambda found: Slow(found.token), lambda: site.seconds)
    await pool.of(IRELAND)
    await pool.forget("ireland")
    site.seconds = LAST_ANSWERS_SECONDS
    first = asyncio.create_task(pool.of(IRELAND))
    await asyncio.sleep(0)
    second = await pool.of(IRELAND)
    closing.set()
    assert await first is second


async def test_at_the_end_all_are_closed(site: Site):
    await site.pool.of(IRELAND)
    await site.pool.of(replace(IRELAND, token="token-2"))
    await site.pool.close()
    assert site.closed() == ["token-1", "token-2"]
