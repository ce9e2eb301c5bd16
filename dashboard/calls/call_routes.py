"""/dashboard/calls/{call_id}: where a call stands, its story, and what can be done to it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Header, Path, Request, Response

from api.audit.service import audit
from api.calls import commands
from api.calls import routes as rest
from api.calls.commands import CancelResult
from api.calls.routes import Reader, Writer
from api.calls.views import CallDetail
from api.clearances.service import of_call as clearances_of
from api.compliance.suppression_routes import Writer as Suppresser
from api.http.auth import allows
from api.http.deps import Services, Uses
from api.promises.service import LATE
from api.recordings import service as recordings
from api.webhooks.routes import DeliveryId, replay_delivery
from api.webhooks.routes import Writer as Teller
from dashboard.agent_names import agent_names
from dashboard.compliance.do_not_call import stop_calling
from dashboard.page import back, page
from dashboard.session.session import SignedIn, Who
from policy.accounts.pricing import rates_of
from policy.model.call import CANCELABLE_STATUSES, WAITING_STATUSES, CallStatus
from storage.accounts import names
from storage.attempts import costs
from storage.calls import promises
from storage.campaigns import campaigns
from storage.compliance import suppressions
from storage.number_hash import ERASED
from storage.tables import Suppression
from storage.transfers import transfers
from storage.webhooks import delivery_history

router = APIRouter(prefix="/calls", route_class=SignedIn)
_DELIVERIES_SHOWN = 50
_CANCELED = {
    CancelResult.NOW: "canceled",
    CancelResult.LATER: "cancel_later",
    CancelResult.RINGING: "canceling",
}


@router.get("/{call_id}")
async def show_call(
    call_id: str, request: Request, account: Reader, uses: Uses, who: Who
) -> Response:
    """Where it stands, what was decided and dialed, and what can be done about it."""
    call = await rest.get_call(call_id, account, uses)
    is_erased = call.endpoint.startswith(ERASED)
    return await page(
        request,
        "calls/call.html",
        call=call,
        **await _around(uses, who, call),
        is_erased=is_erased,
        clearances=None if is_erased else await clearances_of(uses, account, call_id),
        entry=None if is_erased else await _entry(uses, who, call.endpoint),
        can_cancel=call.status in CANCELABLE_STATUSES and not call.cancel_requested,
        can_reschedule=call.status in WAITING_STATUSES and not call.cancel_requested,
        can_promise=not is_erased and _can_promise(call, uses.now()),
        can_hang_up=call.status is CallStatus.IN_PROGRESS,
    )


async def _around(uses: Services, who: Who, call: CallDetail) -> dict[str, Any]:
    """What has to do with the call: who calls, for which campaign, its costs and deliveries."""
    account = who.account
    async with uses.db.browse() as session:
        told = []
        if allows(who.key.scopes, "webhooks:read"):
            told = await delivery_history.of_call(
                session, account.account_id, call.call_id, _DELIVERIES_SHOWN
            )
        spent = await costs.of_calls(session, [call.call_id])
        pathways = await names.pathways(session, account.account_id, {call.pathway_id or ""})
        return {
            "agent_name": (await agent_names(session, [call])).get(call.agent_id, ""),
            "pathway_name": pathways.get(call.pathway_id or "", ""),
            "campaign": await campaigns.get(session, account.account_id, call.campaign_id or ""),
            "promises": await promises.of_call(session, account.account_id, call.call_id),
            "transfers": await transfers.of_call(session, account.account_id, call.call_id),
            "deliveries": told,
            "cost": spent.get(call.call_id),
            "currency": rates_of(account.rates).currency,
        }


def _can_promise(call: CallDetail, now: datetime) -> bool:
    """While it is open, unless it is to be canceled, and for a while after its end."""
    if call.completed_time is None:
        return not call.cancel_requested
    return call.status is CallStatus.COMPLETED and now - call.completed_time <= LATE


@router.get("/{call_id}/recordings/{number}")
async def hear_recording(
    call_id: str,
    number: Annotated[int, Path(ge=1, le=10_000)],
    account: Reader,
    uses: Uses,
    range: Annotated[str | None, Header()] = None,
) -> Response:
    """The sound of an attempt, or the part of it that a player asks for."""
    return await recordings.sound(uses, account.account_id, call_id, number, range)


async def _entry(uses: Services, who: Who, endpoint: str) -> Suppression | None:
    """The do-not-call entry that holds for the number now, for those who may see it."""
    if not allows(who.key.scopes, "suppressions:read"):
        return None
    async with uses.db.read() as session:
        rows, _ = await suppressions.page(
            session,
            who.account.account_id,
            uses.now(),
            0,
            1,
            endpoint=endpoint,
            only_in_force=True,
        )
    return rows[0] if rows else None


@router.get("/{call_id}/audit")
async def show_audit(call_id: str, request: Request, account: Reader, uses: Uses) -> Response:
    """The page that `GET /api/v1/calls/{call_id}/audit` gives."""
    return await page(request, "calls/audit.html", audit=await audit(uses, account, call_id))


@router.post("/{call_id}/cancel")
async def cancel_call(call_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Cancel a call that nobody has answered."""
    done = await commands.cancel(uses, account.account_id, call_id)
    said = _CANCELED[done]
    return await back(request, f"/dashboard/calls/{call_id}", said)


@router.post("/{call_id}/hangup")
async def hang_up_call(call_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Hang up a live call."""
    await commands.hang_up(uses, account.account_id, call_id)
    return await back(request, f"/dashboard/calls/{call_id}", "hung_up")


@router.post("/{call_id}/never")
async def never_call(
    call_id: str,
    request: Request,
    account: Suppresser,
    _reader: Reader,
    uses: Uses,
    reason: Annotated[str, Form()] = "",
    person: Annotated[str, Form(max_length=8)] = "",
) -> Response:
    """Put the call's number on the do-not-call list, or the person with all their numbers."""
    call = await commands.look(uses, account.account_id, call_id)
    added = await stop_calling(uses, account, call.endpoint, reason, ofPerson=person == "yes")
    said = "suppressed_stopped" if added.stopped_calls else "suppressed"
    return await back(request, f"/dashboard/calls/{call_id}", said, added.stopped_calls)


@router.post("/{call_id}/webhooks/{webhook_id}/deliveries/{delivery_id}/replay")
async def tell_again(
    call_id: str,
    webhook_id: str,
    delivery_id: DeliveryId,
    request: Request,
    account: Teller,
    uses: Uses,
) -> Response:
    """Send a webhook once more what it was told of the call."""
    await replay_delivery(webhook_id, delivery_id, account, uses)
    return await back(request, f"/dashboard/calls/{call_id}", "told_again")
