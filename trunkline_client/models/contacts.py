"""What is said and answered of `contacts`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import CampaignRowError, ContactState


class ContactView(Answer):
    contact_id: int
    row: int
    state: ContactState | str
    endpoint: str | None
    client_token: str | None
    timezone: str | None
    context: dict[str, Any]
    ready_at: datetime | None
    call_id: str | None
    error: CampaignRowError | None
    extension: str | None = None


class ContactList(Answer):
    contacts: list[ContactView]
    total: int


class ContactsRequest(Said):
    """Contacts: `{endpoint, clientToken?, timezone?, context?}` each, checked one by one."""

    contacts: list[Any]
    default_country: str | None = None
