"""What may be asked of `campaigns`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator, Sequence

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
from trunkline_client.transport import AsyncAsking, Json, new_key, part


class AsyncCampaignsOperations(AsyncAsking):
    async def list_campaigns(
        self,
        *,
        status: Sequence[CampaignStatus] | None = None,
        name: str | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> CampaignList:
        """The account's campaigns, newest first."""
        return await self._ask(
            CampaignList,
            "GET",
            "/api/v1/campaigns",
            query={"status": status, "name": name, "skip": skip, "take": take},
        )

    async def create_campaign(
        self, body: CampaignRequest | Json, *, idempotency_key: str | None = None
    ) -> CampaignCreated:
        """Create a campaign, a draft until it is started. Contacts may come along or later."""
        return await self._ask(
            CampaignCreated,
            "POST",
            "/api/v1/campaigns",
            body=body,
            key=idempotency_key or new_key(),
        )

    async def get_campaign(self, campaign_id: str) -> CampaignDetail:
        """One campaign with its progress."""
        return await self._ask(CampaignDetail, "GET", f"/api/v1/campaigns/{part(campaign_id)}")

    async def change_campaign(self, campaign_id: str, body: CampaignPatch | Json) -> CampaignView:
        """Change the fields that are named, also while it runs."""
        return await self._ask(
            CampaignView, "PATCH", f"/api/v1/campaigns/{part(campaign_id)}", body=body
        )

    async def dry_change_campaign(self, campaign_id: str, body: CampaignPatch | Json) -> MovesView:
        """As a dry run: nothing is changed, and said which waiting calls would move."""
        return await self._ask(
            MovesView,
            "PATCH",
            f"/api/v1/campaigns/{part(campaign_id)}",
            query={"dryRun": True},
            body=body,
        )

    async def delete_campaign(self, campaign_id: str) -> None:
        """Delete a draft and its contacts."""
        return await self._ask(None, "DELETE", f"/api/v1/campaigns/{part(campaign_id)}")

    async def preflight_campaign(
        self, campaign_id: str, *, skip: int | None = None, take: int | None = None
    ) -> PreflightView:
        """What would happen if it started now. `skip` and `take` choose the rows that are
        shown.
        """
        return await self._ask(
            PreflightView,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/preflight",
            query={"skip": skip, "take": take},
        )

    async def start_campaign(
        self, campaign_id: str, body: StartRequest | Json | None = None
    ) -> CampaignView:
        """Start a draft. With a `segment` only matching contacts are called, the others
        dropped.
        """
        return await self._ask(
            CampaignView, "POST", f"/api/v1/campaigns/{part(campaign_id)}/start", body=body
        )

    async def pause_campaign(
        self, campaign_id: str, body: PauseRequest | Json | None = None
    ) -> CampaignDetail:
        """Dial nobody any more. The answer says what is in flight, and when the last should
        end.
        """
        return await self._ask(
            CampaignDetail, "POST", f"/api/v1/campaigns/{part(campaign_id)}/pause", body=body
        )

    async def resume_campaign(self, campaign_id: str) -> CampaignView:
        """Go on with a paused campaign."""
        return await self._ask(
            CampaignView, "POST", f"/api/v1/campaigns/{part(campaign_id)}/resume"
        )

    async def cancel_campaign(self, campaign_id: str) -> CampaignDetail:
        """End it: waiting and ringing calls are canceled; whoever is on the line is not cut
        off.
        """
        return await self._ask(
            CampaignDetail, "POST", f"/api/v1/campaigns/{part(campaign_id)}/cancel"
        )

    async def duplicate_campaign(
        self, campaign_id: str, body: DuplicateRequest | Json | None = None
    ) -> CampaignCopy:
        """A new draft with the same settings and, unless told otherwise, the same contacts."""
        return await self._ask(
            CampaignCopy, "POST", f"/api/v1/campaigns/{part(campaign_id)}/duplicate", body=body
        )

    async def redial_campaign(self, campaign_id: str, body: RedialRequest | Json) -> CampaignCopy:
        """A new draft with the contacts whose calls ended with the chosen outcomes."""
        return await self._ask(
            CampaignCopy, "POST", f"/api/v1/campaigns/{part(campaign_id)}/redial", body=body
        )

    async def iter_campaigns(
        self,
        *,
        status: Sequence[CampaignStatus] | None = None,
        name: str | None = None,
        take: int | None = None,
    ) -> AsyncIterator[CampaignView]:
        """Goes through `list_campaigns`, page by page."""
        skip = 0
        while True:
            page = await self.list_campaigns(status=status, name=name, take=take, skip=skip)
            for row in page.campaigns:
                yield row
            skip += len(page.campaigns)
            if not page.campaigns or skip >= page.total:
                return
