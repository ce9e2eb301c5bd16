"""Who is let in: how often a key may ask, how many streams it holds, how many wrong keys, links and
passwords may come.

All of it is counted in this process, in bounded memory, and costs no statement.
"""

import asyncio
import hashlib
import ipaddress
import math
import time
import weakref
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from api.http.problems import Problem
from policy.accounts.admission import Admission
from policy.accounts.plans import requests_per_minute
from policy.accounts.token_bucket import Buckets, Pace
from settings import Settings
from storage.tables import Account, ApiKey

#: As much of a key as people see of it, and as much of it as is counted by.
_PREFIX = 10
_SHORTEST_WAIT = 1
#: Passwords of one person in a minute, right or wrong: whoever tries on and on gets 14,400 a day.
_PASSWORDS = Pace(10)
#: Each takes a processor and 19 MiB for as long as it is looked at.
_PASSWORDS_AT_ONCE = 2
#: So many more may wait for that: others are kept from no request by people at the door.
_PASSWORDS_WAITING = 12


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may ask in a minute, and what is left of it."""

    per_minute: int
    left: int
    wait: float

    @property
    def headers(self) -> dict[str, str]:
        """As in draft-ietf-httpapi-ratelimit-headers-10; `t`: until the next one is free, or until
        all of them are."""
        missing = self.per_minute - self.left
        full_in = self.wait or missing * 60 / self.per_minute
        return {
            "RateLimit-Policy": f'"key";q={self.per_minute};w=60',
            "RateLimit": f'"key";r={self.left};t={math.ceil(full_in)}',
        }


@dataclass(slots=True)
class Doors:
    """`clock` is a steady one, in seconds."""

    clock: Callable[[], float] = time.monotonic
    admission: Admission = field(default_factory=Admission)
    _requests: Buckets = field(default_factory=Buckets)
    _wrong: Buckets = field(default_factory=Buckets)
    _passwords: Buckets = field(default_factory=Buckets)
    _streams: Counter[str] = field(default_factory=Counter)
    _at_passwords: int = 0
    _one_password: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(_PASSWORDS_AT_ONCE)
    )

    # -- keys that are right

    def ask(self, settings: Settings, account: Account, key: ApiKey) -> Allowance | None:
        """Counts a request of a key; None: there is no limit."""
        most = requests_per_minute(account.plan, settings.api_requests_per_minute)
        if not most:
            return None
        now, pace = self.clock(), Pace(most)
        wait = self._requests.take(key.api_key_id, pace, now)
        return Allowance(most, int(self._requests.left(key.api_key_id, pace, now)), wait)

    def hold_stream(self, settings: Settings, key_id: str, stream: object) -> None:
        """Counts a stream until it is over, begun or not; raises a 429 Problem for one too many."""
        most = settings.api_streams_per_key
        if self._streams[key_id] >= most:
            detail = f"This API key has {most} streams open already. Close one first."
            raise busy("too_many_streams", detail, 15)
        self._streams[key_id] += 1
        weakref.finalize(stream, self._release_stream, key_id)

    def _release_stream(self, key_id: str) -> None:
        self._streams[key_id] -= 1
        if not self._streams[key_id]:
            del self._streams[key_id]

    # -- keys that are wrong

    def turn_away(self, settings: Settings, source: str) -> None:
        """Before a key is looked up that nobody here knows: raises a 429 Problem."""
        pace = Pace(settings.wrong_keys_per_minute)
        wait = self._wrong.wait(("source", network_of(source)), pace, self.clock())
        if wait:
            raise _slowed(wait)

    def note_wrong(self, settings: Settings, source: str, key: str) -> None:
        """After a key was looked up in vain: raises a 429 Problem where it is one too many.

        By how it begins, too, for those who ask from many addresses. Whoever has the right key is
        not held up by that: it is looked up before this is asked.
        """
        self.note_stranger(settings, source)
        pace = Pace(settings.wrong_keys_per_minute)
        wait = self._wrong.take(("prefix", key[:_PREFIX]), pace, self.clock())
        if wait:
            raise _slowed(wait)

    def note_stranger(self, settings: Settings, source: str) -> None:
        """After anything that opens nothing: counted by where it came from."""
        pace = Pace(settings.wrong_keys_per_minute)
        self._wrong.take(("source", network_of(source)), pace, self.clock())

    # -- passwords

    def take_password(self, settings: Settings, email: str) -> None:
        """Before a password is looked at: raises a 429 Problem for one too many of a person.

        Counted beforehand, so that many at once are no way around it; and for those alike whom
        nobody knows. `wrong_keys_per_minute` of 0 means no limit here, too.
        """
        if not settings.wrong_keys_per_minute:
            return
        # Hashed: what lies in memory for long is no list of who works here.
        person = hashlib.sha256(email.encode()).digest()
        wait = self._passwords.take(person, _PASSWORDS, self.clock())
        if wait:
            detail = "Too many passwords were tried for this person. Try again later."
            raise busy("too_many_passwords", detail, wait)

    @asynccontextmanager
    async def one_password(self) -> AsyncIterator[None]:
        """While a password is looked at; raises a 429 Problem where too many wait for that."""
        if self._at_passwords >= _PASSWORDS_AT_ONCE + _PASSWORDS_WAITING:
            detail = "Too many sign in at once. Try again shortly."
            raise busy("overloaded", detail, 2)
        self._at_passwords += 1
        try:
            async with self._one_password:
                yield
        finally:
            self._at_passwords -= 1


def network_of(source: str) -> str:
    """An address as it is counted: of IPv6 the network, for everybody has a whole one."""
    try:
        found = ipaddress.ip_address(source)
    except ValueError:
        return source[:64]
    found = getattr(found, "ipv4_mapped", None) or found
    if found.version == 6:
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)


def busy(code: str, detail: str, seconds: float) -> Problem:
    """429: nothing was done; come back then."""
    wait = max(_SHORTEST_WAIT, math.ceil(seconds))
    return Problem(429, code, detail, headers={"Retry-After": str(wait)})


def _slowed(wait: float) -> Problem:
    return busy("too_many_wrong_keys", "Too many wrong API keys. Try again later.", wait)
