"""Telling a call's workflow what the carrier told us, and only what changes its path."""

from collections.abc import Sequence

import structlog

from api.temporal_client import NotRunning, TemporalAway, WorkflowGateway
from contracts.calls import CarrierNews

log = structlog.get_logger("trunkline.api")

_MOST_OWED = 10_000


class WorkflowNotifier:
    """Signals each piece of news once; what could not be told is owed until the carrier's repeat.

    The ledger is committed before anything is told. If this process dies owing, the worker's
    watch finds the change in the ledger.
    """

    def __init__(self, gateway: WorkflowGateway) -> None:
        self._gateway = gateway
        self._owed: dict[str, list[CarrierNews]] = {}

    async def tell(self, call_id: str, fresh: Sequence[CarrierNews]) -> None:
        """Signal what is owed and what is fresh, in this order; raises TemporalAway."""
        todo = list(dict.fromkeys([*self._owed.pop(call_id, ()), *fresh]))
        while todo:
            try:
                await self._gateway.carrier_event(call_id, todo[0])
            except TemporalAway:
                self._owe(call_id, todo)
                raise
            except NotRunning:
                log.info("news_for_closed_call", call_id=call_id)
                return
            del todo[0]

    async def put_through(self, call_id: str, transfer_id: str) -> None:
        """The target of a warm transfer is to be dialed. Whoever waits for it asks again soon, and
        then it is told again.
        """
        try:
            await self._gateway.put_through(call_id, transfer_id)
        except (TemporalAway, NotRunning) as error:
            log.warning("put_through", call_id=call_id, why=type(error).__name__)

    def _owe(self, call_id: str, news: list[CarrierNews]) -> None:
        self._owed[call_id] = list(dict.fromkeys([*self._owed.get(call_id, ()), *news]))
        while len(self._owed) > _MOST_OWED:
            del self._owed[next(iter(self._owed))]
