"""The carrier's addresses are open to anybody: forged, repeated and strange requests."""

import os
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from storage.tables import Attempt, Event, Inbound, Suppression
from tests.api.callbacks import hostile
from tests.api.callbacks import test_text_updates as of_texts
from tests.api.callbacks.hostile import ROUTES, Headers, Pairs
from tests.api.world import CALLER_ID, ENDPOINT, SID, World

Known = tuple[list[dict[str, Any]], int]
#: In the suite; docs/hostile-input.md tells how to try more.
FEW = 25
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", FEW))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == FEW,
    database=None,
    # The examples share a database on purpose: what one left behind is another one's world.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def without_sids(said: Pairs) -> Pairs:
    return [pair for pair in said if pair[0] not in {"CallSid", "MessageSid"}]


@pytest.fixture(params=ROUTES)
async def path(world: World, request: pytest.FixtureRequest) -> str:
    """An address of the carrier's; where it is an attempt's, of one whose leg rings."""
    route: str = request.param
    if route == hostile.OF_TEXTS:
        return route.format(token=await of_texts.sent(world))
    return route.format(token=(await live(world)).token)


async def live(world: World) -> Attempt:
    attempt = await world.dial(await world.call())
    assert await world.status(attempt.token, "ringing") == 204
    return attempt


@many
@given(query=hostile.queries, headers=hostile.forged_headers, body=hostile.bodies)
async def test_what_the_carrier_did_not_sign_changes_nothing(
    world: World, application: FastAPI, path: str, query: bytes, headers: Headers, body: bytes
) -> None:
    with hostile.unchanged(world):
        answer = await hostile.ask(application, path, query, headers, body)
    # 422: a NUL in the address, which nobody looks any further at.
    assert answer.status in {400, 403, 413, 422}, answer
    assert dict(answer.headers)[b"content-type"] == b"application/problem+json"


async def test_a_signature_is_of_one_address_and_one_form(
    world: World, application: FastAPI, path: str
) -> None:
    form = [("CallSid", SID), ("To", CALLER_ID), ("From", ENDPOINT), ("CallStatus", "completed")]
    headers, body = hostile.signed(path, b"", form), urlencode(form).encode()
    addresses = [route.format(token="another") for route in ROUTES]
    others = [
        (path, b"held=1", body),
        (path, b"", body + b"&CallStatus=busy"),
        (path, b"", body + b"&x=1"),
        (path, b"", body.replace(b"completed", b"busy")),
        (path, b"", b""),
        *((address, b"", body) for address in addresses if address != path),
    ]
    for address, query, sent in others:
        with hostile.unchanged(world):
            answer = await hostile.ask(application, address, query, headers, sent)
        assert answer.status == 403, (address, query, sent, answer)


@many
@given(said=hostile.pairs, query=st.sampled_from([b"", b"node=ask", b"node=no&turns=1", b"held=2"]))
async def test_a_strange_form_of_the_carriers_own_never_breaks_anything(
    world: World, application: FastAPI, path: str, said: Pairs, query: bytes
) -> None:
    headers = hostile.signed(path, query, said)
    with structlog.testing.capture_logs() as logged:
        answer = await hostile.ask(application, path, query, headers, urlencode(said).encode())
    assert answer.status in {200, 204, 400, 404, 413}, (answer, said)
    assert [one for one in logged if one["event"] == "unhandled_error"] == []


@many
@given(said=hostile.pairs.map(without_sids))
async def test_what_names_no_leg_changes_nothing_though_it_is_signed(
    world: World, application: FastAPI, path: str, said: Pairs
) -> None:
    headers = hostile.signed(path, b"", said)
    with hostile.unchanged(world):
        answer = await hostile.ask(application, path, b"", headers, urlencode(said).encode())
    assert answer.status == 400, (answer, said)


CALLBACKS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("status", "", {"CallStatus": "ringing", "SequenceNumber": "1"}),
    ("voice", "", {"CallStatus": "in-progress"}),
    ("amd", "", {"AnsweredBy": "human"}),
    ("gather", "node=ask", {"Digits": "1"}),
    ("recording", "", {"RecordingSid": "RE" + "1" * 32, "RecordingStatus": "completed"}),
    ("status", "", {"CallStatus": "completed", "SequenceNumber": "3", "CallDuration": "9"}),
)


@pytest.fixture
async def served(world: World) -> tuple[str, Known]:
    """The token of an attempt of which the carrier has told all, and what is known after it."""
    attempt = await world.dial(await world.call())
    for kind, query, form in CALLBACKS:
        answer = await world.callback(kind, attempt.token, query, **form)
        assert answer.status_code in {200, 204}, answer.text
    return attempt.token, await known(world)


@many
@given(again=st.lists(st.sampled_from(CALLBACKS), min_size=1, max_size=6))
async def test_genuine_requests_sent_again_in_any_order_change_nothing(
    world: World, served: tuple[str, Known], again: list[tuple[str, str, dict[str, str]]]
) -> None:
    token, before = served
    for kind, query, form in again:
        answer = await world.callback(kind, token, query, **form)
        assert answer.status_code in {200, 204}, answer.text
    assert await known(world) == before


async def test_a_text_that_comes_again_is_kept_once(world: World) -> None:
    await world.agent()
    form = {"MessageSid": "SM" + "3" * 32, "From": ENDPOINT, "To": CALLER_ID, "Body": "STOP"}
    headers = {
        name.decode(): value.decode()
        for name, value in hostile.signed("/twilio/inbound/sms", b"", form.items())
    }
    for _ in range(3):
        answer = await world.raw_callback("/twilio/inbound/sms", form, headers)
        assert answer.status_code == 200
    async with world.db.read() as session:
        assert len((await session.exec(select(Inbound))).all()) == 1
        assert len((await session.exec(select(Suppression))).all()) == 1


async def known(world: World) -> Known:
    """Every attempt as it is on file, and the number of events."""
    async with world.db.read() as session:
        attempts = [row.model_dump() for row in (await session.exec(select(Attempt))).all()]
        events = len((await session.exec(select(Event))).all())
    return attempts, events
