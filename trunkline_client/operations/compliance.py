"""What may be asked of `compliance`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator
from datetime import datetime

from trunkline_client.models.compliance import (
    AcknowledgementRequest,
    AcknowledgementView,
    ComingList,
    Explanation,
    OverlayList,
    OverlayView,
    PrerequisiteList,
    RuleList,
    WaiverList,
    WaiverRequest,
)
from trunkline_client.models.shared import ConsentTier, MovesView, Purpose, WaiverView
from trunkline_client.transport import Asking, Json, part


class ComplianceOperations(Asking):
    def list_coming_rules(self) -> ComingList:
        """Rules that begin or end within a year, and what each day would do to calls that
        wait.
        """
        return self._ask(ComingList, "GET", "/api/v1/compliance/rules/coming")

    def list_prerequisites(self) -> PrerequisiteList:
        """What rules ask of the account itself, such as a registration, and what it has said
        of it.
        """
        return self._ask(PrerequisiteList, "GET", "/api/v1/compliance/prerequisites")

    def add_acknowledgement(self, body: AcknowledgementRequest | Json) -> AcknowledgementView:
        """Say that a prerequisite is met; kept with who said it and when."""
        return self._ask(
            AcknowledgementView, "POST", "/api/v1/compliance/acknowledgements", body=body
        )

    def dry_add_acknowledgement(self, body: AcknowledgementRequest | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "POST",
            "/api/v1/compliance/acknowledgements",
            query={"dryRun": True},
            body=body,
        )

    def withdraw_acknowledgement(self, prerequisite: str) -> AcknowledgementView:
        """Say that it is met no longer. The record is kept, with its end."""
        return self._ask(
            AcknowledgementView,
            "DELETE",
            f"/api/v1/compliance/acknowledgements/{part(prerequisite)}",
        )

    def dry_withdraw_acknowledgement(self, prerequisite: str) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "DELETE",
            f"/api/v1/compliance/acknowledgements/{part(prerequisite)}",
            query={"dryRun": True},
        )

    def explain_call(
        self,
        *,
        endpoint: str,
        agent_id: str,
        at: datetime | str | None = None,
        purpose: Purpose | None = None,
        timezone: str | None = None,
        country: str | None = None,
        postal_code: str | None = None,
        subject: str | None = None,
        recording: bool | None = None,
        consent: ConsentTier | None = None,
    ) -> Explanation:
        """May this person be called, when next, and why: every rule that is looked at, and its
        word.
        """
        return self._ask(
            Explanation,
            "GET",
            "/api/v1/compliance/explain",
            query={
                "endpoint": endpoint,
                "agentId": agent_id,
                "at": at,
                "purpose": purpose,
                "timezone": timezone,
                "country": country,
                "postalCode": postal_code,
                "subject": subject,
                "recording": recording,
                "consent": consent,
            },
        )

    def list_rules(self) -> RuleList:
        """All rules the account is held to: the packs, the operator's own and the account's
        own.
        """
        return self._ask(RuleList, "GET", "/api/v1/compliance/rules")

    def list_overlays(self, *, skip: int | None = None, take: int | None = None) -> OverlayList:
        """The account's own rules and blackouts, newest first, those that were taken away too."""
        return self._ask(
            OverlayList, "GET", "/api/v1/compliance/overlays", query={"skip": skip, "take": take}
        )

    def add_overlay(self, body: Json) -> OverlayView:
        """Add a rule or a blackout of your own: `{"kind": "blackout", "jurisdiction": "US-LA",
        …}`.
        """
        return self._ask(OverlayView, "POST", "/api/v1/compliance/overlays", body=body)

    def dry_add_overlay(self, body: Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView, "POST", "/api/v1/compliance/overlays", query={"dryRun": True}, body=body
        )

    def remove_overlay(self, overlay_id: str) -> OverlayView:
        """Take a rule of your own out of force. It is kept, with the time and by whom."""
        return self._ask(OverlayView, "DELETE", f"/api/v1/compliance/overlays/{part(overlay_id)}")

    def dry_remove_overlay(self, overlay_id: str) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "DELETE",
            f"/api/v1/compliance/overlays/{part(overlay_id)}",
            query={"dryRun": True},
        )

    def list_waivers(self) -> WaiverList:
        """Rules the account is not held to, those of the past too."""
        return self._ask(WaiverList, "GET", "/api/v1/compliance/waivers")

    def add_waiver(self, body: WaiverRequest | Json) -> WaiverView:
        """Waive a rule, for all calls or for some purposes. The reason and the key are kept."""
        return self._ask(WaiverView, "POST", "/api/v1/compliance/waivers", body=body)

    def dry_add_waiver(self, body: WaiverRequest | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView, "POST", "/api/v1/compliance/waivers", query={"dryRun": True}, body=body
        )

    def end_waiver(self, rule: str) -> WaiverView:
        """Be held to a rule again. The waiver is kept, with its end."""
        return self._ask(WaiverView, "DELETE", f"/api/v1/compliance/waivers/{part(rule)}")

    def dry_end_waiver(self, rule: str) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView, "DELETE", f"/api/v1/compliance/waivers/{part(rule)}", query={"dryRun": True}
        )

    def export_attempts(self, *, from_date: datetime | str, to_date: datetime | str) -> bytes:
        """Every dial of a period, as CSV."""
        return self._ask(
            bytes,
            "GET",
            "/api/v1/compliance/exports/attempts.csv",
            query={"fromDate": from_date, "toDate": to_date},
        )

    def export_consents(self, *, from_date: datetime | str, to_date: datetime | str) -> bytes:
        """Every consent that was given or taken back in a period, as CSV."""
        return self._ask(
            bytes,
            "GET",
            "/api/v1/compliance/exports/consents.csv",
            query={"fromDate": from_date, "toDate": to_date},
        )

    def iter_overlays(self, *, take: int | None = None) -> Iterator[OverlayView]:
        """Goes through `list_overlays`, page by page."""
        skip = 0
        while True:
            page = self.list_overlays(take=take, skip=skip)
            yield from page.overlays
            skip += len(page.overlays)
            if not page.overlays or skip >= page.total:
                return
