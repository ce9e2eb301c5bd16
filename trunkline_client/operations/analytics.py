"""What may be asked of `analytics`.

Written by tools/client from the OpenAPI document.
"""

from datetime import datetime

from trunkline_client.models.analytics import Analytics, BestHours, CallerIds, GroupBy
from trunkline_client.transport import Asking


class AnalyticsOperations(Asking):
    def get_analytics(
        self,
        *,
        skip: int | None = None,
        take: int | None = None,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        timezone: str | None = None,
        group_by: GroupBy | None = None,
        agent_id: str | None = None,
        campaign_id: str | None = None,
    ) -> Analytics:
        """The numbers of a period, at most 366 days, in all and split by `groupBy`."""
        return self._ask(
            Analytics,
            "GET",
            "/api/v1/analytics",
            query={
                "skip": skip,
                "take": take,
                "from": from_,
                "to": to,
                "timezone": timezone,
                "groupBy": group_by,
                "agentId": agent_id,
                "campaignId": campaign_id,
            },
        )

    def export_analytics(
        self,
        *,
        from_: datetime | str | None = None,
        to: datetime | str | None = None,
        timezone: str | None = None,
        group_by: GroupBy | None = None,
        agent_id: str | None = None,
        campaign_id: str | None = None,
    ) -> bytes:
        """The same as CSV: a line for each group, or one for all of the period."""
        return self._ask(
            bytes,
            "GET",
            "/api/v1/analytics.csv",
            query={
                "from": from_,
                "to": to,
                "timezone": timezone,
                "groupBy": group_by,
                "agentId": agent_id,
                "campaignId": campaign_id,
            },
        )

    def get_best_hours(
        self, *, agent_id: str | None = None, jurisdiction: str | None = None
    ) -> BestHours:
        """At which hours of the week, on their own clocks, people have answered best of late."""
        return self._ask(
            BestHours,
            "GET",
            "/api/v1/analytics/best-hours",
            query={"agentId": agent_id, "jurisdiction": jurisdiction},
        )

    def get_caller_ids(self) -> CallerIds:
        """Which caller IDs are answered less than they were, further than chance would have
        it.
        """
        return self._ask(CallerIds, "GET", "/api/v1/analytics/caller-ids")
