"""What is said and answered of `events`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any

from trunkline_client.models.base import Answer


class EventPayload(Answer):
    """One event. Its `id` is the same however and how often it is told."""

    type: str
    id: str
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
    additional_data: dict[str, Any] | None
    data: dict[str, Any]


class EventList(Answer):
    """`next`: give it as `after` to read on; it stays the same while there is nothing new."""

    events: list[EventPayload]
    next: str
    has_more: bool
