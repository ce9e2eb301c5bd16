"""What may be asked of `follow_ups`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.follow_ups import SplitRequest, SplitView, StepsRequest, StepsView
from trunkline_client.transport import Asking, Json, part


class Follow_UpsOperations(Asking):
    def get_split(self, campaign_id: str) -> SplitView:
        """How the campaign's variants compare: rates with 95 % intervals, and differences."""
        return self._ask(SplitView, "GET", f"/api/v1/campaigns/{part(campaign_id)}/split")

    def replace_split(self, campaign_id: str, body: SplitRequest | Json) -> SplitView:
        """Set the variants of a draft. Of a campaign that was started only `learns` may
        change.
        """
        return self._ask(
            SplitView, "PUT", f"/api/v1/campaigns/{part(campaign_id)}/split", body=body
        )

    def delete_split(self, campaign_id: str) -> None:
        """Take the variants of a draft away."""
        return self._ask(None, "DELETE", f"/api/v1/campaigns/{part(campaign_id)}/split")

    def get_steps(self, campaign_id: str) -> StepsView:
        """What follows the campaign's calls, and how many contacts stand where."""
        return self._ask(StepsView, "GET", f"/api/v1/campaigns/{part(campaign_id)}/steps")

    def replace_steps(self, campaign_id: str, body: StepsRequest | Json) -> StepsView:
        """Set what follows the calls of a draft. Steps go round in no circle."""
        return self._ask(
            StepsView, "PUT", f"/api/v1/campaigns/{part(campaign_id)}/steps", body=body
        )

    def delete_steps(self, campaign_id: str) -> None:
        """Nothing follows the calls of this draft."""
        return self._ask(None, "DELETE", f"/api/v1/campaigns/{part(campaign_id)}/steps")
