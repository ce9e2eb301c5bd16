"""/api/v1/webhooks: who is told of events, and the history of what they were told."""

import asyncio
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from api.calls.filters import only_paging
from api.http.auth import KeyFirst, requires
from api.http.deps import Services, Skip, Take, Uses
from api.http.openapi import located, problem_responses
from api.http.problems import conflict, invalid, not_found
from api.webhooks.schemas import (
    DeliveryDetail,
    DeliveryList,
    Replayed,
    ReplayRequest,
    RotateRequest,
    WebhookDetail,
    WebhookList,
    WebhookPatch,
    WebhookRequest,
    WebhookSecret,
    WebhookView,
)
from api.webhooks.service import (
    checked,
    create,
    delivery_detail,
    delivery_view,
    rotate,
    webhook_fields,
    webhook_view,
)
from policy.webhooks.retry_schedule import DeliveryState
from storage.events.event_log import EventType
from storage.events.payloads import background, event_number, payload
from storage.tables import Account, Delivery, Event, Webhook
from storage.webhooks import deliveries, delivery_history, webhook_health, webhooks
from storage.webhooks.delivery_history import DeliveryFilter
from storage.webhooks.replay import EventRange, replay_page, span

router = APIRouter(
    prefix="/webhooks",
    tags=["webhooks"],
    route_class=KeyFirst,
    responses=problem_responses(401, 403, 503),
)

Reader = Annotated[Account, Depends(requires("webhooks:read"))]
Writer = Annotated[Account, Depends(requires("webhooks:write"))]
#: How long a test waits for its answer, and how often it looks.
TEST_SECONDS, LOOK_SECONDS = 20.0, 0.1
_DURATION = TypeAdapter(timedelta)
#: That the database can count up to.
LARGEST = 2**63 - 1
_LONGEST_EVENT_ID = len(f"evt_{LARGEST}")
DeliveryId = Annotated[int, Path(ge=1, le=LARGEST)]


@router.post("", status_code=201, responses={**located(201), **problem_responses(422)})
async def create_webhook(
    body: WebhookRequest, account: Writer, uses: Uses, response: Response
) -> WebhookSecret:
    """Be told of events from now on. The answer holds the secret, this once."""
    row = await create(uses, account, body)
    response.headers["Location"] = f"/api/v1/webhooks/{row.webhook_id}"
    return WebhookSecret(**webhook_fields(row), secret=row.secret)


@router.get("", dependencies=[Depends(only_paging)], responses=problem_responses(422))
async def list_webhooks(
    account: Reader, uses: Uses, skip: Skip = 0, take: Take = 20
) -> WebhookList:
    """The account's webhooks, newest first."""
    async with uses.db.read() as session:
        rows, total = await webhooks.page(session, account.account_id, skip, take)
    return WebhookList(webhooks=[webhook_view(row) for row in rows], total=total)


@router.get("/{webhook_id}", responses=problem_responses(404))
async def get_webhook(webhook_id: str, account: Reader, uses: Uses) -> WebhookDetail:
    """One webhook, and how many deliveries are in which state."""
    async with uses.db.browse() as session:
        row = await _found(session, account, webhook_id)
        counted = await delivery_history.counts(session, webhook_id)
        found = await webhook_health.of(session, [row])
    since = found[webhook_id].waiting_since
    return WebhookDetail(**webhook_fields(row), deliveries=counted, waiting_since=since)


@router.patch("/{webhook_id}", responses=problem_responses(404, 422))
async def change_webhook(
    webhook_id: str, body: WebhookPatch, account: Writer, uses: Uses
) -> WebhookView:
    """Change the fields that are named. Once enabled again it is told of what it has missed."""
    async with uses.db.write() as session:
        row = await _held(session, account, webhook_id)
        private = uses.settings.private_webhooks
        values = await checked(
            session, account.account_id, body, private=private, exclude_unset=True
        )
        enabled = values.pop("is_enabled", None)
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_time = uses.now()
        if enabled is True and not row.is_enabled:
            webhooks.enable(row, uses.now())
        elif enabled is False and row.is_enabled:
            await webhooks.disable(session, row, "it was disabled by request", uses.now())
        session.add(row)
    return webhook_view(row)


@router.delete("/{webhook_id}", status_code=204, responses=problem_responses(404))
async def delete_webhook(webhook_id: str, account: Writer, uses: Uses) -> None:
    """Tell it nothing more. Its ledger goes with it."""
    async with uses.db.write() as session:
        await webhooks.remove(session, await _held(session, account, webhook_id))


@router.post("/{webhook_id}/rotate-secret", responses=problem_responses(404, 422))
async def rotate_secret(
    webhook_id: str, account: Writer, uses: Uses, body: RotateRequest | None = None
) -> WebhookSecret:
    """A new secret. For a while requests are signed with the old one as well."""
    row = await rotate(uses, account, webhook_id, overlap_of(body or RotateRequest()))
    return WebhookSecret(**webhook_fields(row), secret=row.secret)


def overlap_of(body: RotateRequest) -> timedelta:
    """For how long the old secret signs, too."""
    return _DURATION.validate_python(body.overlap)


