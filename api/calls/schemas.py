"""What a client may ask of a call."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from api.http.schema import (
    NOT_BLANK,
    Country,
    Day,
    Duration,
    EndpointText,
    Identifier,
    JsonObject,
    Moment,
    Request,
    Retry,
    TimeOfDay,
    Voicemail,
    WholeNumber,
    YesNo,
    Zone,
    written,
)
from api.promises.schemas import CallBackAt
from policy.model.call import NumberType
from policy.model.purposes import ConsentTier, Purpose

EXAMPLE: JsonObject = {
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "endpoint": "+1 (202) 555-0123",
    "priority": 7,
    "context": {"firstName": "Ada", "time": "Tuesday at ten"},
    "additionalData": {"crmId": "C-1017"},
    "timezone": "America/New_York",
    "schedule": {
        "notBefore": "2027-03-01T09:00:00",
        "window": {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"},
    },
    "callDeadline": "2027-03-05T17:00:00-05:00",
    "retry": {"maxAttempts": 3, "busy": "PT4H", "noAnswer": "PT24H", "networkError": "PT1H"},
    "voicemail": {"action": "leave_message", "message": "Please call us back."},
    "recipient": {"timezone": "America/Chicago", "country": "US", "postalCode": "60601"},
    "purpose": "reminder",
    "consent": {"tier": "express", "method": "web form", "grantedTime": "2027-02-01T10:00:00Z"},
}


Instant = Annotated[
    datetime,
    BeforeValidator(written),
    Field(
        description="RFC 3339. Without an offset it is a wall time in the request's `timezone`, "
        "else the agent's.",
        examples=["2027-03-05T17:00:00-05:00"],
    ),
]


class Window(Request):
    """When the recipient may be called, by the recipient's clock. May pass midnight."""

    days: list[Day] | None = Field(
        default=None, min_length=1, max_length=7, description="Default: every day."
    )
    start: TimeOfDay
    end: TimeOfDay


class Schedule(Request):
    not_before: Instant | None = None
    window: Window | None = None


class Recipient(Request):
    """What is known of where the recipient is."""

    timezone: Zone | None = None
    country: Country | None = None
    postal_code: Annotated[str, StringConstraints(max_length=20)] | None = None


class StatedConsent(Request):
    """That the recipient agreed to be called, as the caller states it for this call.

    Consent that was taken back later holds no more; without `grantedTime` any revocation is later.
    """

    tier: ConsentTier
    method: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NOT_BLANK)]
    evidence: Annotated[str, StringConstraints(max_length=2000)] | None = None
    granted_time: Moment | None = None


class OtherNumber(Request):
    """Another number of the same person, with what is of this number alone."""

    endpoint: EndpointText
    type: NumberType | None = None
    recipient: Recipient | None = None
    hours: Window | None = Field(
        default=None, description="Besides `schedule.window`: when this number may be called."
    )
    consent: StatedConsent | None = Field(
        default=None, description="That they may be called at this number."
    )


class OutboundOverride(Request):
    """Another spelling of `callerId` in use elsewhere; the display name is not sent."""

    phone_number: EndpointText | None = None
    display_name: Annotated[str, StringConstraints(max_length=100)] | None = None


