"""What may be asked of `analytics`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator
from datetime import datetime

from trunkline_client.models.analytics import (
    Analytics,
    BestHours,
    CallerIds,
    CallerIdStandings,
    CallerIdStandingView,
    GroupBy,
    ImportRequest,
    ImportView,
    ListedNumbers,
    ListedNumberView,
    NumberWatchView,
    ReturnRequest,
)
from trunkline_client.transport import Asking, Json


class AnalyticsOperations(Asking):
    def list_caller_ids(
        self, *, skip: int | None = None, take: int | None = None
    ) -> CallerIdStandings:
        """The caller IDs of the account's agents, each with its standing at the carrier."""
        return self._ask(
            CallerIdStandings, "GET", "/api/v1/caller-ids", query={"skip": skip, "take": take}
        )

    def list_carrier_numbers(
        self,
        *,
        carrier_account_id: str | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> ListedNumbers:
        """The numbers that an account at the carrier may show, as they were imported last."""
        return self._ask(
            ListedNumbers,
            "GET",
            "/api/v1/caller-ids/listed",
            query={"carrierAccountId": carrier_account_id, "skip": skip, "take": take},
        )

    def import_caller_ids(self, body: ImportRequest | Json) -> ImportView:
        """Ask the carrier for its list now; from then on it is asked again once a day."""
        return self._ask(ImportView, "POST", "/api/v1/caller-ids/import", body=body)

    def return_caller_id(self, body: ReturnRequest | Json) -> NumberWatchView:
        """Try a number that is rested again now: it is on probation, shown to some of its
        people.
        """
        return self._ask(NumberWatchView, "POST", "/api/v1/caller-ids/return", body=body)

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

    def iter_caller_ids(self, *, take: int | None = None) -> Iterator[CallerIdStandingView]:
        """Goes through `list_caller_ids`, page by page."""
        skip = 0
        while True:
            page = self.list_caller_ids(take=take, skip=skip)
            yield from page.caller_ids
            skip += len(page.caller_ids)
            if not page.caller_ids or skip >= page.total:
                return

    def iter_carrier_numbers(
        self, *, carrier_account_id: str | None = None, take: int | None = None
    ) -> Iterator[ListedNumberView]:
        """Goes through `list_carrier_numbers`, page by page."""
        skip = 0
        while True:
            page = self.list_carrier_numbers(
                carrier_account_id=carrier_account_id, take=take, skip=skip
            )
            yield from page.numbers
            skip += len(page.numbers)
            if not page.numbers or skip >= page.total:
                return
