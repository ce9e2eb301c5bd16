"""What may be asked of `campaigns`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator, Sequence

from trunkline_client.models.campaigns import (
    CampaignCopy,
    CampaignCreated,
    CampaignDetail,
    CampaignList,
    CampaignPatch,
    CampaignRequest,
    CampaignStatus,
    CampaignView,
    DuplicateRequest,
    PauseRequest,
    PreflightView,
    RedialRequest,
    StartRequest,
)
from trunkline_client.models.shared import MovesView
from trunkline_client.transport import Asking, Json, new_key, part


class CampaignsOperations(Asking):
    def list_campaigns(
        self,
        *,
        status: Sequence[CampaignStatus] | None = None,
        name: str | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> CampaignList:
        """The account's campaigns, newest first."""
        return self._ask(
            CampaignList,
            "GET",
            "/api/v1/campaigns",
            query={"status": status, "name": name, "skip": skip, "take": take},
        )

    def create_campaign(
        self, body: CampaignRequest | Json, *, idempotency_key: str | None = None
    ) -> CampaignCreated:
        """Create a campaign, a draft until it is started. Contacts may come along or later."""
        return self._ask(
            CampaignCreated,
            "POST",
            "/api/v1/campaigns",
            body=body,
            key=idempotency_key or new_key(),
        )

    def get_campaign(self, campaign_id: str) -> CampaignDetail:
        """One campaign with its progress."""
        return self._ask(CampaignDetail, "GET", f"/api/v1/campaigns/{part(campaign_id)}")

    def change_campaign(self, campaign_id: str, body: CampaignPatch | Json) -> CampaignView:
        """Change the fields that are named, also while it runs."""
        return self._ask(CampaignView, "PATCH", f"/api/v1/campaigns/{part(campaign_id)}", body=body)

    def dry_change_campaign(self, campaign_id: str, body: CampaignPatch | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return self._ask(
            MovesView,
            "PATCH",
            f"/api/v1/campaigns/{part(campaign_id)}",
            query={"dryRun": True},
            body=body,
        )

    def delete_campaign(self, campaign_id: str) -> None:
        """Delete a draft and its contacts."""
        return self._ask(None, "DELETE", f"/api/v1/campaigns/{part(campaign_id)}")

    def preflight_campaign(
        self, campaign_id: str, *, skip: int | None = None, take: int | None = None
    ) -> PreflightView:
        """What would happen if it started now. `skip` and `take` choose the rows that are
        shown.
        """
        return self._ask(
            PreflightView,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/preflight",
            query={"skip": skip, "take": take},
        )

    def start_campaign(
        self, campaign_id: str, body: StartRequest | Json | None = None
    ) -> CampaignView:
        """Start a draft. With a `segment` only matching contacts are called, the others
        dropped.
        """
        return self._ask(
            CampaignView, "POST", f"/api/v1/campaigns/{part(campaign_id)}/start", body=body
        )

    def pause_campaign(
        self, campaign_id: str, body: PauseRequest | Json | None = None
    ) -> CampaignDetail:
        """Dial nobody any more. The answer says what is in flight, and when the last should
        end.
        """
        return self._ask(
            CampaignDetail, "POST", f"/api/v1/campaigns/{part(campaign_id)}/pause", body=body
        )

    def resume_campaign(self, campaign_id: str) -> CampaignView:
        """Go on with a paused campaign."""
        return self._ask(CampaignView, "POST", f"/api/v1/campaigns/{part(campaign_id)}/resume")

    def cancel_campaign(self, campaign_id: str) -> CampaignDetail:
        """End it: waiting and ringing calls are canceled; whoever is on the line is not cut
        off.
        """
        return self._ask(CampaignDetail, "POST", f"/api/v1/campaigns/{part(campaign_id)}/cancel")

    def duplicate_campaign(
        self, campaign_id: str, body: DuplicateRequest | Json | None = None
    ) -> CampaignCopy:
        """A new draft with the same settings and, unless told otherwise, the same contacts."""
        return self._ask(
            CampaignCopy, "POST", f"/api/v1/campaigns/{part(campaign_id)}/duplicate", body=body
        )

    def redial_campaign(self, campaign_id: str, body: RedialRequest | Json) -> CampaignCopy:
        """A new draft with the contacts whose calls ended with the chosen outcomes."""
        return self._ask(
            CampaignCopy, "POST", f"/api/v1/campaigns/{part(campaign_id)}/redial", body=body
        )

    def iter_campaigns(
        self,
        *,
        status: Sequence[CampaignStatus] | None = None,
        name: str | None = None,
        take: int | None = None,
    ) -> Iterator[CampaignView]:
        """Goes through `list_campaigns`, page by page."""
        skip = 0
        while True:
            page = self.list_campaigns(status=status, name=name, take=take, skip=skip)
            yield from page.campaigns
            skip += len(page.campaigns)
            if not page.campaigns or skip >= page.total:
                return
