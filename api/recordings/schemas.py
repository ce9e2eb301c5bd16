"""The recordings of a call."""

from datetime import datetime

from pydantic import ConfigDict

from api.calls.number_views import recording_path
from api.http.schema import JsonObject, View
from storage.tables import Attempt

_EXAMPLE: JsonObject = {
    "attempt": 1,
    "url": "/api/v1/calls/9c1f5a2e-53c4-4a0f-b1b5-8f6f2f0b7a10/recordings/1",
    "answeredAt": "2027-03-01T14:00:07Z",
    "endedAt": "2027-03-01T14:01:10Z",
    "durationSeconds": 63,
}


class RecordingView(View):
    """One attempt's recording. `url` is a path of this API; `durationSeconds` that of the talk."""

    attempt: int
    url: str
    answered_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None


class RecordingList(View):
    """In the order of the attempts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"recordings": [_EXAMPLE]}]})

    recordings: list[RecordingView]


def recording_view(attempt: Attempt) -> RecordingView:
    """The row as the API shows it; the carrier's own address is never told."""
    return RecordingView(
        attempt=attempt.number,
        url=recording_path(attempt) or "",
        answered_at=attempt.answered_at,
        ended_at=attempt.ended_at,
        duration_seconds=attempt.duration_seconds,
    )
