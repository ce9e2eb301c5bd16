"""/api/v1/calls/sequences"""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.http.auth import KeyFirst, requires
from api.http.deps import Uses
from api.http.json_body import of_call_size
from api.http.openapi import problem_responses
from api.reminders import service
from api.reminders.schemas import SequencePatch, SequenceView
from storage.tables import Account

router = APIRouter(
    prefix="/calls/sequences",
    tags=["calls"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("calls:read"))]
Writer = Annotated[Account, Depends(requires("calls:write"))]


@router.get("/{sequence_id}", responses=problem_responses(404))
async def get_sequence(sequence_id: str, account: Reader, uses: Uses) -> SequenceView:
    """The reminders of an appointment, the first one first."""
    return await service.look(uses, account.account_id, sequence_id)


@router.patch(
    "/{sequence_id}",
    dependencies=[Depends(of_call_size)],
    responses=problem_responses(404, 409, 422),
)
async def change_sequence(
    sequence_id: str, body: SequencePatch, account: Writer, uses: Uses
) -> SequenceView:
    """Move the appointment, and with it every reminder that waits."""
    await service.change(uses, account.account_id, sequence_id, body)
    return await service.look(uses, account.account_id, sequence_id)


@router.delete("/{sequence_id}", responses=problem_responses(404, 409))
async def cancel_sequence(sequence_id: str, account: Writer, uses: Uses) -> SequenceView:
    """Cancel every reminder that waits. One that is in progress goes on to its end."""
    await service.cancel(uses, account.account_id, sequence_id)
    return await service.look(uses, account.account_id, sequence_id)
