"""How often one may ask: wrong keys, right keys, streams, and more at once than can be done."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from api.app import assemble
from api.http import auth
from api.http.doors import Doors, network_of
from api.http.problems import Problem
from policy.accounts import admission
from storage.accounts import accounts
from tests.api.world import KEY, World

AGENTS = "/api/v1/agents"


class SteadyClock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(world: World) -> SteadyClock:
    services(world).doors.clock = SteadyClock()
    return services(world).doors.clock  # type: ignore[no-any-return]


def services(world: World) -> Any:
    return world.http._transport.app.state.services  # type: ignore[attr-defined]


def with_settings(world: World, **changes: Any) -> None:
    """The same with other settings, as after a restart."""
    app = world.http._transport.app  # type: ignore[attr-defined]
    chosen = services(world).settings.model_copy(update=changes)
    app.state.services = assemble(chosen, world.db, world.gateway, world.clock)


@contextmanager
def from_address(world: World, address: str) -> Iterator[httpx2.AsyncClient]:
    app = world.http._transport.app  # type: ignore[attr-defined]
    yield httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, client=(address, 1)), base_url="https://api"
    )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def wrong(
    world: World, times: int, address: str = "192.0.2.7", key: str = "tl_"
) -> list[int]:
    with from_address(world, address) as http:
        answers = [
            await http.get(AGENTS, headers=bearer(f"{key}{number:07}wrong"))
            for number in range(times)
        ]
    assert all("Retry-After" in one.headers for one in answers if one.status_code == 429)
    return [one.status_code for one in answers]


async def test_wrong_keys_of_one_address_are_slowed(world: World, clock: SteadyClock):
    assert await wrong(world, 1000) == [401] * 30 + [429] * 970
    clock.now += 2
    assert await wrong(world, 3) == [401, 429, 429]


async def test_wrong_keys_that_begin_alike_are_slowed_from_wherever_they_come(
    world: World, clock: SteadyClock
):
    got = [
        (await wrong(world, 1, address=f"192.0.2.{number}", key="tl_same-be"))[0]
        for number in range(40)
    ]
    assert got == [401] * 30 + [429] * 10


async def test_whoever_has_a_right_key_is_not_slowed_by_strangers(world: World, clock: SteadyClock):
    assert (await world.http.get(AGENTS)).status_code == 200
    for number in range(30):
        await wrong(world, 2, address=f"192.0.2.{number}", key=KEY[:10])
    assert (await wrong(world, 100, address="127.0.0.1"))[-1] == 429
    # Seen before, at the very address; and never seen here, at another one.
    assert (await world.http.get(AGENTS)).status_code == 200
    services(world).keys.forget(accounts.hash_key(KEY))
    with from_address(world, "198.51.100.1") as http:
        assert (await http.get(AGENTS, headers=bearer(KEY))).status_code == 200


async def test_wrong_keys_fill_no_memory(world: World, clock: SteadyClock):
    found = Doors()
    for number in range(30_000):
        found.note_wrong(services(world).settings, f"2001:db8:{number:x}::1", f"{number:010}")
    assert len(found._wrong) <= 10_000


def test_of_ipv6_a_whole_network_is_one_address():
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2") != network_of("2001:db9::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"


async def test_a_key_may_ask_so_often_a_minute(world: World):
    with_settings(world, api_requests_per_minute=60)
    clock = services(world).doors.clock = SteadyClock()
    answers = [await world.http.get(AGENTS) for _ in range(62)]
    assert [one.status_code for one in answers] == [200] * 60 + [429] * 2
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=60;w=60'
    assert answers[0].headers["RateLimit"] == '"key";r=59;t=1'
    assert answers[-1].headers["RateLimit"] == '"key";r=0;t=1'
    assert (answers[-1].headers["Retry-After"], answers[-1].json()["code"]) == ("1", "rate_limited")
    clock.now += 1
    assert (await world.http.get(AGENTS)).status_code == 200


async def test_a_refusal_tells_of_the_limit_too_and_another_key_has_its_own(world: World):
    with_settings(world, api_requests_per_minute=2)
    services(world).doors.clock = SteadyClock()
    other = await world.post("/api/v1/keys", {"name": "other", "scopes": ["agents:read"]})
    assert (await world.http.get(f"{AGENTS}/nobody")).headers["RateLimit"] == '"key";r=0;t=60'
    assert (await world.http.get(AGENTS)).status_code == 429
    assert (await world.http.get(AGENTS, headers=bearer(other["secret"]))).status_code == 200


async def test_the_plan_says_how_often(world: World):
    await world.http.patch("/api/v1/account", json={"plan": "starter"})
    answer = await world.http.get(AGENTS)
    assert answer.headers["RateLimit-Policy"] == '"key";q=600;w=60'


async def test_one_stream_too_many_waits_for_another_to_end(world: World):
    with_settings(world, api_streams_per_key=2)
    found, settings = services(world).doors, services(world).settings

    async def stream() -> Any:
        yield b""

    held = [stream(), stream()]
    for one in held:
        found.hold_stream(settings, "key", one)
    with pytest.raises(Problem) as refused:
        found.hold_stream(settings, "key", stream())
    assert (refused.value.status, refused.value.code) == (429, "too_many_streams")
    # One that nobody ever read gives its place back, too.
    del one
    held.pop()
    found.hold_stream(settings, "key", held[0])


async def test_what_takes_too_long_is_given_up_and_gives_its_place_back(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    with_settings(world, api_request_seconds=0.01)

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(auth, "holder_of", never)
    answer = await world.http.get(AGENTS)
    assert (answer.status_code, answer.json()["code"]) == (503, "took_too_long")
    assert answer.headers["Retry-After"] == "2"
    assert services(world).doors.admission.at_work == 0


async def test_of_a_thousand_requests_at_once_some_are_done_and_the_rest_told_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    opened, look_up = asyncio.Event(), auth.holder_of

    async def slow(*asked: Any) -> Any:
        await opened.wait()
        return await look_up(*asked)

    monkeypatch.setattr(auth, "holder_of", slow)
    tasks = [asyncio.create_task(world.http.get(AGENTS)) for _ in range(1000)]
    done, pending = set(tasks), set(tasks)
    while len(pending) > 100:
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=1)
        await asyncio.sleep(0)
    assert {one.result().status_code for one in done} == {429}
    assert all(int(one.result().headers["Retry-After"]) >= 2 for one in done)
    assert len(pending) == 100 == admission.PATIENCE / 0.02
    opened.set()
    assert {(await one).status_code for one in pending} == {200}
    assert services(world).doors.admission.at_work == 0
