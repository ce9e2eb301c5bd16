"""Events as they happen, none left out where a connection ends."""

import json
from itertools import islice

import httpx2
import pytest

import api.events.routes
from tests.client.conftest import AGENT_ID
from tests.client.test_client import request
from trunkline_client import AsyncTrunkline, Away, Trunkline, Unauthorized, Unreadable
from trunkline_client.event_stream import Connections, Reader
from trunkline_client.problems import problem


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends each stream soon, and nobody waits long before the next."""
    monkeypatch.setattr(api.events.routes, "LONGEST_SECONDS", 0.2)
    monkeypatch.setattr(api.events.routes, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(Connections, "pause", lambda *_: 0.01)


def test_the_stream_goes_on_where_it_was_when_the_server_ends_it(
    client: Trunkline, brief: None
) -> None:
    made = [client.create_call(request(number)).call_id for number in range(2)]
    stream = client.stream_events(after=client.list_events(take=1).next)
    seen = [next(stream).event.call_id]
    made += [client.create_call(request(number)).call_id for number in (2, 3)]
    seen += [one.event.call_id for one in islice(stream, 2)]
    assert seen == made[1:]


def test_what_happens_before_the_first_event_while_the_connection_is_broken_is_told(
    client: Trunkline, brief: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.create_call(request(0))
    made: list[str] = []

    def pause(*_: object) -> float:
        if not made:
            made.append(client.create_call(request(1)).call_id)
        return 0.01

    monkeypatch.setattr(Connections, "pause", pause)
    assert next(client.stream_events()).event.call_id == made[0]


async def test_so_is_it_to_whoever_awaits_and_filters(
    async_client: AsyncTrunkline, client: Trunkline, brief: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def pause(*_: object) -> float:
        if not made:
            made.append(client.create_call(request(1)).call_id)
        return 0.01

    monkeypatch.setattr(Connections, "pause", pause)
    stream = async_client.stream_events(agent_id=AGENT_ID)
    assert (await anext(stream)).event.call_id == made[0]


async def test_it_can_be_awaited_and_filtered(async_client: AsyncTrunkline, brief: None) -> None:
    for number in range(2):
        await async_client.create_call(request(number))
    last = await async_client.create_call(request(2))
    place = (await async_client.list_events(take=1)).next
    stream = async_client.stream_events(after=place, call_id=last.call_id, agent_id=AGENT_ID)
    async for one in stream:
        assert one.event.call_id == last.call_id
        assert one.event.id.encode() in one.body
        break


def test_a_stream_that_may_not_be_read_says_so(address: str) -> None:
    with Trunkline(address, "tl_wrong") as stranger, pytest.raises(Unauthorized):
        next(stranger.stream_events())


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with Trunkline("http://127.0.0.1:1", "tl_x") as client, pytest.raises(Away):
        next(client.stream_events())


def test_half_a_message_is_forgotten_and_comments_are_passed_over() -> None:
    reader = Reader("0-1")
    assert reader.take(": still here") is None
    assert reader.take('data: {"half"') is None
    reader.begin_anew()
    assert reader.take("") is None
    assert reader.place == "0-1"


def test_a_message_without_data_says_the_place_and_half_of_one_does_not() -> None:
    reader = Reader()
    assert list(reader.read(b": connected\nid: 0-7\n\nid: 0-8\n")) == []
    reader.begin_anew()
    assert list(reader.read(b"\n")) == []
    assert reader.place == "0-7"


def test_a_message_without_an_end_is_not_gathered_for_ever() -> None:
    reader = Reader()
    for _ in range(10):
        assert list(reader.read(b"x" * 100_000)) == []
    with pytest.raises(Unreadable):
        list(reader.read(b"x" * 100_000))


def told(text: str) -> bytes:
    """A message of the stream, as it comes over the wire."""
    event = {
        "type": "call.created", "id": "evt_1", "sequence": 1, "time": "2026-11-23T15:00:00Z",
        "callId": "c-1", "agentId": "a-1", "campaignId": None, "status": "Created",
        "outcome": None, "attempt": None, "durationSeconds": None, "cost": None,
        "endpoint": "+12025550123", "additionalData": {"note": text}, "data": {},
    }  # fmt: skip
    return (
        f"event: call.created\ndata: {json.dumps(event, ensure_ascii=False)}\nid: 0-7\n\n".encode()
    )


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_message_may_come_in_pieces_and_hold_what_looks_like_the_end_of_a_line(
    size: int,
) -> None:
    text = "one\u2028two\x85three\u00e9"
    sent = b": connected\r\n\r\n" + told(text)
    reader = Reader()
    pieces = [sent[n : n + size] for n in range(0, len(sent), size)]
    [found] = [one for piece in pieces for one in reader.read(piece)]
    assert found.event.additional_data == {"note": text}
    assert (found.place, reader.place) == ("0-7", "0-7")


def test_what_is_no_event_is_told_without_what_it_holds() -> None:
    with pytest.raises(Unreadable) as caught:
        list(Reader().read(b'data: {"endpoint": "+12025550123"}\n\n'))
    assert "2025550123" not in f"{caught.value} {caught.value.__cause__}"


def test_what_is_no_text_is_told_without_what_it_holds() -> None:
    with pytest.raises(Unreadable) as caught:
        list(Reader().read(b"data: +12025550123 \xff\n"))
    assert "2025550123" not in f"{caught.value} {caught.value.__cause__}"


def test_a_connection_that_was_well_comes_back_and_one_that_is_refused_does_not() -> None:
    connections = Connections()
    connections.well()
    pauses = [connections.pause(httpx2.ReadError("broken")) for _ in range(8)]
    assert pauses == sorted(pauses)
    assert max(pauses) == 15.0
    with pytest.raises(Unauthorized):
        connections.pause(problem(401, {}))
