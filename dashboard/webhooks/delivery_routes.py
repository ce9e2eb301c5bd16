"""/dashboard/webhooks/{webhook_id}/deliveries/{delivery_id}: what was sent, and what came back."""

import json

from fastapi import APIRouter, Request, Response

from api.http.deps import Uses
from api.webhooks import routes as rest
from api.webhooks.routes import DeliveryId, Reader, Writer
from dashboard.page import back, page
from dashboard.session.session import SignedIn

router = APIRouter(prefix="/webhooks/{webhook_id}/deliveries", route_class=SignedIn)
#: Of a body so much is shown: what is sent is at most some KiB.
_LONGEST = 64 * 1024


@router.get("/{delivery_id}")
async def show_delivery(
    webhook_id: str, delivery_id: DeliveryId, request: Request, account: Reader, uses: Uses
) -> Response:
    """The request as it is made of the event, every try, and the beginning of the last answer."""
    found = await rest.get_delivery(webhook_id, delivery_id, account, uses)
    body = json.dumps(found.request.body, indent=2, ensure_ascii=False)
    return await page(
        request,
        "webhooks/delivery.html",
        webhook_id=webhook_id,
        found=found,
        body=body[:_LONGEST],
        is_cut=len(body) > _LONGEST,
    )


@router.post("/{delivery_id}/replay")
async def replay_delivery(
    webhook_id: str, delivery_id: DeliveryId, request: Request, account: Writer, uses: Uses
) -> Response:
    """Send it once more, under the same id."""
    await rest.replay_delivery(webhook_id, delivery_id, account, uses)
    path = f"/dashboard/webhooks/{webhook_id}/deliveries/{delivery_id}"
    return await back(request, path, "replayed")
