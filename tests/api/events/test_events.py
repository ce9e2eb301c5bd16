"""The list and the stream of events: bounded in what they read, and open to a valid key only."""

import asyncio
import json

import pytest
from starlette.types import Message

from api.events import routes
from storage.accounts import accounts
from storage.calls import calls
from storage.events import event_log, event_reader
from storage.events.event_log import EventType
from storage.events.event_reader import ALL, START
from tests.api.world import KEY, MONDAY, Json, World
from tests.wait import PATIENCE

NO_PLACES = [
    "99999999999999999999999-1",
    "1-9223372036854775808",
    "9" * 5000 + "-1",
    "-1-1",
    "1--1",
]


async def listed(world: World, query: str) -> Json:
    answer = await world.http.get(f"/api/v1/events{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/events/stream"])
@pytest.mark.parametrize("place", NO_PLACES)
async def test_a_place_that_no_database_has_is_refused(world: World, path: str, place: str) -> None:
    answer = await world.http.get(f"{path}?after={place}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.parametrize("event_id", ["evt_9223372036854775808", "evt_" + "9" * 5000])
async def test_an_event_that_no_database_has_is_refused(world: World, event_id: str) -> None:
    made = await world.post("/api/v1/webhooks", {"url": "https://hooks.example.com/"})
    path = f"/api/v1/webhooks/{made['webhookId']}/replay"
    problem = await world.post(path, {"sinceEvent": event_id}, 422)
    assert problem["errors"][0]["code"] == "bad_event_id"


async def test_a_rare_event_is_found_though_each_page_looks_at_a_few_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_reader, "LOOK", 2)
    wanted = [await world.call(endpoint="+12125550111")]
    for number in range(5):
        await world.call(endpoint=f"+1212555012{number}")
    async with world.db.write() as session:
        call = await calls.lock(session, wanted[0])
        assert call is not None
        await event_log.append(session, call, EventType.CANCELED, MONDAY)
    pages, after, more = [], "0-0", True
    while more:
        page = await listed(world, f"?after={after}&type=call.canceled&type=call.failed")
        pages.append([event["callId"] for event in page["events"]])
        after, more = page["next"], page["hasMore"]
    assert pages[:-1] == [[]] * (len(pages) - 1)
    assert len(pages) == 4
    assert pages[-1] == wanted


async def test_a_list_since_a_time_leaves_out_what_was_before(world: World) -> None:
    await world.call(endpoint="+12125550111")
    assert len((await listed(world, f"?since={MONDAY:%Y-%m-%dT%H:%M:%SZ}"))["events"]) == 1
    assert (await listed(world, "?since=2030-01-01T00:00:00Z"))["events"] == []


async def change_key(world: World, change: str) -> None:
    async with world.db.write() as session:
        found = await accounts.find_by_key(session, KEY, world.clock.now)
        assert found is not None
        if change == "revoked":
            found[1].revoked_time = MONDAY
        else:
            found[1].scopes = ["calls:*"]
        session.add(found[1])


async def test_a_stream_ends_before_its_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each one would hold up its end for as long as it may be held up."""
    monkeypatch.setattr(routes, "LOOK_SECONDS", 0.02)
    services = world.http._transport.app.state.services  # type: ignore[attr-defined]
    async with world.db.read() as session:
        found = await accounts.find_by_key(session, KEY, world.clock.now)
    assert found is not None
    lines = routes._stream(services, found[1].api_key_id, found[0], START, ALL, mask=False)
    assert await anext(lines) == b": connected\nid: 0-0\n\n"
    services.closing.set()
    assert [line async for line in lines] == []


@pytest.mark.parametrize("change", ["revoked", "narrowed"])
async def test_a_stream_ends_soon_after_its_key(
    world: World, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    monkeypatch.setattr(routes, "SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(routes, "LOOK_SECONDS", 0.02)
    services = world.http._transport.app.state.services  # type: ignore[attr-defined]
    async with world.db.read() as session:
        found = await accounts.find_by_key(session, KEY, world.clock.now)
    assert found is not None
    account, key = found
    lines = routes._stream(services, key.api_key_id, account, START, ALL, mask=False)
    async with asyncio.timeout(PATIENCE):
        seen = [await anext(lines) for _ in range(3)]
        await change_key(world, change)
        seen += [line async for line in lines]
    assert seen[:3] == [b": connected\nid: 0-0\n\n", *[b": still here\nid: 0-0\n\n"] * 2]
    assert len(seen) <= 4


async def opened(world: World, *headers: tuple[bytes, bytes], parts: int) -> list[Message]:
    """The beginning of a stream as a client gets it, before it goes away."""
    app = world.http._transport.app  # type: ignore[attr-defined]
    authorization = (b"authorization", f"Bearer {KEY}".encode())
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/events/stream",
        "query_string": b"maskNumbers=true",
        "headers": [authorization, *headers],
    }
    sent: list[Message] = []
    asked: list[Message] = [{"type": "http.request"}]
    gone = asyncio.Event()

    async def send(message: Message) -> None:
        sent.append(message)
        if len(sent) == parts:
            gone.set()

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async with asyncio.timeout(PATIENCE):
        await app(scope, receive, send)
    return sent


async def test_a_stream_is_sent_as_it_happens_and_kept_nowhere(world: World) -> None:
    [start, first, *_] = await opened(world, parts=2)
    assert start["status"] == 200
    headers = dict(start["headers"])
    assert headers.pop(b"x-request-id")
    assert headers == {
        b"content-type": b"text/event-stream; charset=utf-8",
        b"cache-control": b"no-store",
        b"x-accel-buffering": b"no",
        b"ratelimit-policy": b'"key";q=6000;w=60',
        b"ratelimit": b'"key";r=5999;t=1',
    }
    assert first["body"] == b": connected\nid: 0-0\n\n"


async def test_a_message_names_its_place_its_type_and_what_happened(world: World) -> None:
    call_id = await world.call(endpoint="+12125550123")
    [_, _, message, *_] = await opened(world, (b"last-event-id", b"0-0"), parts=3)
    text = message["body"].decode()
    assert text.endswith("\n\n")
    lines = dict(line.split(": ", 1) for line in text.removesuffix("\n\n").split("\n"))
    told = json.loads(lines.pop("data"))
    page = await listed(world, "?take=1")
    assert lines == {"event": "call.created", "id": page["next"]}
    assert (told["callId"], told["endpoint"]) == (call_id, "+1********23")
