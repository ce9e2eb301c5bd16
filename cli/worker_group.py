"""Several workers under one parent, which ends with them."""

import asyncio
import os
import signal

from cli.dev_stack.processes import (
    Program,
    with_sources,
    worker_command,
    worker_environment,
    worker_names,
)
from cli.dev_stack.supervisor import Supervisor
from cli.errors import say


class WorkerGroup:
    """One that dies is started again, and that is said; one that cannot start ends all."""

    def __init__(
        self, count: int, command: tuple[str, ...] | None = None, *, metrics_address: str = ""
    ) -> None:
        environment = with_sources(os.environ)
        self._supervisors = [
            Supervisor(
                Program(
                    name,
                    command or worker_command(),
                    worker_environment(environment, place, metrics_address),
                ),
                None,
                changed=lambda: None,
                say=say,
                gives_up=True,
            )
            for place, name in enumerate(worker_names(count), 1)
        ]
        self._told_to_end = asyncio.Event()

    @property
    def pids(self) -> list[int]:
        """The processes that run now."""
        return [one.pid for one in self._supervisors if one.pid is not None]

    async def run(self) -> int:
        """Until SIGTERM or SIGINT, which is passed on; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end)
        for one in self._supervisors:
            one.start()
        await self._until_end()
        await asyncio.gather(*(one.stop() for one in self._supervisors))
        # Code 0 is no success where nobody told it to end.
        codes = [one.given_up or 1 for one in self._supervisors if one.given_up is not None]
        return max(codes, default=0)

    def end(self) -> None:
        """Told a second time, it does not wait for them."""
        if self._told_to_end.is_set():
            for one in self._supervisors:
                one.kill()
        self._told_to_end.set()

    async def _until_end(self) -> None:
        waits = [one.wait() for one in self._supervisors] + [self._told()]
        tasks = [asyncio.create_task(one) for one in waits]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()

    async def _told(self) -> None:
        await self._told_to_end.wait()
