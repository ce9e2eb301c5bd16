"""Events as webhooks, the list and the stream tell them."""

from datetime import datetime

from pydantic import ConfigDict, Field

from api.http.schema import JsonObject, View

EVENT_EXAMPLE: JsonObject = {
    "type": "call.completed",
    "id": "evt_1017",
    "sequence": 5,
    "time": "2026-07-01T14:03:00Z",
    "callId": "0b0d6f6c-6f44-4a6e-8f5e-1f2f7f6c9b10",
    "agentId": "5b1a3c52-3c1e-4a53-9a0e-5a2f4f6f9a22",
    "campaignId": None,
    "status": "completed",
    "outcome": "confirmed",
    "attempt": 1,
    "durationSeconds": 42,
    "cost": 13000,
    "endpoint": "+12025550123",
    "additionalData": {"orderId": "A-1"},
    "data": {},
}


class EventPayload(View):
    """One event. Its `id` is the same however and how often it is told.

    `sequence` counts what happened to the same call, or the same campaign, without gaps. `status`
    and `outcome` are as they were at `time`; `cost` is in micro-units of the account's currency.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EVENT_EXAMPLE]})

    type: str = Field(examples=["call.completed"])
    id: str = Field(examples=["evt_1017"])
    sequence: int
    time: datetime
    call_id: str | None
    agent_id: str | None
    campaign_id: str | None
    status: str | None
    outcome: str | None
    attempt: int | None
    duration_seconds: int | None
    cost: int | None
    endpoint: str | None
    additional_data: JsonObject | None
    data: JsonObject = Field(description="What only this type has.")


class EventList(View):
    """`next`: give it as `after` to read on; it stays the same while there is nothing new."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"events": [EVENT_EXAMPLE], "next": "0-1017", "hasMore": False}]
        }
    )

    events: list[EventPayload]
    next: str = Field(examples=["0-1017"])
    has_more: bool
