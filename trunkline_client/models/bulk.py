"""What is said and answered of `bulk`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Literal

from trunkline_client.models.base import Answer
from trunkline_client.models.shared import CallStatus, WaitingFor

RowCode = Literal[
    "invalid_number",
    "duplicate",
    "duplicate_in_request",
    "agent_disabled",
    "agent_not_found",
    "suppressed",
    "no_consent",
    "consent_too_old",
    "caller_id_range",
    "not_acknowledged",
    "deadline_unreachable",
    "concurrency_limit",
    "insufficient_balance",
    "invalid_field",
]


class BulkCallView(Answer):
    """The call in brief; `GET /api/v1/calls/{call_id}` has the whole of it."""

    call_id: str
    endpoint: str
    sequence_id: str | None
    status: CallStatus | str
    waiting_for: WaitingFor | str | None
    next_attempt_at: datetime | None
    created_time: datetime
    extension: str | None = None


class BulkRowError(Answer):
    code: RowCode | str
    field: str
    message: str
    reason: str


class RowResult(Answer):
    """`call` if the row was accepted, else `error`."""

    index: int
    client_token: str | None
    status: str
    call: BulkCallView | None = None
    error: BulkRowError | None = None


class BulkResult(Answer):
    """One result a row, in the order of the rows."""

    results: list[RowResult]
    accepted: int
    rejected: int