@router.post("/{webhook_id}/test", responses=problem_responses(404, 409))
async def test_webhook(webhook_id: str, account: Writer, uses: Uses) -> DeliveryDetail:
    """Send a `webhook.test`, and answer with what came of its first try."""
    async with uses.db.write() as session:
        row = await _held(session, account, webhook_id)
        if not row.is_enabled:
            raise conflict("disabled", "The webhook is disabled.")
        delivery_id = await delivery_history.add_test(session, row, uses.now())
    until = asyncio.get_running_loop().time() + TEST_SECONDS
    while True:
        shown = await _shown(uses, account, webhook_id, delivery_id)
        if shown.tries or asyncio.get_running_loop().time() > until:
            return shown
        await asyncio.sleep(LOOK_SECONDS)


@router.get("/{webhook_id}/deliveries", responses=problem_responses(404, 422))
async def list_deliveries(
    webhook_id: str,
    account: Reader,
    uses: Uses,
    state: DeliveryState | None = None,
    call_id: Annotated[str | None, Query(alias="callId")] = None,
    type_: Annotated[EventType | None, Query(alias="type")] = None,
    skip: Skip = 0,
    take: Take = 20,
) -> DeliveryList:
    """The ledger, newest event first."""
    filter_ = DeliveryFilter(state, call_id, type_.value if type_ else None)
    async with uses.db.browse() as session:
        hook = await _found(session, account, webhook_id)
        rows, total = await delivery_history.page(session, hook, filter_, skip, take)
    return DeliveryList(deliveries=[delivery_view(*row) for row in rows], total=total)


@router.get("/{webhook_id}/deliveries/{delivery_id}", responses=problem_responses(404, 422))
async def get_delivery(
    webhook_id: str, delivery_id: DeliveryId, account: Reader, uses: Uses
) -> DeliveryDetail:
    """One delivery: what is sent, every try, and the beginning of the last answer."""
    return await _shown(uses, account, webhook_id, delivery_id)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    status_code=202,
    responses=problem_responses(404, 422),
)
async def replay_delivery(
    webhook_id: str, delivery_id: DeliveryId, account: Writer, uses: Uses
) -> Replayed:
    """Send one event once more, under the same id."""
    async with uses.db.read() as session:
        hook = await _found(session, account, webhook_id)
        _, event = await _delivery(session, hook, delivery_id)
    which = EventRange(first=event.event_id, last=event.event_id)
    return await _replayed(uses, account, webhook_id, which)


@router.post("/{webhook_id}/replay", status_code=202, responses=problem_responses(404, 422))
async def replay(webhook_id: str, body: ReplayRequest, account: Writer, uses: Uses) -> Replayed:
    """Send a range of events once more, or everything since one, under the same ids."""
    which = EventRange(
        _number(body.since_event, "sinceEvent"),
        _number(body.until_event, "untilEvent"),
        body.since,
        body.until,
        only_failed=body.state is not None,
    )
    return await _replayed(uses, account, webhook_id, which)


@router.post("/{webhook_id}/send-waiting", status_code=202, responses=problem_responses(404, 409))
async def send_waiting(webhook_id: str, account: Writer, uses: Uses) -> Replayed:
    """Send now whatever waits for its next try, in its order, as once a receiver is well again."""
    sent = 0
    rest: int | None = 0
    while rest is not None:
        async with uses.db.write() as session:
            hook = await _held(session, account, webhook_id)
            if not hook.is_enabled:
                raise conflict("disabled", "The webhook is disabled; enable it instead.")
            more, rest = await deliveries.bring_forward(session, webhook_id, rest, uses.now())
        sent += more
        await asyncio.sleep(0)
    return Replayed(deliveries=sent)


async def _replayed(
    uses: Services, account: Account, webhook_id: str, which: EventRange
) -> Replayed:
    """A page a transaction, so that others get their turn."""
    async with uses.db.browse() as session:
        hook = await _found(session, account, webhook_id)
        rest = await span(session, hook, which)
    sent = 0
    while rest is not None:
        async with uses.db.write() as session:
            hook = await _held(session, account, webhook_id)
            more, rest = await replay_page(session, hook, which, rest, uses.now())
        sent += more
        await asyncio.sleep(0)
    return Replayed(deliveries=sent)


def _number(event_id: str | None, field: str) -> int | None:
    if event_id is None:
        return None
    number = event_number(event_id) if len(event_id) <= _LONGEST_EVENT_ID else None
    if number is None or number > LARGEST:
        raise invalid("bad_event_id", field, "Must be an event's id, such as evt_1017.")
    return number


async def _shown(
    uses: Services, account: Account, webhook_id: str, delivery_id: int
) -> DeliveryDetail:
    async with uses.db.read() as session:
        hook = await _found(session, account, webhook_id)
        row, event = await _delivery(session, hook, delivery_id)
        known = await background(session, [event])
    return delivery_detail(hook, row, event, payload(event, known, mask=hook.mask_numbers))


async def _found(session: AsyncSession, account: Account, webhook_id: str) -> Webhook:
    row = await webhooks.get(session, account.account_id, webhook_id)
    if row is None:
        raise not_found("webhook")
    return row


async def _held(session: AsyncSession, account: Account, webhook_id: str) -> Webhook:
    """The webhook, for those who change it or its deliveries."""
    row = await webhooks.hold(session, account.account_id, webhook_id)
    if row is None:
        raise not_found("webhook")
    return row


async def _delivery(
    session: AsyncSession, hook: Webhook, delivery_id: int
) -> tuple[Delivery, Event]:
    found = await delivery_history.get(session, hook, delivery_id)
    if found is None:
        raise not_found("delivery")
    return found
