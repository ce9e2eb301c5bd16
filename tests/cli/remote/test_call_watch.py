"""What a person reads while a call goes on."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cli.live.call_watch import line
from cli.remote.words import when
from storage.events.event_log import EventType
from trunkline_client.models import EventPayload

UNTIL = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


def event(kind: str, **said: Any) -> EventPayload:
    body = {
        "type": kind, "id": "evt_1", "sequence": 1, "time": UNTIL, "callId": "c-1",
        "agentId": "a-1", "campaignId": None, "status": "Queued", "outcome": None,
        "attempt": None, "durationSeconds": None, "cost": None, "endpoint": None,
        "additionalData": None, "data": {}, **said,
    }  # fmt: skip
    return EventPayload.model_validate(body)


@pytest.mark.parametrize("kind", [one.value for one in EventType if one.value.startswith("call.")])
def test_every_event_of_a_call_has_a_line(kind: str) -> None:
    assert line(event(kind)).plain.split("  ", 1)[1]


def test_a_call_that_waits_says_until_when_and_why() -> None:
    data = {"waitingFor": "window", "until": UNTIL.isoformat(), "reason": "calling_hours"}
    said = line(event("call.queued", data=data)).plain
    assert said.endswith(f"waits: until {when(UNTIL)} (calling_hours)")
    slot = line(event("call.queued", data={"waitingFor": "slot", "reason": "agent_cap"})).plain
    assert slot.endswith("waits: for its turn (agent_cap)")


def test_a_leg_that_is_over_says_how_and_how_long() -> None:
    ended = event("call.attempt_ended", durationSeconds=35, data={"carrierStatus": "completed"})
    assert line(ended).plain.endswith("hung up: completed, 35 s")
    assert line(event("call.dialing", attempt=2)).plain.endswith("dialing: attempt 2")
