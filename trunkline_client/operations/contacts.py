"""What may be asked of `contacts`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator, Sequence

from trunkline_client.models.contacts import (
    ContactList,
    ContactsRequest,
    ContactView,
    CorrectionsRequest,
    CorrectionsView,
    DroppedView,
)
from trunkline_client.models.shared import ContactState, LoadedView
from trunkline_client.transport import Asking, Content, Json, new_key, part


class ContactsOperations(Asking):
    def list_contacts(
        self,
        campaign_id: str,
        *,
        state: Sequence[ContactState] | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> ContactList:
        """The campaign's contacts in the order in which they were added."""
        return self._ask(
            ContactList,
            "GET",
            f"/api/v1/campaigns/{part(campaign_id)}/contacts",
            query={"state": state, "skip": skip, "take": take},
        )

    def add_contacts(
        self, campaign_id: str, body: ContactsRequest | Json, *, idempotency_key: str | None = None
    ) -> LoadedView:
        """Add contacts, also while the campaign runs. A bad one rejects only itself."""
        return self._ask(
            LoadedView,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/contacts",
            body=body,
            key=idempotency_key or new_key(),
        )

    def upload_contacts(
        self,
        campaign_id: str,
        file: Content,
        *,
        phone_column: str | None = None,
        other_columns: Sequence[str] | None = None,
        default_country: str | None = None,
        column_map: str | None = None,
        content_type: str = "text/csv",
    ) -> LoadedView:
        """Add the rows of a CSV or XLSX file. A bad row rejects only itself."""
        return self._ask(
            LoadedView,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/contacts/upload",
            query={
                "phoneColumn": phone_column,
                "otherColumns": other_columns,
                "defaultCountry": default_country,
                "columnMap": column_map,
            },
            file=file,
            content_type=content_type,
        )

    def correct_contacts(
        self, campaign_id: str, body: CorrectionsRequest | Json
    ) -> CorrectionsView:
        """Correct rows that were rejected, or drop them. `GET …/contacts?state=invalid` lists
        them.
        """
        return self._ask(
            CorrectionsView,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/contacts/corrections",
            body=body,
        )

    def drop_rejected_contacts(self, campaign_id: str, *, through: int) -> DroppedView:
        """Drop rejected rows: they were mended elsewhere, or are not wanted."""
        return self._ask(
            DroppedView,
            "DELETE",
            f"/api/v1/campaigns/{part(campaign_id)}/contacts/rejected",
            query={"through": through},
        )

    def download_errors(self, campaign_id: str) -> bytes:
        """The rows that were rejected, and why, as CSV: with all their columns, to be mended
        and uploaded again.
        """
        return self._ask(bytes, "GET", f"/api/v1/campaigns/{part(campaign_id)}/contacts/errors.csv")

    def iter_contacts(
        self,
        campaign_id: str,
        *,
        state: Sequence[ContactState] | None = None,
        take: int | None = None,
    ) -> Iterator[ContactView]:
        """Goes through `list_contacts`, page by page."""
        skip = 0
        while True:
            page = self.list_contacts(campaign_id, state=state, take=take, skip=skip)
            yield from page.contacts
            skip += len(page.contacts)
            if not page.contacts or skip >= page.total:
                return
