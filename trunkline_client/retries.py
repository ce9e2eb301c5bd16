"""When a request is sent again, and after how long.

A connection that was refused has carried nothing, and a 429 or a 503 says that nothing was done:
after those anything may be sent again. Of a connection that broke nobody knows what it carried, nor
what was done of a request that the server gave up: then only what has no second effect is sent
again, which is what reads, what replaces, and what has an `Idempotency-Key`.
"""

import random
from dataclasses import dataclass

REPEATABLE = frozenset({"GET", "PUT"})
#: Nothing was done, come back later.
BUSY = frozenset({429, 503})
#: The code of a 503 of which only the server's own data says what was done.
GIVEN_UP = "took_too_long"


@dataclass(frozen=True, slots=True)
class Retries:
    """`times`: how often again. `longest`: seconds; whoever wants more is not waited for."""

    times: int = 3
    first: float = 0.5
    longest: float = 30.0

    def pause(self, tried: int, retry_after: float | None = None) -> float | None:
        """Seconds until the next try after so many, or None when this was the last."""
        if tried > self.times:
            return None
        if retry_after is not None:
            return retry_after if retry_after <= self.longest else None
        # Not all clients at the same moment.
        return min(self.first * 2.0 ** (tried - 1), self.longest) * random.uniform(0.5, 1.0)


def seconds(retry_after: str | None) -> float | None:
    """The header `Retry-After`; the API gives seconds."""
    try:
        return max(0.0, float(retry_after or ""))
    except ValueError:
        return None
