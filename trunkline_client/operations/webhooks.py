"""What may be asked of `webhooks`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator

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
from trunkline_client.transport import Asking, Json, part


class WebhooksOperations(Asking):
    def list_webhooks(self, *, skip: int | None = None, take: int | None = None) -> WebhookList:
        """The account's webhooks, newest first."""
        return self._ask(WebhookList, "GET", "/api/v1/webhooks", query={"skip": skip, "take": take})

    def create_webhook(self, body: WebhookRequest | Json) -> WebhookSecret:
        """Be told of events from now on. The answer holds the secret, this once."""
        return self._ask(WebhookSecret, "POST", "/api/v1/webhooks", body=body)

    def get_webhook(self, webhook_id: str) -> WebhookDetail:
        """One webhook, and how many deliveries are in which state."""
        return self._ask(WebhookDetail, "GET", f"/api/v1/webhooks/{part(webhook_id)}")

    def change_webhook(self, webhook_id: str, body: WebhookPatch | Json) -> WebhookView:
        """Change the fields that are named. Once enabled again it is told of what it has
        missed.
        """
        return self._ask(WebhookView, "PATCH", f"/api/v1/webhooks/{part(webhook_id)}", body=body)

    def delete_webhook(self, webhook_id: str) -> None:
        """Tell it nothing more. Its ledger goes with it."""
        return self._ask(None, "DELETE", f"/api/v1/webhooks/{part(webhook_id)}")

    def rotate_secret(
        self, webhook_id: str, body: RotateRequest | Json | None = None
    ) -> WebhookSecret:
        """A new secret. For a while requests are signed with the old one as well."""
        return self._ask(
            WebhookSecret, "POST", f"/api/v1/webhooks/{part(webhook_id)}/rotate-secret", body=body
        )

    def test_webhook(self, webhook_id: str) -> DeliveryDetail:
        """Send a `webhook.test`, and answer with what came of its first try."""
        return self._ask(DeliveryDetail, "POST", f"/api/v1/webhooks/{part(webhook_id)}/test")

    def list_deliveries(
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
        return self._ask(
            DeliveryList,
            "GET",
            f"/api/v1/webhooks/{part(webhook_id)}/deliveries",
            query={"state": state, "callId": call_id, "type": type, "skip": skip, "take": take},
        )

    def get_delivery(self, webhook_id: str, delivery_id: str) -> DeliveryDetail:
        """One delivery: what is sent, every try, and the beginning of the last answer."""
        return self._ask(
            DeliveryDetail,
            "GET",
            f"/api/v1/webhooks/{part(webhook_id)}/deliveries/{part(delivery_id)}",
        )

    def replay_delivery(self, webhook_id: str, delivery_id: str) -> Replayed:
        """Send one event once more, under the same id."""
        return self._ask(
            Replayed,
            "POST",
            f"/api/v1/webhooks/{part(webhook_id)}/deliveries/{part(delivery_id)}/replay",
        )

    def replay_events(self, webhook_id: str, body: ReplayRequest | Json) -> Replayed:
        """Send a range of events once more, or everything since one, under the same ids."""
        return self._ask(Replayed, "POST", f"/api/v1/webhooks/{part(webhook_id)}/replay", body=body)

    def send_waiting(self, webhook_id: str) -> Replayed:
        """Send now whatever waits for its next try, in its order, as once a receiver is well
        again.
        """
        return self._ask(Replayed, "POST", f"/api/v1/webhooks/{part(webhook_id)}/send-waiting")

    def iter_webhooks(self, *, take: int | None = None) -> Iterator[WebhookView]:
        """Goes through `list_webhooks`, page by page."""
        skip = 0
        while True:
            page = self.list_webhooks(take=take, skip=skip)
            yield from page.webhooks
            skip += len(page.webhooks)
            if not page.webhooks or skip >= page.total:
                return

    def iter_deliveries(
        self,
        webhook_id: str,
        *,
        state: DeliveryState | None = None,
        call_id: str | None = None,
        type: EventType | None = None,
        take: int | None = None,
    ) -> Iterator[DeliveryView]:
        """Goes through `list_deliveries`, page by page."""
        skip = 0
        while True:
            page = self.list_deliveries(
                webhook_id, state=state, call_id=call_id, type=type, take=take, skip=skip
            )
            yield from page.deliveries
            skip += len(page.deliveries)
            if not page.deliveries or skip >= page.total:
                return
