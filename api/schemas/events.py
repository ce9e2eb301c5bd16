"""Events as webhooks, the list and the stream tell them."""

from datetime import datetime

from pydantic import Field

from api.schemas.common import JsonObject, View


class EventPayload(View):
    """One event. Its `id` is the same however and how often it is told.

    `sequence` counts what happened to the same call, or the same campaign, without gaps. `status`
    and `outcome` are as they were at `time`; `cost` is in micro-units of the account's currency.
    """

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

    events: list[EventPayload]
    next: str = Field(examples=["0-1017"])
    has_more: bool
