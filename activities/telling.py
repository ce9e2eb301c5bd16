"""Saying something to a call's workflow from outside of it."""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.calls import CarrierNews, NewsKind


class Teller:
    """Signals to calls. False means that no workflow is there to hear it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def cancel(self, call_id: str) -> bool:
        return await self._signal(call_id, names.CANCEL)

    async def replan(self, call_id: str) -> bool:
        return await self._signal(call_id, names.REPLAN)

    async def slot_granted(self, call_id: str) -> bool:
        return await self._signal(call_id, names.SLOT_GRANTED)

    async def ended(self, call_id: str, attempt_number: int) -> bool:
        news = CarrierNews(attempt_number, NewsKind.ENDED)
        return await self._signal(call_id, names.CARRIER_EVENT, [news])

    async def machine(self, call_id: str, attempt_number: int) -> bool:
        news = CarrierNews(attempt_number, NewsKind.MACHINE)
        return await self._signal(call_id, names.CARRIER_EVENT, [news])

    async def _signal(self, call_id: str, name: str, args: list[object] | None = None) -> bool:
        handle = self._client.get_workflow_handle(names.call_workflow_id(call_id))
        try:
            await handle.signal(name, args=args or [])
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True
