"""What may be asked of `clearances`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.clearances import CallClearances, ClearanceFigures, ClearancesWanted
from trunkline_client.transport import Asking, part


class ClearancesOperations(Asking):
    def account_clearances(self) -> ClearanceFigures:
        """What requests about numbers the account has made, and their cost."""
        return self._ask(ClearanceFigures, "GET", "/api/v1/account/clearances")

    def call_clearances(self, call_id: str) -> CallClearances:
        """Whether the call's number is cleared to be dialed now, and every request about it."""
        return self._ask(CallClearances, "GET", f"/api/v1/calls/{part(call_id)}/clearances")

    def campaign_clearances(self, campaign_id: str) -> ClearanceFigures:
        """What requests about its numbers a campaign has made, and their cost."""
        return self._ask(
            ClearanceFigures, "GET", f"/api/v1/campaigns/{part(campaign_id)}/clearances"
        )

    def ask_campaign_clearances(
        self, campaign_id: str, *, after: int | None = None
    ) -> ClearancesWanted:
        """Have everything asked now that the agent demands to know of contacts not called yet."""
        return self._ask(
            ClearancesWanted,
            "POST",
            f"/api/v1/campaigns/{part(campaign_id)}/clearances",
            query={"after": after},
        )