class CallOptions(Request):
    """What may be said of a call besides whom it is for."""

    priority: WholeNumber = Field(default=5, ge=0, le=10)
    context: JsonObject = Field(
        default_factory=dict, description="Variables of the pathway; handed to the AI agent."
    )
    additional_data: JsonObject = Field(
        default_factory=dict, description="Yours: echoed in webhooks, at most 16 KiB."
    )
    pathway_id: Identifier | None = Field(default=None, description="Default: the agent's.")
    caller_id: EndpointText | None = Field(
        default=None, description="One of the agent's caller IDs. Default: one near the recipient."
    )
    override_outbound_config: OutboundOverride | None = None
    timezone: Zone | None = Field(
        default=None, description="Of wall times in this request. Default: the agent's."
    )
    schedule: Schedule | None = None
    call_deadline: Instant | None = None
    appointment_at: Moment | None = Field(
        default=None, description="What to remind of, with an offset; see `remind`."
    )
    remind: list[Duration] | None = Field(
        default=None,
        min_length=1,
        max_length=5,
        description="How long before `appointmentAt` to call: a call each, until one has reached "
        "the recipient. With these neither `schedule.notBefore` nor `callDeadline`.",
        examples=[["PT24H", "PT2H"]],
    )
    retry: Retry | None = None
    voicemail: Voicemail | None = None
    ring_timeout: WholeNumber | None = Field(default=None, ge=5, le=600, description="Seconds.")
    max_duration: WholeNumber | None = Field(default=None, ge=10, le=14400, description="Seconds.")
    recording: YesNo | None = None
    recipient: Recipient | None = None
    purpose: Purpose | None = Field(
        default=None, description="Default: the agent's. With none the rules of all purposes hold."
    )
    subject: (
        Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NOT_BLANK)] | None
    ) = Field(
        default=None, description="What it is about, such as a debt: caps may be counted by it."
    )
    consent: StatedConsent | None = None
    allow_duplicate: YesNo = Field(
        default=False,
        description="Accept a second call to this endpoint while one is open or just made.",
    )


#: A null is as if it were not said.
_NOT_SAID: JsonObject = {"type": "null"}
#: Reminders and the time of the appointment go together, and set the other times themselves.
_REMINDERS: JsonObject = {
    "if": {"required": ["remind"], "properties": {"remind": {"type": "array"}}},
    "then": {
        "required": ["appointmentAt"],
        "properties": {
            "appointmentAt": {"type": "string"},
            "callDeadline": _NOT_SAID,
            "schedule": {"properties": {"notBefore": _NOT_SAID}},
        },
    },
    "else": {"properties": {"appointmentAt": _NOT_SAID}},
}


class CallRequest(CallOptions):
    """One call to make."""

    model_config = ConfigDict(json_schema_extra={**_REMINDERS, "examples": [EXAMPLE]})

    agent_id: Identifier
    endpoint: EndpointText
    default_country: Country | None = Field(
        default=None, description="Where a number without + is written, as `US`."
    )
    endpoint_type: NumberType | None = None
    endpoint_hours: Window | None = Field(
        default=None, description="Besides `schedule.window`: when `endpoint` may be called."
    )
    other_numbers: list[OtherNumber] | None = Field(
        default=None,
        min_length=1,
        max_length=9,
        description="The person's other numbers, in the order in which they are tried after "
        "`endpoint`: one call, one budget of attempts, never two at once. `recipient` and "
        "`consent` of the call are of `endpoint` alone.",
    )


class RescheduleRequest(Request):
    """A new earliest time."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"notBefore": "2027-03-02T09:00:00-05:00"}]}
    )

    not_before: Instant


class CallPatch(Request):
    """What changes of a call that waits; what is not named stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"priority": 9}]})

    priority: WholeNumber = Field(default=5, ge=0, le=10)
    call_deadline: Instant | None = Field(default=None, description="Null: none.")
    context: JsonObject = Field(default_factory=dict, description="In place of the whole context.")
    pathway_id: Identifier = ""


class Utterance(Request):
    speaker: Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=NOT_BLANK)]
    text: Annotated[str, StringConstraints(max_length=10000)]


class OutcomeRequest(Request):
    """What the conversation came to, as the AI agent reports it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "outcome": "confirmed",
                    "summary": "Ada confirmed Tuesday at ten.",
                    "transcript": [{"speaker": "agent", "text": "Does Tuesday suit you?"}],
                    "result": {"slot": "2027-03-02T10:00:00-05:00"},
                }
            ]
        }
    )

    outcome: Literal["completed", "confirmed", "declined", "opted_out"]
    summary: Annotated[str, StringConstraints(max_length=10000)] | None = None
    transcript: list[Utterance] | None = Field(default=None, max_length=5000)
    result: JsonObject | None = None
    call_back_at: CallBackAt | None = Field(
        default=None, description="The callee asked to be called then; with `completed` only."
    )

    @model_validator(mode="after")
    def _calls_back_whom_it_may(self) -> Self:
        """Whoever has confirmed, declined or opted out is not called again about it."""
        if self.call_back_at is not None and self.outcome != "completed":
            raise ValueError("callBackAt goes with the outcome completed only")
        return self
