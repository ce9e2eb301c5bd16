"""What a webhook may say of itself, and how it and its deliveries are shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.deps import Services
from api.http.problems import conflict, invalid, not_found
from api.http.values import require_url
from api.webhooks.schemas import (
    DeliveryDetail,
    DeliveryView,
    SentRequest,
    Try,
    WebhookFields,
    WebhookRequest,
    WebhookView,
)
from policy.webhooks.retry_schedule import DeliveryState
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.events.payloads import event_name
from storage.tables import Account, Delivery, Event, JsonObject, Webhook
from storage.tables.columns import new_id
from storage.webhooks import webhooks
from webhooks.signature import new_secret

#: Ours, or the connection's.
_RESERVED = frozenset(
    {"content-type", "content-length", "host", "connection", "transfer-encoding", "te", "upgrade"}
)
_COLUMNS = {"events": "event_types", "previous_secret_until": "previous_until"}


async def create(
    uses: Services, account: Account, body: WebhookRequest, webhook_id: str | None = None
) -> Webhook:
    """A webhook that is told of events from now on; its row holds the secret.

    Under an id that is taken it is a 409: a form was sent twice.
    """
    now = uses.now()
    async with uses.db.write() as session:
        if webhook_id is not None and await webhooks.load(session, webhook_id) is not None:
            raise conflict(
                "already_made", "This webhook was made already. Its secret was shown then."
            )
        private = uses.settings.private_webhooks
        values = await checked(session, account.account_id, body, private=private)
        row = Webhook(
            webhook_id=webhook_id or new_id(),
            account_id=account.account_id,
            secret=new_secret(),
            created_time=now,
            updated_time=now,
            **values,
        )
        await webhooks.add(session, row)
    return row


async def rotate(
    uses: Services,
    account: Account,
    webhook_id: str,
    overlap: timedelta,
    seen: datetime | None = None,
) -> Webhook:
    """Another secret; for a while requests are signed with the old one as well.

    `seen`: when it was last changed, as far as is known. If that is no longer so it is a 409: only
    one secret before is kept, so nobody may renew it twice by mistake.
    """
    async with uses.db.write() as session:
        row = await webhooks.hold(session, account.account_id, webhook_id)
        if row is None:
            raise not_found("webhook")
        if seen is not None and seen != row.updated_time:
            raise conflict(
                "changed_meanwhile", "The webhook was changed meanwhile. Look at it once more."
            )
        webhooks.rotate(row, new_secret(), uses.now(), overlap)
        session.add(row)
    return row


async def checked(
    session: AsyncSession, account_id: str, body: WebhookFields, *, private: bool, **only: Any
) -> JsonObject:
    """The columns of what was said; raises a 422 for what cannot be. `only` as `model_dump`."""
    said = body.model_dump(mode="json", **only)
    url = said.get("url")
    if url is not None:
        require_url(str(url), "url", private=private)
    _require_headers(said.get("headers") or {})
    await _require_known(session, account_id, said)
    return {_COLUMNS.get(name, name): value for name, value in said.items()}


def _require_headers(headers: Mapping[str, str]) -> None:
    for name in headers:
        if name.lower() in _RESERVED or name.lower().startswith("webhook-"):
            raise invalid("reserved_header", f"headers.{name}", "This header is set by Trunkline.")


async def _require_known(session: AsyncSession, account_id: str, said: JsonObject) -> None:
    agent_id, campaign_id = said.get("agent_id"), said.get("campaign_id")
    if agent_id is not None and await agents.get(session, account_id, agent_id) is None:
        raise invalid("unknown_agent", "agentId", "There is no such agent.")
    if campaign_id is None:
        return
    if await campaigns.get(session, account_id, campaign_id) is None:
        raise invalid("unknown_campaign", "campaignId", "There is no such campaign.")


def webhook_fields(row: Webhook) -> JsonObject:
    """A row as `WebhookView` and what is made of it have it."""
    found = {name: getattr(row, _COLUMNS.get(name, name)) for name in WebhookView.model_fields}
    return found


def webhook_view(row: Webhook) -> WebhookView:
    return WebhookView(**webhook_fields(row))


def delivery_fields(row: Delivery, event: Event) -> JsonObject:
    """A delivery as `DeliveryView` and what is made of it have it."""
    is_pending = row.state is DeliveryState.PENDING
    return {
        "delivery_id": row.delivery_id,
        "event_id": event_name(event),
        "type": event.type,
        "call_id": event.call_id,
        "campaign_id": event.campaign_id,
        "sequence": event.sequence,
        "state": row.state,
        "next_at": row.next_at if is_pending else None,
        "tries": [Try(**line) for line in row.tries],
        "created_time": row.created_time,
        "done_time": row.done_time,
    }


def delivery_view(row: Delivery, event: Event) -> DeliveryView:
    return DeliveryView(**delivery_fields(row, event))


def delivery_detail(hook: Webhook, row: Delivery, event: Event, body: JsonObject) -> DeliveryDetail:
    """With the request as it is made of the event now."""
    headers = {**hook.headers, "content-type": "application/json", "webhook-id": event_name(event)}
    return DeliveryDetail(
        **delivery_fields(row, event),
        request=SentRequest(url=hook.url, headers=headers, body=body),
        answer=row.answer,
    )
