"""What a call's or a campaign's workflow is told from outside of it, all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import AsyncActivityHandle, Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.calls import CarrierNews, DialKind, DialResult, NewsKind, TransferRef


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
        """The leg is over, and with it the dial; a workflow that waits for no dial hears of it."""
        if await self._complete_dial(call_id, attempt_number):
            return True
        news = CarrierNews(attempt_number, NewsKind.ENDED)
        return await self._to_call(call_id, names.CARRIER_EVENT, news)

    async def dialer_lost(self, call_id: str, attempt_number: int) -> bool:
        """Nobody carries the dial any more: another worker is to take it up."""
        lost = ApplicationError("the worker was lost", type=names.DIALER_LOST)
        with _unless_gone() as told:
            await self._dial_of(call_id, attempt_number).fail(lost, rpc_timeout=self._rpc_timeout)
        return told.heard

    async def machine(self, call_id: str, attempt_number: int) -> bool:
        return await self.carrier_event(call_id, CarrierNews(attempt_number, NewsKind.MACHINE))

    async def carrier_event(self, call_id: str, news: CarrierNews) -> bool:
        if news.kind is NewsKind.ENDED:
            return await self.ended(call_id, news.attempt_number)
        return await self._to_call(call_id, names.CARRIER_EVENT, news)

    async def put_through(self, call_id: str, transfer_id: str) -> bool:
        """The target of a warm transfer is to be dialed; told again, it changes nothing."""
        return await self._to_call(call_id, names.PUT_THROUGH, TransferRef(call_id, transfer_id))

    async def nudge_campaign(self, campaign_id: str) -> bool:
        """Have the campaign's workflow look at once."""
        return await self._send(names.campaign_workflow_id(campaign_id), names.NUDGE)

    async def _to_call(self, call_id: str, name: str, *args: object) -> bool:
        return await self._send(names.call_workflow_id(call_id), name, *args)

    async def _complete_dial(self, call_id: str, attempt_number: int) -> bool:
        over = DialResult(DialKind.OVER)
        with _unless_gone() as told:
            dial = self._dial_of(call_id, attempt_number)
            await dial.complete(over, rpc_timeout=self._rpc_timeout)
        return told.heard

    def _dial_of(self, call_id: str, attempt_number: int) -> AsyncActivityHandle:
        return self._client.get_async_activity_handle(
            workflow_id=names.call_workflow_id(call_id),
            run_id=None,
            activity_id=names.dial_activity_id(attempt_number),
        )

    async def _send(self, workflow_id: str, name: str, *args: object) -> bool:
        handle = self._client.get_workflow_handle(workflow_id)
        with _unless_gone() as told:
            await handle.signal(name, args=args, rpc_timeout=self._rpc_timeout)
        return told.heard


@dataclass(slots=True)
class _Told:
    heard: bool = False


@contextmanager
def _unless_gone() -> Iterator[_Told]:
    """Whether what is done in it found somebody to tell."""
    told = _Told()
    try:
        yield told
        told.heard = True
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
