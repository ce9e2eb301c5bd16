"""What a webhook may say of itself, and how it and its deliveries are shown."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlmodel.ext.asyncio.session import AsyncSession

from api.http.problems import invalid
from api.webhooks.schemas import (
    DeliveryDetail,
    DeliveryView,
    SentRequest,
    Try,
    WebhookFields,
    WebhookView,
)
from policy.webhooks.retry_schedule import DeliveryState
from storage.accounts import agents
from storage.campaigns import campaigns
from storage.events.payloads import event_name
from storage.tables import Delivery, Event, JsonObject, Webhook
from webhooks.public_addresses import is_public

#: Ours, or the connection's.
_RESERVED = frozenset(
    {"content-type", "content-length", "host", "connection", "transfer-encoding", "te", "upgrade"}
)
_COLUMNS = {"events": "event_types", "previous_secret_until": "previous_until"}


async def checked(
    session: AsyncSession, account_id: str, body: WebhookFields, *, private: bool, **only: Any
) -> JsonObject:
    """The columns of what was said; raises a 422 for what cannot be. `only` as `model_dump`."""
    said = body.model_dump(mode="json", **only)
    url = said.get("url")
    if url is not None:
        _require_url(str(url), private=private)
    _require_headers(said.get("headers") or {})
    await _require_known(session, account_id, said)
    return {_COLUMNS.get(name, name): value for name, value in said.items()}


def _require_url(url: str, *, private: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise invalid("bad_url", "url", "This is no web address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise invalid("bad_url", "url", "Must be an address like https://example.com/path.")
    if parts.username is not None or parts.fragment:
        raise invalid("bad_url", "url", "Must hold neither a user name nor a fragment.")
    if private:
        return
    if parts.scheme != "https":
        raise invalid("https_required", "url", "Must begin with https://.")
    if _is_private(host):
        raise invalid("private_address", "url", "Must be reachable from the public Internet.")


def _is_private(host: str) -> bool:
    """Of a literal address; what a name leads to is checked when it is connected to."""
    try:
        return not is_public(str(ip_address(host)))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


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
