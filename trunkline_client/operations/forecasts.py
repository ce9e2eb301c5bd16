"""What may be asked of `forecasts`.

Written by tools/client from the OpenAPI document.
"""

from trunkline_client.models.forecasts import ForecastRequest, ForecastView
from trunkline_client.transport import Asking, Json, part


class ForecastsOperations(Asking):
    def forecast_campaign(
        self, campaign_id: str, body: ForecastRequest | Json | None = None
    ) -> ForecastView:
        """What it would come to, by its real contacts, rules and caps: when it ends, how it
        ends, what it costs, what it misses. Nothing is changed. The same request gives the
        same answer.
        """
        return self._ask(
            ForecastView, "POST", f"/api/v1/campaigns/{part(campaign_id)}/forecast", body=body
        )
