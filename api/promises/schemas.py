"""What may be said of a promise to call back, and how one is shown."""

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from api.http.schema import JsonObject, Request, View, written
from policy.promises import PromiseSource, PromiseState
from storage.calls.promises import Figures
from storage.tables import Promise

CallBackAt = Annotated[
    datetime,
    BeforeValidator(written),
    Field(
        description="RFC 3339. Without an offset it is a time on the callee's own clock; the "
        "answer's `assumedTimezone` says which was taken.",
        examples=["2027-03-02T16:00:00"],
    ),
]


_EXAMPLE: JsonObject = {
    "promiseId": "5b0c1f9e-8d11-4c0e-9a53-0f6f0c2a7e10",
    "callId": "9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10",
    "madeInCallId": None,
    "promisedAt": "2027-03-02T22:00:00Z",
    "assumedTimezone": "America/Chicago",
    "dueAt": "2027-03-02T22:00:00Z",
    "reason": None,
    "source": "api",
    "state": "open",
    "createdTime": "2027-02-27T20:11:09Z",
    "dialedAt": None,
    "settledTime": None,
}


class PromiseRequest(Request):
    """When somebody wants to be called."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"at": "2027-03-02T16:00:00"}]})

    at: CallBackAt


class PromiseView(View):
    """A promise to call back.

    `dueAt` is when the call comes back: later than `promisedAt` where `reason` says why, such as
    `calling_hours`. `madeInCallId`: the promise was made in that call, which has ended; `callId`
    is the one that keeps it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    promise_id: str
    call_id: str
    made_in_call_id: str | None
    promised_at: datetime
    assumed_timezone: str | None
    due_at: datetime
    reason: str | None
    source: PromiseSource
    state: PromiseState
    created_time: datetime
    dialed_at: datetime | None
    settled_time: datetime | None


class PromiseList(View):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"promises": [_EXAMPLE], "nextCursor": None}]}
    )

    promises: list[PromiseView]
    next_cursor: str | None


class PromiseFigures(View):
    """How many promises were settled since then, and how.

    `keptShare`: of those kept or missed, 0 to 1; null: none was either. `open`: there are now.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "since": "2027-02-01T00:00:00Z",
                    "kept": 97,
                    "missed": 3,
                    "withdrawn": 5,
                    "keptShare": 0.97,
                    "open": 12,
                }
            ]
        }
    )

    since: datetime
    kept: int
    missed: int
    withdrawn: int
    kept_share: float | None
    open: int


def promise_view(row: Promise) -> PromiseView:
    """The row as the API shows it."""
    return PromiseView(
        promise_id=row.promise_id,
        call_id=row.call_id,
        made_in_call_id=row.made_in_call_id,
        promised_at=row.promised_at,
        assumed_timezone=row.assumed_zone,
        due_at=row.due_at,
        reason=row.reason,
        source=row.source,
        state=row.state,
        created_time=row.created_time,
        dialed_at=row.dialed_at,
        settled_time=row.settled_at,
    )


def figures_view(found: Figures, since: datetime) -> PromiseFigures:
    """The figures as the API shows them."""
    return PromiseFigures(
        since=since,
        kept=found.kept,
        missed=found.missed,
        withdrawn=found.withdrawn,
        kept_share=found.kept_share,
        open=found.open,
    )
