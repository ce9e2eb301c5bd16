"""What asks at each account at the carrier: one client an account, made anew with another token."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from storage.carriers.credentials import Credentials

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
        if known is None or known[0] != by:
            await self.forget(found.carrier_account_id)
            known = self._live[found.carrier_account_id] = by, self._make(found)
        return known[1]

    async def forget(self, carrier_account_id: str) -> None:
        """The account is removed, or its secret another one."""
        gone, now = self._live.pop(carrier_account_id, None), self._clock()
        if gone is not None:
            self._former.append((now, gone[1]))
        over = [one for at, one in self._former if now - at >= LAST_ANSWERS_SECONDS]
        self._former = [(at, one) for at, one in self._former if now - at < LAST_ANSWERS_SECONDS]
        for one in over:
            await one.close()

    async def close(self) -> None:
        """All of them, at the end of the process."""
        every = [one for _, one in (*self._live.values(), *self._former)]
        self._live, self._former = {}, []
        for one in every:
            await one.close()
