"""What may be asked of `transfers`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator

from trunkline_client.models.transfers import (
    AbandonmentView,
    TransferFigures,
    TransferList,
    TransferRequest,
    TransferTargetList,
    TransferTargetPatch,
    TransferTargetRequest,
    TransferTargetView,
    TransferView,
)
from trunkline_client.transport import AsyncAsking, Json, part


class AsyncTransfersOperations(AsyncAsking):
    async def list_transfer_targets(
        self, *, skip: int | None = None, take: int | None = None
    ) -> TransferTargetList:
        """The account's targets by name, and whether somebody is there now."""
        return await self._ask(
            TransferTargetList,
            "GET",
            "/api/v1/transfer-targets",
            query={"skip": skip, "take": take},
        )

    async def create_transfer_target(
        self, body: TransferTargetRequest | Json
    ) -> TransferTargetView:
        """Create a target, by a name that pathways use. Premium numbers are refused."""
        return await self._ask(TransferTargetView, "POST", "/api/v1/transfer-targets", body=body)

    async def get_transfer_target(self, target_id: str) -> TransferTargetView:
        """One target."""
        return await self._ask(
            TransferTargetView, "GET", f"/api/v1/transfer-targets/{part(target_id)}"
        )

    async def change_transfer_target(
        self, target_id: str, body: TransferTargetPatch | Json
    ) -> TransferTargetView:
        """Change the fields that are named; whoever is put through next is by them."""
        return await self._ask(
            TransferTargetView, "PATCH", f"/api/v1/transfer-targets/{part(target_id)}", body=body
        )

    async def delete_transfer_target(self, target_id: str) -> None:
        """Delete a target. Pathways that name it go on as if nobody were reached."""
        return await self._ask(None, "DELETE", f"/api/v1/transfer-targets/{part(target_id)}")

    async def list_transfers(
        self, *, call_id: str | None = None, take: int | None = None
    ) -> TransferList:
        """The newest transfers; of one call all, in their order."""
        return await self._ask(
            TransferList, "GET", "/api/v1/transfers", query={"callId": call_id, "take": take}
        )

    async def transfer_figures(
        self, *, days: int | None = None, campaign_id: str | None = None
    ) -> TransferFigures:
        """How many transfers were asked for, connected and missed, and how many calls
        abandoned.
        """
        return await self._ask(
            TransferFigures,
            "GET",
            "/api/v1/transfers/figures",
            query={"days": days, "campaignId": campaign_id},
        )

    async def transfer_call(self, call_id: str, body: TransferRequest | Json) -> TransferView:
        """Have the callee put through, as the AI agent that talks to them."""
        return await self._ask(
            TransferView, "POST", f"/api/v1/calls/{part(call_id)}/transfer", body=body
        )

    async def get_abandonment(self, campaign_id: str) -> AbandonmentView:
        """How near the campaign is to the limits of abandoned calls, and what it is held to."""
        return await self._ask(
            AbandonmentView, "GET", f"/api/v1/campaigns/{part(campaign_id)}/abandonment"
        )

    async def iter_transfer_targets(
        self, *, take: int | None = None
    ) -> AsyncIterator[TransferTargetView]:
        """Goes through `list_transfer_targets`, page by page."""
        skip = 0
        while True:
            page = await self.list_transfer_targets(take=take, skip=skip)
            for row in page.targets:
                yield row
            skip += len(page.targets)
            if not page.targets or skip >= page.total:
                return
