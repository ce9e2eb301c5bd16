"""What may be asked of `webhooks`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator

from trunkline_client.models.shared import EventType
from trunkline_client.models.webhooks import (
    DeliveryDetail,
    DeliveryList,
    DeliveryState,
    DeliveryView,
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
from trunkline_client.transport import AsyncAsking, Json, part


class AsyncWebhooksOperations(AsyncAsking):
    async def list_webhooks(
        self, *, skip: int | None = None, take: int | None = None
    ) -> WebhookList:
        """The account's webhooks, newest first."""
        return await self._ask(
            WebhookList, "GET", "/api/v1/webhooks", query={"skip": skip, "take": take}
        )

    async def create_webhook(self, body: WebhookRequest | Json) -> WebhookSecret:
        """Be told of events from now on. The answer holds the secret, this once."""
        return await self._ask(WebhookSecret, "POST", "/api/v1/webhooks", body=body)

    async def get_webhook(self, webhook_id: str) -> WebhookDetail:
        """One webhook, and how many deliveries are in which state."""
        return await self._ask(WebhookDetail, "GET", f"/api/v1/webhooks/{part(webhook_id)}")

    async def change_webhook(self, webhook_id: str, body: WebhookPatch | Json) -> WebhookView:
        """Change the fields that are named. Once enabled again it is told of what it has
        missed.
        """
        return await self._ask(
            WebhookView, "PATCH", f"/api/v1/webhooks/{part(webhook_id)}", body=body
        )

    async def delete_webhook(self, webhook_id: str) -> None:
        """Tell it nothing more. Its ledger goes with it."""
        return await self._ask(None, "DELETE", f"/api/v1/webhooks/{part(webhook_id)}")

    async def rotate_secret(
        self, webhook_id: str, body: RotateRequest | Json | None = None
    ) -> WebhookSecret:
        """A new secret. For a while requests are signed with the old one as well."""
        return await self._ask(
            WebhookSecret, "POST", f"/api/v1/webhooks/{part(webhook_id)}/rotate-secret", body=body
        )

    async def test_webhook(self, webhook_id: str) -> DeliveryDetail:
        """Send a `webhook.test`, and answer with what came of its first try."""
        return await self._ask(DeliveryDetail, "POST", f"/api/v1/webhooks/{part(webhook_id)}/test")

    async def list_deliveries(
        self,
        webhook_id: str,
        *,
        state: DeliveryState | None = None,
        call_id: str | None = None,
        type: EventType | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> DeliveryList:
        """The ledger, newest event first."""
        return await self._ask(
            DeliveryList,
            "GET",
            f"/api/v1/webhooks/{part(webhook_id)}/deliveries",
            query={"state": state, "callId": call_id, "type": type, "skip": skip, "take": take},
        )

    async def get_delivery(self, webhook_id: str, delivery_id: str) -> DeliveryDetail:
        """One delivery: what is sent, every try, and the beginning of the last answer."""
        return await self._ask(
            DeliveryDetail,
            "GET",
            f"/api/v1/webhooks/{part(webhook_id)}/deliveries/{part(delivery_id)}",
        )

    async def replay_delivery(self, webhook_id: str, delivery_id: str) -> Replayed:
        """Send one event once more, under the same id."""
        return await self._ask(
            Replayed,
            "POST",
            f"/api/v1/webhooks/{part(webhook_id)}/deliveries/{part(delivery_id)}/replay",
        )

    async def replay_events(self, webhook_id: str, body: ReplayRequest | Json) -> Replayed:
        """Send a range of events once more, or everything since one, under the same ids."""
        return await self._ask(
            Replayed, "POST", f"/api/v1/webhooks/{part(webhook_id)}/replay", body=body
        )

    async def send_waiting(self, webhook_id: str) -> Replayed:
        """Send now whatever waits for its next try, in its order, as once a receiver is well
        again.
        """
        return await self._ask(
            Replayed, "POST", f"/api/v1/webhooks/{part(webhook_id)}/send-waiting"
        )

    async def iter_webhooks(self, *, take: int | None = None) -> AsyncIterator[WebhookView]:
        """Goes through `list_webhooks`, page by page."""
        skip = 0
        while True:
            page = await self.list_webhooks(take=take, skip=skip)
            for row in page.webhooks:
                yield row
            skip += len(page.webhooks)
            if not page.webhooks or skip >= page.total:
                return

    async def iter_deliveries(
        self,
        webhook_id: str,
        *,
        state: DeliveryState | None = None,
        call_id: str | None = None,
        type: EventType | None = None,
        take: int | None = None,
    ) -> AsyncIterator[DeliveryView]:
        """Goes through `list_deliveries`, page by page."""
        skip = 0
        while True:
            page = await self.list_deliveries(
                webhook_id, state=state, call_id=call_id, type=type, take=take, skip=skip
            )
            for row in page.deliveries:
                yield row
            skip += len(page.deliveries)
            if not page.deliveries or skip >= page.total:
                return
