"""/dashboard/webhooks/{webhook_id}: one webhook, its deliveries, and what can be done to it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from api.http.deps import Uses
from api.http.problems import invalid, not_found
from api.webhooks import routes as rest
from api.webhooks import service
from api.webhooks.routes import LARGEST, Reader, Writer
from api.webhooks.schemas import ReplayRequest, RotateRequest, WebhookPatch
from dashboard.page import back, page
from dashboard.session.session import SignedIn
from dashboard.webhooks.webhook_form import OFFERED
from policy.webhooks.retry_schedule import DeliveryState
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.events.event_log import EventType
from storage.webhooks import delivery_history, webhook_health, webhooks
from storage.webhooks.delivery_history import DeliveryFilter

router = APIRouter(prefix="/webhooks/{webhook_id}", route_class=SignedIn)
_A_PAGE = 50
Chosen = Annotated[str, Query(max_length=40)]
_OVERLAPS = (
    ("PT24H", "24 hours"),
    ("PT1H", "one hour"),
    ("P7D", "7 days"),
    ("PT1S", "not at all: it has leaked"),
)


@router.get("")
async def show_webhook(
    webhook_id: str,
    request: Request,
    account: Reader,
    uses: Uses,
    state: Chosen = "",
    type_: Annotated[str, Query(alias="type", max_length=40)] = "",
    before: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST,
) -> Response:
    """How it fares, and what was sent to it, newest first."""
    wanted = _filter(state, type_)
    async with uses.db.browse() as session:
        hook = await webhooks.get(session, account.account_id, webhook_id)
        if hook is None:
            raise not_found("webhook")
        health = (await webhook_health.of(session, [hook]))[webhook_id]
        rows = await delivery_history.before(session, hook, wanted, before, _A_PAGE + 1)
        agent = hook.agent_id and await agents.get(session, account.account_id, hook.agent_id)
        campaign = hook.campaign_id and await campaigns.get(
            session, account.account_id, hook.campaign_id
        )
    return await page(
        request,
        "webhooks/webhook.html",
        hook=hook,
        health=health,
        rows=rows[:_A_PAGE],
        next_before=rows[_A_PAGE - 1][0].event_id if len(rows) > _A_PAGE else None,
        is_first=before == LARGEST,
        state=state,
        type=type_,
        states=list(DeliveryState),
        types=[*OFFERED, EventType.WEBHOOK_TEST.value],
        agent=agent or None,
        campaign=campaign or None,
        overlaps=_OVERLAPS,
    )


def _filter(state: str, type_: str) -> DeliveryFilter:
    if state and state not in set(DeliveryState):
        raise invalid("unknown_value", "state", "There is no such state.")
    if type_ and type_ not in set(EventType):
        raise invalid("unknown_value", "type", "There is no such event.")
    return DeliveryFilter(DeliveryState(state) if state else None, None, type_ or None)


@router.post("/test")
async def send_test(
    webhook_id: str, request: Request, account: Writer, _reader: Reader, uses: Uses
) -> Response:
    """Send a test, wait for its first try, and show it."""
    sent = await rest.test_webhook(webhook_id, account, uses)
    path = f"/dashboard/webhooks/{webhook_id}/deliveries/{sent.delivery_id}"
    return await back(request, path, "webhook_tested")


@router.post("/secret")
async def rotate_secret(
    webhook_id: str,
    request: Request,
    account: Writer,
    _reader: Reader,
    uses: Uses,
    overlap: Annotated[str, Form(max_length=20)] = "PT24H",
    seen: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Another secret, shown this once. A form that is sent twice does not do it twice."""
    if overlap not in dict(_OVERLAPS):
        raise invalid("unknown_value", "overlap", "There is no such choice.")
    span = rest.overlap_of(RotateRequest(overlap=overlap))
    row = await service.rotate(uses, account, webhook_id, span, _instant(seen))
    return await page(request, "webhooks/secret.html", hook=row, secret=row.secret, is_new=False)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise invalid("malformed", "seen", "This form is out of date. Reload, try again.") from None


@router.post("/enable")
async def enable_webhook(
    webhook_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """Told again, also of what it has missed."""
    await rest.change_webhook(webhook_id, _switched(is_enabled=True), account, uses)
    return await back(request, f"/dashboard/webhooks/{webhook_id}", "webhook_enabled")


@router.post("/send-waiting")
async def send_waiting(webhook_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Try all that waits for its next try now."""
    await rest.send_waiting(webhook_id, account, uses)
    return await back(request, f"/dashboard/webhooks/{webhook_id}", "sent_waiting")


@router.post("/disable")
async def disable_webhook(
    webhook_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """Nothing is sent any more until somebody enables it."""
    await rest.change_webhook(webhook_id, _switched(is_enabled=False), account, uses)
    return await back(request, f"/dashboard/webhooks/{webhook_id}", "webhook_disabled")


def _switched(*, is_enabled: bool) -> WebhookPatch:
    return WebhookPatch.model_validate({"isEnabled": is_enabled})


@router.post("/delete")
async def delete_webhook(
    webhook_id: str, request: Request, account: Writer, uses: Uses
) -> Response:
    """With its deliveries."""
    await rest.delete_webhook(webhook_id, account, uses)
    return await back(request, "/dashboard/webhooks", "webhook_deleted")


@router.post("/replay")
async def replay_failed(webhook_id: str, request: Request, account: Writer, uses: Uses) -> Response:
    """Everything that was given up is sent once more."""
    await rest.replay(webhook_id, ReplayRequest(state="failed"), account, uses)
    return await back(request, f"/dashboard/webhooks/{webhook_id}", "replayed_failed")
