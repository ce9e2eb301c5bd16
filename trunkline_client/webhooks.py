"""What a receiver of webhooks needs: the signature verified, the event typed. Standard Webhooks."""

from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import ValidationError
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from trunkline_client.models import EventPayload
from trunkline_client.problems import TrunklineError, Unreadable


class NotGenuine(TrunklineError):
    """The request was not signed with this secret, or not within the last five minutes."""


def event_of(secret: str, headers: Mapping[str, str], body: bytes) -> EventPayload:
    """The event that a request tells; raises NotGenuine: then answer 401. Raises Unreadable where
    what was signed is no event.

    `body` is what came over the wire, before anything has parsed it. The names of `headers` may be
    written in any case.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        Webhook(secret).verify(body, lower)
    except (WebhookVerificationError, ValueError) as error:
        raise NotGenuine("The signature does not fit.") from error
    try:
        return EventPayload.model_validate_json(body)
    except ValidationError:
        # Not chained: pydantic's text repeats what it read, which may be a person's number.
        raise Unreadable("What came is no event.") from None


def signed_headers(secret: str, event_id: str, body: bytes) -> dict[str, str]:
    """The headers with which a receiver takes this body for genuine now."""
    now = datetime.now(UTC)
    return {
        "content-type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, now, body.decode()),
    }
