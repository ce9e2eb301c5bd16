"""What may be asked of `promises`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import AsyncIterator

from trunkline_client.models.promises import (
    OutcomeRequest,
    PromiseFigures,
    PromiseList,
    PromiseRequest,
    PromiseView,
    ReportedCall,
)
from trunkline_client.transport import AsyncAsking, Json, part


class AsyncPromisesOperations(AsyncAsking):
    async def promise_call(self, call_id: str, body: PromiseRequest | Json) -> PromiseView:
        """Promise that the person is called at another time."""
        return await self._ask(
            PromiseView, "POST", f"/api/v1/calls/{part(call_id)}/promise", body=body
        )

    async def report_outcome(self, call_id: str, body: OutcomeRequest | Json) -> ReportedCall:
        """Report what an answered call came to: during the call, or within an hour of its end."""
        return await self._ask(
            ReportedCall, "POST", f"/api/v1/calls/{part(call_id)}/outcome", body=body
        )

    async def list_promises(
        self,
        *,
        all: bool | None = None,
        call_id: str | None = None,
        take: int | None = None,
        cursor: str | None = None,
    ) -> PromiseList:
        """Open promises, the next one first; of one call all there were, the newest first."""
        return await self._ask(
            PromiseList,
            "GET",
            "/api/v1/promises",
            query={"all": all, "callId": call_id, "take": take, "cursor": cursor},
        )

    async def promise_figures(self, *, days: int | None = None) -> PromiseFigures:
        """How many promises were kept and missed, and the share of those kept."""
        return await self._ask(
            PromiseFigures, "GET", "/api/v1/promises/figures", query={"days": days}
        )

    async def iter_promises(
        self, *, all: bool | None = None, call_id: str | None = None, take: int | None = None
    ) -> AsyncIterator[PromiseView]:
        """Goes through `list_promises`, page by page."""
        cursor: str | None = None
        while True:
            page = await self.list_promises(all=all, call_id=call_id, take=take, cursor=cursor)
            for row in page.promises:
                yield row
            cursor = page.next_cursor
            if cursor is None:
                return
