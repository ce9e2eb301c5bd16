"""Whatever comes from outside is read into something bounded at the edge: never a 500."""

import base64
import itertools
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from pydantic_core import PydanticCustomError

from api.app import assemble, make_first_account
from api.callbacks.deps import CallbackServices
from api.calls.filters import MOST_DATA
from api.http.schema import written
from settings import Settings
from storage.database.engine import Database
from telephony.twilio.callbacks import parse_status
from tests.api.world import ENDPOINT, KEY, Clock, FakeGateway, Json, World
from tests.databases import migrated_database
from tests.storage.database.postgres import Postgres, running_postgres

#: As they stand in an address.
STRANGE = [
    "", "-1", "9" * 30, "1e400", "NaN", "%00", "a%00b", "%ED%A0%80", "%F0%9F%92%A9", "[" * 3000,
    "x" * 5000, "%2B" + "1" * 4000, "%25", "0001-01-01T00:00:00%2B23:59",
    "9999-12-31T23:59:59-23:59", "2026-11-29T00:00:00%2B99:99", "1764417600",
]  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres() as found:
        yield found


@asynccontextmanager
async def moved_to_postgres(
    server: Postgres, application: FastAPI, settings: Settings
) -> AsyncIterator[World]:
    db, gateway, clock = Database(server.url(migrated_database(server))), FakeGateway(), Clock()
    application.state.services = assemble(settings, db, gateway, clock)
    application.state.callbacks = CallbackServices.of(settings, gateway)
    await make_first_account(application.state.services)
    transport = httpx2.ASGITransport(application)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://api", headers=headers
    ) as http:
        yield World(http, db, gateway, clock)
    await db.close()


@pytest.fixture
async def on_postgres(
    server: Postgres, application: FastAPI, settings: Settings
) -> AsyncIterator[World]:
    async with moved_to_postgres(server, application, settings) as world:
        yield world


async def parameters(world: World) -> list[tuple[str, str, str, str]]:
    """Method, path, place and name of every parameter of the API."""
    paths = (await world.http.get("/openapi.json")).json()["paths"]
    return [
        (method, path, one["in"], one["name"])
        for path, operations in paths.items()
        for method, operation in operations.items()
        for one in operation.get("parameters", [])
        if "stream" not in path
    ]


async def ask(world: World, where: tuple[str, str, str, str], value: str) -> Any:
    method, path, place, name = where
    if place == "path":
        path = path.replace(f"{{{name}}}", value or "x")
    address = re.sub(r"\{[^}]*\}", "x", path)
    if place == "query":
        address += f"?{name.replace('<key>', 'k')}={value}"
    headers = {name: value} if place == "header" else {}
    body: Json | None = None if method in {"get", "delete"} else {}
    return await world.http.request(method, address, headers=headers, json=body)


Asked = tuple[tuple[str, str, str, str], str]


async def statuses(world: World, pairs: Iterable[Asked]) -> dict[Asked, int]:
    return {pair: (await ask(world, *pair)).status_code for pair in pairs}


def broken(found: dict[Asked, int]) -> list[Asked]:
    return [(where, value[:40]) for (where, value), status in found.items() if status >= 500]


async def test_no_parameter_breaks_anything_on_either_database(
    world: World, server: Postgres, application: FastAPI, settings: Settings
) -> None:
    found = await statuses(world, itertools.product(await parameters(world), STRANGE))
    assert broken(found) == []
    # What is refused as it is read comes to no database.
    further = [pair for pair, status in found.items() if status not in {400, 422}]
    assert further
    async with moved_to_postgres(server, application, settings) as moved:
        assert broken(await statuses(moved, further)) == []


@pytest.mark.parametrize("kind", ["voice", "gather", "status", "amd", "recording"])
async def test_a_nul_in_a_callback_is_left_out(on_postgres: World, kind: str) -> None:
    world = on_postgres
    said = {"CallStatus": "completed", "AnsweredBy": "human\0", "RecordingSid": "RE1\0"}
    answer = await world.callback(kind, "no-such-token", SpeechResult="a\0b", **said)
    assert answer.status_code in {200, 404}
    answer = await world.callback(kind, "%00", **said)
    assert answer.status_code in {403, 422}
    answer = await world.callback("inbound", "sms", To="+1\0", MessageSid="SM1", Body="a\0b")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Sun, 22 Nov 2026 12:00:00 " + "0" * 100_000,
        "(" * 100_000,
    ],
)
def test_a_timestamp_that_is_none_is_none(said: str) -> None:
    form = {"CallSid": "CA" + "1" * 32, "CallStatus": "ringing", "Timestamp": said}
    at = parse_status(form).at
    assert at is None or at.tzinfo is UTC


async def test_a_timestamp_of_another_year_is_not_believed(world: World) -> None:
    attempt = await world.dial(await world.call())
    late = "Fri, 31 Dec 9998 23:59:59 +0000"
    assert await world.status(attempt.token, "ringing", Timestamp=late) == 204
    assert (await world.ledger(attempt)).ringing_at == world.clock.now


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("amd", {"AnsweredBy": "x" * 10_000}),
        ("recording", {"RecordingSid": "R" * 10_000}),
        ("inbound/sms", {"MessageSid": "SM1", "To": "%" * 15_000}),
    ],
)
async def test_a_word_longer_than_the_carrier_has_any_is_refused(
    world: World, kind: str, said: dict[str, str]
) -> None:
    kind, _, token = kind.partition("/")
    answer = await world.callback(kind, token or "x", **said)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_callback")


async def test_a_cookie_of_brackets_says_nothing(world: World) -> None:
    for text in (b"[" * 20_000, b"[" + b"9" * 20_000, b'["' + b"x" * 20_000):
        cookie = f"trunkline-said={base64.urlsafe_b64encode(text).decode()}"
        answer = await world.http.get("/dashboard/sign-in", headers={"Cookie": cookie})
        assert answer.status_code == 200


async def test_filters_of_additional_data_have_a_number(world: World) -> None:
    def query(count: int) -> str:
        return "&".join(f"additionalData.k{n}=v" for n in range(count))

    answer = await world.http.get(f"/api/v1/calls?{query(MOST_DATA)}")
    assert answer.status_code == 200
    answer = await world.http.get(f"/api/v1/calls?{query(1000)}")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_long")


@pytest.mark.parametrize("said", ["1764417600", " 1764417600.5", "-1", "20261129"])
async def test_a_bare_number_is_no_time(world: World, said: str) -> None:
    body = {"endpoint": ENDPOINT, "expiresTime": said}
    problem = await world.post("/api/v1/suppressions", body, 422)
    assert problem["errors"][0]["field"] == "expiresTime"
    assert problem["code"] == "wrong_type"
    answer = await world.http.get("/api/v1/calls", params={"fromDate": said})
    assert answer.status_code == 422
    body = {"endpoint": ENDPOINT, "tier": "express", "method": "form", "grantedTime": said}
    assert (await world.post("/api/v1/consents", body, 422))["code"] == "wrong_type"


def test_a_long_text_of_digits_is_no_time_and_costs_no_time_to_tell():
    """In proportion to its length; it was by the square, hours for a body that is let in."""
    said = "1" * 200_000 + "x"
    assert written(said) == said
    with pytest.raises(PydanticCustomError):
        written("1" * 200_000)
