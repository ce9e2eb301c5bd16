"""Many calls in one request: every row is accepted or refused by itself."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from api.calls.schemas import CallOptions, CallRequest
from api.http.schema import (
    NOT_BLANK,
    Country,
    Identifier,
    JsonObject,
    Request,
    View,
    YesNo,
)
from policy.model.call import CallStatus, WaitingFor

MAX_ROWS = 10_000

EXAMPLE: JsonObject = {
    "agentId": "0b6f3a44-6c0e-4b52-9a49-0d1f3b1f7a55",
    "defaults": {
        "priority": 6,
        "timezone": "America/New_York",
        "callDeadline": "2027-03-05T17:00:00-05:00",
        "context": {"clinic": "Blue Clinic"},
    },
    "calls": [
        {"clientToken": "C-1017", "endpoint": "+12025550123", "context": {"name": "Ada"}},
        {"clientToken": "C-1018", "endpoint": "+12025550124", "priority": 9},
    ],
}


class RowCode(StrEnum):
    """Why a row was refused. `reason` of the error says it more finely where that is possible.

    `concurrency_limit` is reserved: today a call that finds no slot waits for one.
    """

    INVALID_NUMBER = "invalid_number"
    DUPLICATE = "duplicate"
    DUPLICATE_IN_REQUEST = "duplicate_in_request"
    AGENT_DISABLED = "agent_disabled"
    AGENT_NOT_FOUND = "agent_not_found"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    CONSENT_TOO_OLD = "consent_too_old"
    CALLER_ID_RANGE = "caller_id_range"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    DEADLINE_UNREACHABLE = "deadline_unreachable"
    CONCURRENCY_LIMIT = "concurrency_limit"
    INSUFFICIENT_BALANCE = "insufficient_balance"
    INVALID_FIELD = "invalid_field"


class BulkCall(CallRequest):
    """One row: a call, with the defaults for all that it does not say."""

    client_token: (
        Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=NOT_BLANK)] | None
    ) = Field(
        default=None,
        description="Yours: echoed in the result and kept as `additionalData.clientToken`.",
    )


class BulkRequest(Request):
    """The envelope; its rows are looked at one by one."""

    agent_id: Identifier | None = Field(default=None, description="Of rows that name none.")
    default_country: Country | None = Field(
        default=None, description="Of rows that name none: where numbers without + are written."
    )
    defaults: CallOptions = Field(
        default_factory=CallOptions,
        description="What rows do not say. `context` and `additionalData` are merged key by key.",
    )
    allow_duplicate: YesNo = Field(default=False, description="For all rows at once.")
    calls: list[Any] = Field(min_length=1, max_length=MAX_ROWS)


class BulkCallView(View):
    """The call in brief; `GET /api/v1/calls/{call_id}` has the whole of it."""

    call_id: str
    endpoint: str
    extension: str | None = Field(
        default=None, max_length=11, description="Keys that are pressed once somebody answers."
    )
    sequence_id: str | None = Field(description="Of reminders; the call is the first one.")
    status: CallStatus
    waiting_for: WaitingFor | None
    next_attempt_at: datetime | None
    created_time: datetime


class BulkRowError(View):
    model_config = ConfigDict(title="RowError")

    code: RowCode
    field: str
    message: str
    reason: str = Field(description="The code `POST /api/v1/calls` gives for the same.")


class RowResult(View):
    """`call` if the row was accepted, else `error`."""

    index: int
    client_token: str | None
    status: Annotated[str, Field(pattern="^(accepted|rejected)$")]
    call: BulkCallView | None = None
    error: BulkRowError | None = None


class BulkResult(View):
    """One result a row, in the order of the rows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "results": [
                        {
                            "index": 0,
                            "clientToken": "C-1017",
                            "status": "accepted",
                            "call": {
                                "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
                                "endpoint": "+12025550123",
                                "extension": None,
                                "sequenceId": None,
                                "status": "Created",
                                "waitingFor": None,
                                "nextAttemptAt": None,
                                "createdTime": "2027-02-27T20:11:09Z",
                            },
                        },
                        {
                            "index": 1,
                            "clientToken": "C-1018",
                            "status": "rejected",
                            "error": {
                                "code": "duplicate",
                                "field": "endpoint",
                                "message": "A call of this agent to this endpoint is open.",
                                "reason": "duplicate",
                            },
                        },
                    ],
                    "accepted": 1,
                    "rejected": 1,
                }
            ]
        }
    )

    results: list[RowResult]
    accepted: int
    rejected: int


def body_schema() -> JsonObject:
    """The request body for OpenAPI. Its parts are those of `POST /api/v1/calls`."""
    envelope = _schema(BulkRequest)
    rows = {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": _row_schema()}
    envelope["properties"]["calls"] = rows
    envelope["properties"]["defaults"] = _schema(CallOptions)
    return {
        "oneOf": [envelope, {**rows, "title": "Rows alone", "items": _schema(BulkCall)}],
        "examples": [EXAMPLE],
    }


def _row_schema() -> JsonObject:
    """In an envelope that names an agent a row need not."""
    return {**_schema(BulkCall), "required": ["endpoint"]}


#: Examples stand with the whole; what goes together may be said half by a row, half by `defaults`.
_OF_ONE_CALL = frozenset({"$defs", "examples", "if", "then", "else"})


def _schema(model: type[Request]) -> JsonObject:
    found = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: value for name, value in found.items() if name not in _OF_ONE_CALL}
