"""/api/v1/calls/{call_id}/recordings"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path
from fastapi.responses import StreamingResponse

from api.http.auth import KeyFirst, requires
from api.http.deps import Uses
from api.http.openapi import problem_responses
from api.recordings import service
from api.recordings.schemas import RecordingList, recording_view
from api.recordings.service import RecordingStream
from storage.tables import Account

router = APIRouter(
    prefix="/calls",
    tags=["calls"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("calls:read"))]
Range = Annotated[
    str | None,
    Header(description="One range of bytes; anything else is left out.", examples=["bytes=0-99"]),
]
_AUDIO: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole recording", "content": {"audio/x-wav": {}}},
    206: {"description": "The range that was asked for", "content": {"audio/x-wav": {}}},
}


@router.get("/{call_id}/recordings", responses=problem_responses(404))
async def list_recordings(call_id: str, account: Reader, uses: Uses) -> RecordingList:
    """Which attempts of a call were recorded, and where their sound is."""
    found = await service.of_call(uses, account.account_id, call_id)
    return RecordingList(recordings=[recording_view(attempt) for attempt in found])


@router.get(
    "/{call_id}/recordings/{attempt}",
    response_class=StreamingResponse,
    responses={**_AUDIO, **problem_responses(404, 410, 416, 422, 502)},
)
async def hear_recording(
    call_id: str,
    attempt: Annotated[int, Path(ge=1, le=10_000)],
    account: Reader,
    uses: Uses,
    range: Range = None,
) -> RecordingStream:
    """The sound of a recording, passed on from the carrier; 410 once it was removed."""
    return await service.sound(uses, account.account_id, call_id, attempt, range)
