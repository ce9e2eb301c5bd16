"""What may be asked of `suppressions`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator
from datetime import datetime

from trunkline_client.models.shared import ConsentTier, ConsentView, MovesView, SuppressionView
from trunkline_client.models.suppressions import (
    ConsentList,
    ConsentRequest,
    Imported,
    RegistryImported,
    RegistryList,
    ReviewList,
    ReviewRequest,
    ReviewView,
    RevocationRequest,
    SuppressionAdded,
    SuppressionList,
    SuppressionRequest,
    SuppressionsImported,
)
from trunkline_client.transport import Asking, Content, Json, part


class SuppressionsOperations(Asking):
    def list_reviews(self, *, skip: int | None = None, take: int | None = None) -> ReviewList:
        """Texts that nobody has read yet, the oldest first."""
        return self._ask(
            ReviewList, "GET", "/api/v1/suppressions/reviews", query={"skip": skip, "take": take}
        )

    def decide_review(self, review_id: str, body: ReviewRequest | Json) -> ReviewView:
        """Say what a text meant: an opt-out, or nothing of the kind. The waiting calls are
        told.
        """
        return self._ask(
            ReviewView, "POST", f"/api/v1/suppressions/reviews/{part(review_id)}", body=body
        )

    def list_suppressions(
        self,
        *,
        in_force: bool | None = None,
        skip: int | None = None,
        take: int | None = None,
        endpoint: str | None = None,
    ) -> SuppressionList:
        """The do-not-call list, newest first. Entries that were taken back stay in it."""
        return self._ask(
            SuppressionList,
            "GET",
            "/api/v1/suppressions",
            query={"inForce": in_force, "skip": skip, "take": take, "endpoint": endpoint},
        )

    def add_suppression(self, body: SuppressionRequest | Json) -> SuppressionAdded:
        """Put a number on the do-not-call list. The waiting calls that it ends are told at
        once.
        """
        return self._ask(SuppressionAdded, "POST", "/api/v1/suppressions", body=body)

    def dry_add_suppression(self, body: SuppressionRequest | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView, "POST", "/api/v1/suppressions", query={"dryRun": True}, body=body
        )

    def import_suppressions(
        self,
        file: Content,
        *,
        phone_column: str | None = None,
        default_country: str | None = None,
        content_type: str = "text/csv",
    ) -> SuppressionsImported:
        """Put every number of a CSV or XLSX file on the list, for all calls. A bad row is left
        out.
        """
        return self._ask(
            SuppressionsImported,
            "POST",
            "/api/v1/suppressions/import",
            query={"phoneColumn": phone_column, "defaultCountry": default_country},
            file=file,
            content_type=content_type,
        )

    def list_registries(self) -> RegistryList:
        """The do-not-call registries that were imported, and how old they are."""
        return self._ask(RegistryList, "GET", "/api/v1/suppressions/registries")

    def import_registry(
        self,
        registry: str,
        file: Content,
        *,
        scrubbed_time: datetime | str,
        keep: bool | None = None,
        allow_empty: bool | None = None,
        phone_column: str | None = None,
        default_country: str | None = None,
        content_type: str = "text/csv",
    ) -> RegistryImported:
        """Import a registry, or those of its numbers that concern you, from a CSV or XLSX
        file.
        """
        return self._ask(
            RegistryImported,
            "PUT",
            f"/api/v1/suppressions/registries/{part(registry)}",
            query={
                "scrubbedTime": scrubbed_time,
                "keep": keep,
                "allowEmpty": allow_empty,
                "phoneColumn": phone_column,
                "defaultCountry": default_country,
            },
            file=file,
            content_type=content_type,
        )

    def get_suppression(self, suppression_id: str) -> SuppressionView:
        """One entry."""
        return self._ask(SuppressionView, "GET", f"/api/v1/suppressions/{part(suppression_id)}")

    def remove_suppression(self, suppression_id: str) -> SuppressionView:
        """Take an entry back. It is kept, with the time and by whom. An erased person's stays."""
        return self._ask(SuppressionView, "DELETE", f"/api/v1/suppressions/{part(suppression_id)}")

    def dry_remove_suppression(self, suppression_id: str) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "DELETE",
            f"/api/v1/suppressions/{part(suppression_id)}",
            query={"dryRun": True},
        )

    def list_consents(
        self, *, skip: int | None = None, take: int | None = None, endpoint: str | None = None
    ) -> ConsentList:
        """Consents, newest first, revoked and expired ones included."""
        return self._ask(
            ConsentList,
            "GET",
            "/api/v1/consents",
            query={"skip": skip, "take": take, "endpoint": endpoint},
        )

    def add_consent(self, body: ConsentRequest | Json) -> ConsentView:
        """Record that a person agreed. Consents are evidence: they are never changed."""
        return self._ask(ConsentView, "POST", "/api/v1/consents", body=body)

    def dry_add_consent(self, body: ConsentRequest | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(MovesView, "POST", "/api/v1/consents", query={"dryRun": True}, body=body)

    def import_consents(
        self,
        file: Content,
        *,
        tier: ConsentTier,
        method: str,
        phone_column: str | None = None,
        default_country: str | None = None,
        content_type: str = "text/csv",
    ) -> Imported:
        """Record the same consent for every number of a CSV or XLSX file."""
        return self._ask(
            Imported,
            "POST",
            "/api/v1/consents/import",
            query={
                "tier": tier,
                "method": method,
                "phoneColumn": phone_column,
                "defaultCountry": default_country,
            },
            file=file,
            content_type=content_type,
        )

    def get_consent(self, consent_id: str) -> ConsentView:
        """One consent."""
        return self._ask(ConsentView, "GET", f"/api/v1/consents/{part(consent_id)}")

    def revoke_consent(self, consent_id: str, body: RevocationRequest | Json) -> ConsentView:
        """Take a consent back. Waiting calls that rest on it are told at once."""
        return self._ask(
            ConsentView, "POST", f"/api/v1/consents/{part(consent_id)}/revoke", body=body
        )

    def dry_revoke_consent(self, consent_id: str, body: RevocationRequest | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "POST",
            f"/api/v1/consents/{part(consent_id)}/revoke",
            query={"dryRun": True},
            body=body,
        )

    def iter_reviews(self, *, take: int | None = None) -> Iterator[ReviewView]:
        """Goes through `list_reviews`, page by page."""
        skip = 0
        while True:
            page = self.list_reviews(take=take, skip=skip)
            yield from page.reviews
            skip += len(page.reviews)
            if not page.reviews or skip >= page.total:
                return

    def iter_suppressions(
        self, *, in_force: bool | None = None, take: int | None = None, endpoint: str | None = None
    ) -> Iterator[SuppressionView]:
        """Goes through `list_suppressions`, page by page."""
        skip = 0
        while True:
            page = self.list_suppressions(
                in_force=in_force, take=take, endpoint=endpoint, skip=skip
            )
            yield from page.suppressions
            skip += len(page.suppressions)
            if not page.suppressions or skip >= page.total:
                return

    def iter_consents(
        self, *, take: int | None = None, endpoint: str | None = None
    ) -> Iterator[ConsentView]:
        """Goes through `list_consents`, page by page."""
        skip = 0
        while True:
            page = self.list_consents(take=take, endpoint=endpoint, skip=skip)
            yield from page.consents
            skip += len(page.consents)
            if not page.consents or skip >= page.total:
                return
