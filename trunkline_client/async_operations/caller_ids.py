"""What may be asked of `caller_ids`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator

from trunkline_client.models.caller_ids import (
    CallerIdStandings,
    CallerIdStandingView,
    ImportRequest,
    ImportView,
    ListedNumbers,
    ListedNumberView,
)
from trunkline_client.transport import AsyncAsking, Json


class AsyncCaller_IdsOperations(AsyncAsking):
    async def list_caller_ids(
        self, *, skip: int | None = None, take: int | None = None
    ) -> CallerIdStandings:
        """The caller IDs of the account's agents, each with its standing at the carrier."""
        return await self._ask(
            CallerIdStandings, "GET", "/api/v1/caller-ids", query={"skip": skip, "take": take}
        )

    async def list_carrier_numbers(
        self,
        *,
        carrier_account_id: str | None = None,
        skip: int | None = None,
        take: int | None = None,
    ) -> ListedNumbers:
        """The numbers that an account at the carrier may show, as they were imported last."""
        return await self._ask(
            ListedNumbers,
            "GET",
            "/api/v1/caller-ids/listed",
            query={"carrierAccountId": carrier_account_id, "skip": skip, "take": take},
        )

    async def import_caller_ids(self, body: ImportRequest | Json) -> ImportView:
        """Ask the carrier for its list now; from then on it is asked again once a day."""
        return await self._ask(ImportView, "POST", "/api/v1/caller-ids/import", body=body)

    async def iter_caller_ids(
        self, *, take: int | None = None
    ) -> AsyncIterator[CallerIdStandingView]:
        """Goes through `list_caller_ids`, page by page."""
        skip = 0
        while True:
            page = await self.list_caller_ids(take=take, skip=skip)
            for row in page.caller_ids:
                yield row
            skip += len(page.caller_ids)
            if not page.caller_ids or skip >= page.total:
                return

    async def iter_carrier_numbers(
        self, *, carrier_account_id: str | None = None, take: int | None = None
    ) -> AsyncIterator[ListedNumberView]:
        """Goes through `list_carrier_numbers`, page by page."""
        skip = 0
        while True:
            page = await self.list_carrier_numbers(
                carrier_account_id=carrier_account_id, take=take, skip=skip
            )
            for row in page.numbers:
                yield row
            skip += len(page.numbers)
            if not page.numbers or skip >= page.total:
                return
