"""The one alarm clock of a workflow."""

import asyncio
from datetime import datetime

from temporalio import workflow


class Alarm:
    """Rings once at the instant it was set to; setting it anew forgets the old one.

    It is left running when the workflow ends: cancelling a timer costs a history event.
    """

    def __init__(self) -> None:
        self.rang = False
        self._timer: asyncio.Task[None] | None = None

    def set(self, at: datetime | None) -> None:
        """Ring at `at` (at once if it is past); None means never."""
        if self._timer is not None:
            self._timer.cancel()
        self.rang = False
        self._timer = None if at is None else asyncio.create_task(self._ring(at))

    async def _ring(self, at: datetime) -> None:
        await asyncio.sleep(max(0.0, (at - workflow.now()).total_seconds()))
        self.rang = True
