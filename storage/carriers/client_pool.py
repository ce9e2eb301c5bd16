"""What asks at each account at the carrier: one client an account, made anew with another token."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

import structlog

from storage.carriers.credentials import Credentials

log = structlog.get_logger(__name__)

#: Longer than any answer is waited for, and than a recording takes to be handed out.
LAST_ANSWERS_SECONDS = 900.0


class Closable(Protocol):
    async def close(self) -> None:
        """Give back connections."""
        ...


Client = TypeVar("Client", bound=Closable)


class ClientPool(Generic[Client]):
    """A former one may still wait for an answer: it is closed a while after its time."""

    def __init__(
        self, make: Callable[[Credentials], Client], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._clock = clock
        self._live: dict[str, tuple[Credentials, Client]] = {}
        #: Since when each has been none that is asked by.
        self._former: list[tuple[float, Client]] = []

    async def of(self, found: Credentials) -> Client:
        """The one of this account, with its newest token."""
        # Only signatures are held to the former token; nobody asks with it.
        by = replace(found, former=None, former_ends_at=None)
        known = self._live.get(found.carrier_account_id)
        if known is not None and known[0] == by:
            return known[1]
        made = self._make(found)
        self._retire(found.carrier_account_id)
        # Before anything is waited for: nobody makes a second one meanwhile.
        self._live[found.carrier_account_id] = by, made
        await self._close_former()
        return made

    async def forget(self, carrier_account_id: str) -> None:
        """The account is removed, or its secret another one."""
        self._retire(carrier_account_id)
        await self._close_former()

    def _retire(self, carrier_account_id: str) -> None:
        gone = self._live.pop(carrier_account_id, None)
        if gone is not None:
            self._former.append((self._clock(), gone[1]))

    async def _close_former(self) -> None:
        """Those that no answer is waited for at; whoever asks for another one is not kept by it."""
        now = self._clock()
        over = [one for at, one in self._former if now - at >= LAST_ANSWERS_SECONDS]
        self._former = [(at, one) for at, one in self._former if now - at < LAST_ANSWERS_SECONDS]
        await _close_all(over)

    async def close(self) -> None:
        """All of them, at the end of the process."""
        every = [one for _, one in (*self._live.values(), *self._former)]
        self._live, self._former = {}, []
        await _close_all(every)


async def _close_all(clients: Sequence[Closable]) -> None:
    """A connection that breaks while it is closed is closed, and keeps nobody from a dial."""
    for one in clients:
        try:
            await one.close()
        except Exception as error:  # whatever it is: it is not wanted any more
            log.warning("carrier_client.not_closed", error=type(error).__name__)
