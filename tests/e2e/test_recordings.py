"""A recorded call on the running stack: heard through us, and deleted at the carrier in the end."""

import io
import wave
from typing import Any

import pytest

from tests.e2e.stack import Stack
from tests.wait import wait_until

pytestmark = pytest.mark.e2e

TALKS = {"answer": {"after": 0.5, "by": "human", "digits": "1", "talk": 4}}
NUMBER = "+12125550145"


def recordings(stack: Stack, call_id: str) -> list[dict[str, Any]]:
    answer = stack.api.get(f"/api/v1/calls/{call_id}/recordings")
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["recordings"]
    return found


def at_the_carrier(stack: Stack) -> list[Any]:
    [leg] = stack.legs(NUMBER)
    found: list[Any] = leg["recordings"]
    return found


def test_a_recording_is_heard_and_then_forgotten_everywhere(stack: Stack) -> None:
    stack.script(NUMBER, TALKS)
    call_id = stack.submit(stack.agent(), NUMBER, recording=True)
    stack.wait_for_end(call_id)
    [found] = wait_until(lambda: recordings(stack, call_id), "the recording is told of")
    heard = stack.api.get(found["url"])
    assert heard.status_code == 200
    with wave.open(io.BytesIO(heard.content)) as file:
        assert file.getnframes() > 0
    part = stack.api.get(found["url"], headers={"Range": "bytes=0-43"})
    assert (part.status_code, part.content) == (206, heard.content[:44])
    assert len(at_the_carrier(stack)) == 1
    stack.post("/api/v1/privacy/erase", {"endpoint": NUMBER}, 200)
    assert stack.api.get(found["url"]).status_code == 410
    wait_until(lambda: not at_the_carrier(stack), "the carrier has deleted it")
