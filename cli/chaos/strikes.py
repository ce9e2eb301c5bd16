"""A blow carried out on a running stack, and how long the stack takes to be well again."""

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass

import httpx2

from cli.chaos.plan import Blow, BlowKind
from cli.chaos.postgres import Postgres
from cli.chaos.relay import Relay
from cli.dev_stack.stack import Stack

#: Whatever is not well by then never will be.
PATIENCE = 120.0
_LOOK_SECONDS = 0.1
_LOCK_TRIES_SECONDS = 10.0
_BACK_SECONDS = 30.0


@dataclass(frozen=True)
class Struck:
    """`recovered`: seconds from the blow's end until all is well; None: it never was.

    `landed`: there was something to strike. What is down already cannot be killed.
    """

    blow: Blow
    recovered: float | None
    landed: bool = True


class Striker:
    """Knows the ways to each part: the processes of the stack, the relays, the database."""

    def __init__(
        self,
        stack: Stack,
        http: httpx2.AsyncClient,
        relays: dict[str, Relay],
        postgres: Postgres | None,
    ) -> None:
        self._stack = stack
        self._http = http
        self._relays = relays
        self._postgres = postgres

    async def strike(self, blow: Blow) -> Struck:
        """Carry it out, and wait until all is well."""
        before = await self._pid(blow.part)
        landed = await self._carry_out(blow, before)
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            replaced = blow.kind is not BlowKind.KILL or self._is_replaced(blow.part, before)
            if replaced and await self.all_is_well():
                return Struck(blow, round(time.monotonic() - began, 2), landed)
            await asyncio.sleep(_LOOK_SECONDS)
        return Struck(blow, None, landed)

    async def _pid(self, part: str) -> int | None:
        """Of its process; one that has just died by itself is waited for until it is back."""
        began = time.monotonic()
        while (found := self._stack.pids().get(part)) is None and part != "database":
            if time.monotonic() - began >= _BACK_SECONDS:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return found

    async def all_is_well(self) -> bool:
        """Whether the carrier and the API answer, and the API lacks nothing that it needs."""
        site = self._stack.site
        try:
            carrier = await self._http.get(f"{site.carrier_url}/_sim/faults", timeout=5)
            ready = await self._http.get(f"{site.api_url}/readyz", timeout=5)
        except httpx2.HTTPError:
            return False
        return carrier.status_code == ready.status_code == 200

    def _is_replaced(self, part: str, before: int | None) -> bool:
        return part == "database" or self._stack.pids().get(part) not in (None, before)

    async def _carry_out(self, blow: Blow, pid: int | None) -> bool:
        """False: there was nothing to strike."""
        if blow.part == "database":
            await self._strike_database(blow)
        elif blow.kind is BlowKind.CUT:
            await self._cut(blow)
        else:
            return pid is not None and await _strike_process(blow, pid)
        return True

    async def _cut(self, blow: Blow) -> None:
        relay = self._relays[blow.part]
        relay.shut()
        await asyncio.sleep(blow.seconds)
        relay.reopen()

    async def _strike_database(self, blow: Blow) -> None:
        if self._postgres is None:
            await _hold_lock(str(self._stack.site.data.path / "trunkline.db"), blow.seconds)
        elif blow.kind is BlowKind.KILL:
            await self._postgres.kill()
        elif blow.kind is BlowKind.END_SESSIONS:
            await self._postgres.end_sessions()
        elif blow.kind is BlowKind.READ_ONLY:
            await self._postgres.set_read_only(True)
            await asyncio.sleep(blow.seconds)
            await self._postgres.set_read_only(False)
        else:
            await self._cut(blow)


async def _strike_process(blow: Blow, pid: int) -> bool:
    """False: it was gone."""
    try:
        if blow.kind is BlowKind.KILL:
            os.kill(pid, signal.SIGKILL)
            return True
        os.kill(pid, signal.SIGSTOP)
    except ProcessLookupError:
        return False
    try:
        await asyncio.sleep(blow.seconds)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    return True


async def _hold_lock(path: str, seconds: float) -> None:
    connection = sqlite3.connect(path, timeout=_LOCK_TRIES_SECONDS, check_same_thread=False)
    connection.isolation_level = None
    try:
        await asyncio.to_thread(connection.execute, "BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        connection.execute("ROLLBACK")
    finally:
        connection.close()
