"""A receiver takes what Trunkline has signed, and nothing else."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from api.events.schemas import EventPayload as Told
from trunkline_client import NotGenuine, Unreadable, event_of, signed_headers
from webhooks import signature

SECRET = signature.new_secret()
BODY = json.dumps(
    {
        "type": "call.completed", "id": "evt_11", "sequence": 10, "time": "2026-11-25T18:15:33Z",
        "callId": "c-1", "agentId": "a-1", "campaignId": None, "status": "Completed",
        "outcome": "confirmed", "attempt": None, "durationSeconds": 25, "cost": 21500,
        "endpoint": "+12025550161", "additionalData": {}, "data": {"reason": "concluded"},
    }
).encode()  # fmt: skip


def headers(at: datetime) -> dict[str, str]:
    return signature.signed_headers([SECRET], "evt_11", at, BODY.decode())


def test_what_trunkline_has_signed_is_taken_and_typed() -> None:
    event = event_of(SECRET, headers(datetime.now(UTC)), BODY)
    assert (event.type, event.outcome, event.call_id) == ("call.completed", "confirmed", "c-1")
    assert event.data == {"reason": "concluded"}
    assert Told.model_validate_json(BODY)


def test_what_somebody_else_has_signed_is_not() -> None:
    with pytest.raises(NotGenuine):
        event_of(signature.new_secret(), headers(datetime.now(UTC)), BODY)


def test_neither_is_what_was_changed_or_is_old_or_not_signed_at_all() -> None:
    now = datetime.now(UTC)
    for wrong, body in (
        (headers(now), BODY + b" "),
        (headers(now - timedelta(minutes=6)), BODY),
        ({}, BODY),
    ):
        with pytest.raises(NotGenuine):
            event_of(SECRET, wrong, body)


def test_what_is_forwarded_is_taken_as_well() -> None:
    said = signed_headers(SECRET, "evt_11", BODY)
    assert (
        event_of(SECRET, {name.title(): value for name, value in said.items()}, BODY).id == "evt_11"
    )


def test_what_is_signed_and_no_event_is_told_without_what_it_holds() -> None:
    body = b'{"endpoint": "+12025550123"}'
    with pytest.raises(Unreadable) as caught:
        event_of(SECRET, signed_headers(SECRET, "evt_12", body), body)
    assert "2025550123" not in f"{caught.value} {caught.value.__cause__}"
