"""Clients of accounts at the carrier are kept, made anew with another token, and given back."""

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


async def test_at_the_end_all_are_closed(site: Site):
    await site.pool.of(IRELAND)
    await site.pool.of(replace(IRELAND, token="token-2"))
    await site.pool.close()
    assert site.closed() == ["token-1", "token-2"]
