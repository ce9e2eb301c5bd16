"""What may be changed of a call that waits. The queue follows at once: order is by its columns."""

from dataclasses import replace
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.commands import found, require_waiting
from api.calls.schemas import CallPatch
from api.calls.submission import require_pathway
from api.http.deps import Services
from api.http.problems import refused
from api.http.values import instant
from api.replan.replan import replan_calls
from policy.calls.acceptance import examine
from storage.calls import calls
from storage.tables import Call


async def change(uses: Services, account_id: str, call_id: str, body: CallPatch) -> Call:
    """The call as it is after the change; raises Problems of 404, 409 and 422."""
    async with uses.db.write() as session:
        await found(session, account_id, call_id)
        call = await calls.lock(session, call_id)
        assert call is not None
        require_waiting(call)
        values = await _values(session, uses, call, body)
        await calls.change(session, call, values, uses.now())
        await _examine(session, uses, call, values)
    await replan_calls(uses, [call_id])
    return call


async def _values(
    session: AsyncSession, uses: Services, call: Call, body: CallPatch
) -> dict[str, Any]:
    said = {name: getattr(body, name) for name in body.model_fields_set}
    if "pathway_id" in said:
        await require_pathway(session, call.account_id, said["pathway_id"])
    if said.get("call_deadline") is not None:
        said["call_deadline"] = instant(
            said["call_deadline"], call.timezone, "earlier", "callDeadline", uses.now()
        )
    return said


async def _examine(
    session: AsyncSession, uses: Services, call: Call, values: dict[str, Any]
) -> None:
    """A new deadline or pathway has to do as that of a new call; raising undoes the change."""
    if not values.keys() & {"call_deadline", "pathway_id"}:
        return
    now = uses.now()
    known = await uses.gatherer.gather(session, call, now)
    refusal = examine(replace(known, not_before=call.not_before), now)
    if refusal is not None:
        raise refused([refusal])
