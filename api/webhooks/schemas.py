"""Webhooks and their deliveries as they are sent and shown."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from api.events.schemas import EVENT_EXAMPLE
from api.http.schema import Duration, Identifier, JsonObject, Moment, Request, View, YesNo
from policy.webhooks.retry_schedule import DeliveryState
from storage.events.event_log import EventType

#: Of a webhook's own life only the end is an event that others can be told of.
Told = Annotated[EventType, Field(examples=["call.completed"])]
Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000),
    Field(
        description="https, and reachable from the public Internet.",
        examples=["https://example.com/hooks/trunkline"],
        json_schema_extra={"format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\\s]"},
    ),
]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{0,1000}$")]
Headers = Annotated[
    dict[HeaderName, HeaderValue],
    Field(
        max_length=20,
        description="Sent with every request.",
        examples=[{"X-Team": "crm"}],
        json_schema_extra={"additionalProperties": False},
    ),
]
#: Read by `event_number`, whose word on it says more.
EventId = Annotated[
    str, Field(examples=["evt_1017"], json_schema_extra={"pattern": "^evt_[0-9]{1,19}$"})
]
Description = Annotated[str, StringConstraints(max_length=500)]

_ASKED: JsonObject = {
    "url": "https://example.com/hooks/trunkline",
    "description": "to the CRM",
    "events": ["call.completed", "call.failed"],
}
_WEBHOOK: JsonObject = {
    "webhookId": "6f1b7a52-3c1e-4a53-9a0e-5a2f4f6f9a11",
    **_ASKED,
    "agentId": None,
    "campaignId": None,
    "headers": {},
    "maskNumbers": False,
    "isEnabled": True,
    "disabledReason": None,
    "failingSince": None,
    "previousSecretUntil": None,
    "createdTime": "2026-07-01T14:00:00Z",
    "updatedTime": "2026-07-01T14:00:00Z",
}
_DELIVERY: JsonObject = {
    "deliveryId": 1,
    "eventId": "evt_1017",
    "type": "call.completed",
    "callId": "0b0d6f6c-6f44-4a6e-8f5e-1f2f7f6c9b10",
    "campaignId": None,
    "sequence": 5,
    "state": "delivered",
    "nextAt": None,
    "tries": [{"at": "2026-07-01T14:03:00Z", "ms": 48, "status": 204, "error": None}],
    "createdTime": "2026-07-01T14:03:00Z",
    "doneTime": "2026-07-01T14:03:00Z",
}
_REQUEST: JsonObject = {
    "method": "POST",
    "url": _ASKED["url"],
    "headers": {"webhook-id": "evt_1017"},
    "body": EVENT_EXAMPLE,
}


class WebhookFields(Request):
    """What both making and changing a webhook may say."""

    description: Description = ""
    events: list[Told] = Field(
        default_factory=list, max_length=50, description="Types of events. Empty: all of them."
    )
    agent_id: Identifier | None = Field(default=None, description="Only events of this agent.")
    campaign_id: Identifier | None = Field(
        default=None, description="Only events of this campaign."
    )
    headers: Headers = Field(default_factory=dict)
    mask_numbers: YesNo = Field(
        default=False, description="Of phone numbers only the beginning and the end are sent."
    )


class WebhookRequest(WebhookFields):
    """Whom to tell of which events."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ASKED]})

    url: Url


class WebhookPatch(WebhookFields):
    """The fields that are named change. `isEnabled: true` ends a disablement."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"isEnabled": True}]})

    url: Url = ""
    is_enabled: YesNo = True


class RotateRequest(Request):
    """What a new secret is made with."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap": "PT24H"}]})

    overlap: Duration = Field(
        default="PT24H", description="How long requests are signed with the old secret as well."
    )


class ReplayRequest(Request):
    """Which events to send once more, sent before or not; what is left out is no bound."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sinceEvent": "evt_1017"}]})

    since_event: EventId | None = Field(
        default=None, description="From this event on, itself included."
    )
    until_event: EventId | None = Field(
        default=None, description="Up to this event, itself included."
    )
    since: Moment | None = None
    until: Moment | None = None
    state: Literal["failed"] | None = Field(
        default=None, description="Only those whose delivery was given up."
    )


class WebhookView(View):
    """A webhook. `failingSince`: no request has been answered well since then."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WEBHOOK]})

    webhook_id: str
    url: str
    description: str
    events: list[str]
    agent_id: str | None
    campaign_id: str | None
    headers: JsonObject
    mask_numbers: bool
    is_enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    previous_secret_until: datetime | None = Field(
        description="Until when requests are signed with the secret before as well."
    )
    created_time: datetime
    updated_time: datetime


class WebhookDetail(WebhookView):
    """With how many deliveries of its ledger are in each state, and since when the oldest waits."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{**_WEBHOOK, "deliveries": {"delivered": 12}, "waitingSince": None}]
        }
    )

    deliveries: dict[DeliveryState, int]
    waiting_since: datetime | None = Field(
        description="When the oldest event happened that is still to be sent."
    )


class WebhookSecret(WebhookView):
    """`secret` verifies signatures, and is shown this once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_WEBHOOK, "secret": "whsec_..."}]})

    secret: str = Field(examples=["whsec_..."])


class WebhookList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"webhooks": [_WEBHOOK], "total": 1}]}
    )

    webhooks: list[WebhookView]
    total: int


class Try(View):
    """One request: how long it took, and the answer's status or what went wrong."""

    at: datetime
    ms: int
    status: int | None = None
    error: str | None = None


class DeliveryView(View):
    """One event for one webhook. `nextAt`: when it is tried again, while it is pending."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY]})

    delivery_id: int
    event_id: str
    type: str
    call_id: str | None
    campaign_id: str | None
    sequence: int
    state: DeliveryState
    next_at: datetime | None
    tries: list[Try]
    created_time: datetime
    done_time: datetime | None


class SentRequest(View):
    """What was, or will be, sent; signatures are made at the moment of sending."""

    method: Literal["POST"] = "POST"
    url: str
    headers: JsonObject
    body: JsonObject


class DeliveryDetail(DeliveryView):
    """`answer`: the beginning of the last answer's body."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_DELIVERY, "request": _REQUEST, "answer": ""}]}
    )

    request: SentRequest
    answer: str | None


class DeliveryList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"deliveries": [_DELIVERY], "total": 1}]}
    )

    deliveries: list[DeliveryView]
    total: int


class Replayed(View):
    model_config = ConfigDict(json_schema_extra={"examples": [{"deliveries": 12}]})

    deliveries: int = Field(description="How many will be sent.")
