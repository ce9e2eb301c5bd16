"""What is said and answered of `webhooks`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import EventType

DeliveryState = Literal["pending", "delivered", "failed"]


class SentRequest(Answer):
    """What was, or will be, sent; signatures are made at the moment of sending."""

    url: str
    headers: dict[str, Any]
    body: dict[str, Any]
    method: str | None = None


class Try(Answer):
    """One request: how long it took, and the answer's status or what went wrong."""

    at: datetime
    ms: int
    status: int | None = None
    error: str | None = None


class DeliveryDetail(Answer):
    """`answer`: the beginning of the last answer's body."""

    delivery_id: int
    event_id: str
    type: str
    call_id: str | None
    campaign_id: str | None
    sequence: int
    state: DeliveryState | str
    next_at: datetime | None
    tries: list[Try]
    created_time: datetime
    done_time: datetime | None
    request: SentRequest
    answer: str | None


class DeliveryView(Answer):
    """One event for one webhook. `nextAt`: when it is tried again, while it is pending."""

    delivery_id: int
    event_id: str
    type: str
    call_id: str | None
    campaign_id: str | None
    sequence: int
    state: DeliveryState | str
    next_at: datetime | None
    tries: list[Try]
    created_time: datetime
    done_time: datetime | None


class DeliveryList(Answer):
    deliveries: list[DeliveryView]
    total: int


class ReplayRequest(Said):
    """Which events to send once more, sent before or not; what is left out is no bound."""

    since_event: str | None = None
    until_event: str | None = None
    since: datetime | str | None = None
    until: datetime | str | None = None
    state: str | None = None


class Replayed(Answer):
    deliveries: int


class RotateRequest(Said):
    """What a new secret is made with."""

    overlap: timedelta | str = "PT24H"


class WebhookDetail(Answer):
    """With how many deliveries of its ledger are in each state, and since when the oldest
    waits.
    """

    webhook_id: str
    url: str
    description: str
    events: list[str]
    agent_id: str | None
    campaign_id: str | None
    headers: dict[str, Any]
    mask_numbers: bool
    is_enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_time: datetime
    updated_time: datetime
    deliveries: dict[str, int]
    waiting_since: datetime | None


class WebhookView(Answer):
    """A webhook. `failingSince`: no request has been answered well since then."""

    webhook_id: str
    url: str
    description: str
    events: list[str]
    agent_id: str | None
    campaign_id: str | None
    headers: dict[str, Any]
    mask_numbers: bool
    is_enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_time: datetime
    updated_time: datetime


class WebhookList(Answer):
    webhooks: list[WebhookView]
    total: int


class WebhookPatch(Said):
    """The fields that are named change. `isEnabled: true` ends a disablement."""

    description: str = ""
    events: list[EventType] = Field(default_factory=list)
    agent_id: str | None = None
    campaign_id: str | None = None
    headers: dict[str, Any] = Field(default_factory=dict)
    mask_numbers: bool = False
    url: str = ""
    is_enabled: bool = True


class WebhookRequest(Said):
    """Whom to tell of which events."""

    url: str
    description: str = ""
    events: list[EventType] = Field(default_factory=list)
    agent_id: str | None = None
    campaign_id: str | None = None
    headers: dict[str, Any] = Field(default_factory=dict)
    mask_numbers: bool = False


class WebhookSecret(Answer):
    """`secret` verifies signatures, and is shown this once."""

    webhook_id: str
    url: str
    description: str
    events: list[str]
    agent_id: str | None
    campaign_id: str | None
    headers: dict[str, Any]
    mask_numbers: bool
    is_enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None
    created_time: datetime
    updated_time: datetime
    secret: str
