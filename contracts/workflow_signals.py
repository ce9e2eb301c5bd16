"""The signals that a call's or a campaign's workflow is sent from outside of it, all of them."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.calls import CarrierNews, NewsKind


class WorkflowSignals:
    """False means that no workflow is there to hear it; other errors are the SDK's."""

    def __init__(self, client: Client, rpc_timeout: timedelta | None = None) -> None:
        self._client = client
        self._rpc_timeout = rpc_timeout

    async def cancel(self, call_id: str) -> bool:
        return await self._to_call(call_id, names.CANCEL)

    async def replan(self, call_id: str) -> bool:
        return await self._to_call(call_id, names.REPLAN)

    async def slot_granted(self, call_id: str) -> bool:
        return await self._to_call(call_id, names.SLOT_GRANTED)

    async def ended(self, call_id: str, attempt_number: int) -> bool:
        return await self.carrier_event(call_id, CarrierNews(attempt_number, NewsKind.ENDED))

    async def machine(self, call_id: str, attempt_number: int) -> bool:
        return await self.carrier_event(call_id, CarrierNews(attempt_number, NewsKind.MACHINE))

    async def carrier_event(self, call_id: str, news: CarrierNews) -> bool:
        return await self._to_call(call_id, names.CARRIER_EVENT, news)

    async def nudge_campaign(self, campaign_id: str) -> bool:
        """Have the campaign's workflow look at once."""
        return await self._send(names.campaign_workflow_id(campaign_id), names.NUDGE)

    async def _to_call(self, call_id: str, name: str, *args: object) -> bool:
        return await self._send(names.call_workflow_id(call_id), name, *args)

    async def _send(self, workflow_id: str, name: str, *args: object) -> bool:
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            await handle.signal(name, args=args, rpc_timeout=self._rpc_timeout)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True
