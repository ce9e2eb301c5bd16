"""What is said and answered of `contacts`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime
from typing import Any

from pydantic import Field

from trunkline_client.models.base import Answer, Said
from trunkline_client.models.shared import CallNumberView, CampaignRowError, ContactState


class ContactCorrection(Said):
    """What a rejected row says from now on; what is not named stays."""

    contact_id: int
    endpoint: str | None = None
    timezone: str | None = None
    context: dict[str, str] = Field(default_factory=dict)


class ContactView(Answer):
    contact_id: int
    row: int
    state: ContactState | str
    endpoint: str | None
    client_token: str | None
    timezone: str | None
    context: dict[str, Any]
    numbers: list[CallNumberView]
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


class CorrectionsRequest(Said):
    """Rejected rows to mend, and rejected rows that are not wanted."""

    corrections: list[ContactCorrection] = Field(default_factory=list)
    drop: list[int] = Field(default_factory=list)
    default_country: str | None = None


class CorrectionsView(Answer):
    """What became of the rows that were named. Those of `left` are no rejected rows of
    this campaign (any more): they stay as they are.
    """

    mended: list[int]
    dropped: list[int]
    left: list[int]
    rejected: list[ContactView]


class DroppedView(Answer):
    dropped: int
