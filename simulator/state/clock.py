"""Simulated time: sleeps shorten as the speed rises, also those already begun."""

import asyncio
import time


class Clock:
    """Counts simulated seconds from its creation, `speed` of them per real second."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._simulated = 0.0
        self._real = time.monotonic()
        self._sleepers: set[asyncio.Future[None]] = set()

    def now(self) -> float:
        """Simulated seconds since the clock was made."""
        return self._simulated + (time.monotonic() - self._real) * self.speed

    @staticmethod
    def wall() -> float:
        """Real time, in seconds since the epoch: what dates on the wire are made of."""
        return time.time()

    def set_speed(self, speed: float) -> None:
        """Change the pace, without a jump in simulated time; sleepers adapt."""
        self._simulated, self._real, self.speed = self.now(), time.monotonic(), speed
        for sleeper in self._sleepers:
            _wake(sleeper)

    async def sleep(self, seconds: float) -> None:
        """Sleep for simulated seconds."""
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, instant: float) -> None:
        """Sleep until a simulated instant, as `now()` counts them."""
        while (left := instant - self.now()) > 0:
            await self._nap(left / self.speed)

    async def _nap(self, real_seconds: float) -> None:
        loop = asyncio.get_running_loop()
        sleeper: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(real_seconds, _wake, sleeper)
        self._sleepers.add(sleeper)
        try:
            await sleeper
        finally:
            timer.cancel()
            self._sleepers.discard(sleeper)


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)


class DialQueue:
    """Calls per second: hands each call the simulated instant at which it may be dialed."""

    def __init__(self, clock: Clock, cps: float) -> None:
        self._clock = clock
        self._gap = 1.0 / cps
        self._next = 0.0

    def reserve(self) -> float:
        """The next free instant, in the clock's simulated seconds."""
        instant = max(self._next, self._clock.now())
        self._next = instant + self._gap
        return instant
