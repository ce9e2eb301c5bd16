"""What may be asked of `promises`.

Written by tools/client from the OpenAPI document.
"""

from collections.abc import Iterator

from trunkline_client.models.promises import (
    OutcomeRequest,
    PromiseFigures,
    PromiseList,
    PromiseRequest,
    PromiseView,
    ReportedCall,
)
from trunkline_client.transport import Asking, Json, part


class PromisesOperations(Asking):
    def promise_call(self, call_id: str, body: PromiseRequest | Json) -> PromiseView:
        """Promise that the person is called at another time."""
        return self._ask(PromiseView, "POST", f"/api/v1/calls/{part(call_id)}/promise", body=body)

    def report_outcome(self, call_id: str, body: OutcomeRequest | Json) -> ReportedCall:
        """Report what an answered call came to: during the call, or within an hour of its end."""
        return self._ask(ReportedCall, "POST", f"/api/v1/calls/{part(call_id)}/outcome", body=body)

    def list_promises(
        self,
        *,
        all: bool | None = None,
        call_id: str | None = None,
        take: int | None = None,
        cursor: str | None = None,
    ) -> PromiseList:
        """Open promises, the next one first; of one call all there were, the newest first."""
        return self._ask(
            PromiseList,
            "GET",
            "/api/v1/promises",
            query={"all": all, "callId": call_id, "take": take, "cursor": cursor},
        )

    def promise_figures(self, *, days: int | None = None) -> PromiseFigures:
        """How many promises were kept and missed, and the share of those kept."""
        return self._ask(PromiseFigures, "GET", "/api/v1/promises/figures", query={"days": days})

    def iter_promises(
        self, *, all: bool | None = None, call_id: str | None = None, take: int | None = None
    ) -> Iterator[PromiseView]:
        """Goes through `list_promises`, page by page."""
        cursor: str | None = None
        while True:
            page = self.list_promises(all=all, call_id=call_id, take=take, cursor=cursor)
            yield from page.promises
            cursor = page.next_cursor
            if cursor is None:
                return
