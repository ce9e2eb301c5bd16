"""Signatures are those of Standard Webhooks, as receivers check them."""

from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from webhooks.signature import new_secret, signed_headers

BODY = '{"type":"call.completed","note":"größer"}'


def test_a_receivers_library_verifies_what_is_signed() -> None:
    secret = new_secret()
    headers = signed_headers([secret], "evt_7", datetime.now(UTC), BODY)
    assert Webhook(secret).verify(BODY, headers)["type"] == "call.completed"


def test_while_secrets_are_rotated_either_verifies() -> None:
    new, old = new_secret(), new_secret()
    headers = signed_headers([new, old], "evt_7", datetime.now(UTC), BODY)
    for secret in (new, old):
        Webhook(secret).verify(BODY, headers)


@pytest.mark.parametrize("changed", ["body", "webhook-id", "webhook-timestamp", "secret"])
def test_whatever_is_changed_breaks_the_signature(changed: str) -> None:
    secret = new_secret()
    headers = signed_headers([secret], "evt_7", datetime.now(UTC), BODY)
    if changed in headers:
        headers[changed] = "evt_8" if changed == "webhook-id" else str(int(headers[changed]) + 1)
    body = BODY + " " if changed == "body" else BODY
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret() if changed == "secret" else secret).verify(body, headers)
