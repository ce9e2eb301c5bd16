"""Callbacks about legs go past FastAPI; what the carrier would not send is answered the same."""

from typing import Any

import pytest
from fastapi import FastAPI

from api.app import Application
from tests.api.world import PUBLIC_URL, SID, World, sign

FORM = {"CallSid": SID, "CallStatus": "in-progress"}


@pytest.fixture
def long_way(application: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the requests that FastAPI got."""
    assert isinstance(application, Application)
    direct, seen = application._direct, []
    others = direct._others

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])
        await others(scope, receive, send)

    monkeypatch.setattr(direct, "_others", noted)
    return seen


async def test_a_legs_callbacks_do_not_come_to_fastapi(world: World, long_way: list[str]) -> None:
    attempt = await world.dial(await world.call())
    long_way.clear()
    assert await world.status(attempt.token, "ringing") == 204
    assert "<Response>" in await world.voice(attempt.token, "held=3")
    answer = await world.callback("gather", attempt.token, "node=ask", Digits="1")
    assert answer.status_code == 200
    answer = await world.callback("gather", f"{attempt.token}/1", "node=ask&turns=1", Digits="1")
    assert answer.status_code == 200
    assert await world.amd(attempt.token, "human") == 204
    assert long_way == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/twilio/voice/x?held=many", 422, "wrong_type"),
        ("/twilio/gather/x?turns=-1", 422, "out_of_range"),
        ("/twilio/gather/x/9999999", 422, "out_of_range"),
        ("/twilio/voice/x.y", 200, None),
        ("/twilio/status/x.y", 404, "not_found"),
        ("/twilio/nothing/x", 404, "not_found"),
    ],
)
async def test_what_the_carrier_does_not_send_goes_the_long_way(
    world: World, long_way: list[str], path: str, status: int, code: str | None
) -> None:
    headers = {"X-Twilio-Signature": sign(PUBLIC_URL + path, FORM)}
    answer = await world.raw_callback(path, FORM, headers)
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
    assert long_way == [path.partition("?")[0]]


@pytest.mark.parametrize("token", ["x", "x.y"])
@pytest.mark.parametrize("kind", ["voice", "gather", "status", "amd", "recording"])
async def test_both_ways_say_no_alike(
    world: World, long_way: list[str], kind: str, token: str
) -> None:
    path = f"/twilio/{kind}/{token}"
    forged = await world.raw_callback(path, FORM, {"X-Twilio-Signature": "no"})
    assert (forged.status_code, forged.json()["code"]) == (403, "bad_signature")
    assert forged.headers["content-type"] == "application/problem+json"
    assert forged.json()["instance"] == path
    empty = await world.raw_callback(path, {}, {"X-Twilio-Signature": sign(PUBLIC_URL + path, {})})
    assert (empty.status_code, empty.json()["code"]) == (400, "bad_callback")
    others = await world.http.get(path)
    assert (others.status_code, others.headers["Allow"]) == (405, "POST")
    assert (len(long_way) == 3) is (token == "x.y")
