"""What a call's workflow does for a warm transfer: one leg is dialed, and looked after."""

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from contracts import activities as do
    from contracts import names
    from contracts.calls import TransferRef

from workflows import options


class WarmTransfers:
    """Of one call, each once, beside whatever else the workflow does."""

    def __init__(self) -> None:
        self._transfers: set[str] = set()

    @workflow.signal(name=names.PUT_THROUGH)
    async def put_through(self, ref: TransferRef) -> None:
        """Dial the target and attend to it. Nothing that fails here may end the workflow."""
        if ref.transfer_id in self._transfers:
            return
        self._transfers.add(ref.transfer_id)
        for step, how in (
            (do.dial_target, options.DIAL_TARGET),
            # Also where the dial failed: what became of it is in the ledger.
            (do.attend_transfer, options.ATTEND_TRANSFER),
        ):
            try:
                await workflow.execute_activity(step, ref, **how)
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("a step of a warm transfer failed")
