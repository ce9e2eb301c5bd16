"""What a key may do: the scopes there are, which of them include which, and for how long."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

#: What may only be read, and what may be read and changed.
_READ_ONLY = ("analytics", "audit_log", "events")
_BOTH = (
    *("account", "agents", "calls", "campaigns", "carriers", "compliance", "consents", "keys"),
    *("pathways", "privacy", "suppressions", "webhooks"),
)
EVERYTHING = "*"
#: Each scope by itself; `calls:*` is both of a noun's, and `*` is all of all.
SCOPES = frozenset(
    [f"{noun}:read" for noun in (*_READ_ONLY, *_BOTH)] + [f"{noun}:write" for noun in _BOTH]
)
#: All that a key can be given.
EVERY_SCOPE = SCOPES | {EVERYTHING} | {f"{noun}:*" for noun in (*_READ_ONLY, *_BOTH)}


def is_scope(text: str) -> bool:
    """Whether a key can be given this."""
    return text in EVERY_SCOPE


def allows(scopes: Iterable[str], wanted: str) -> bool:
    """Whether scopes such as `*`, `calls:*` or `calls:read` include the wanted one."""
    return not {EVERYTHING, wanted, wanted.partition(":")[0] + ":*"}.isdisjoint(scopes)


def beyond(held: Collection[str], wanted: Iterable[str]) -> list[str]:
    """Those of the wanted scopes that are more than what is held."""
    return [one for one in wanted if not allows(held, one)]


def is_live(revoked_time: datetime | None, expires_time: datetime | None, now: datetime) -> bool:
    """Whether a key opens anything."""
    return revoked_time is None and (expires_time is None or now < expires_time)


def successor_ends(created: datetime, expires: datetime | None, now: datetime) -> datetime | None:
    """When the key that takes another's place ends: it lives as long as that was made for."""
    return None if expires is None else now + max(expires - created, timedelta(0))


def overlap_ends(expires: datetime | None, now: datetime, overlap: timedelta) -> datetime:
    """When a key ends whose successor has been made: never later than it would have anyway."""
    end = now + overlap
    return end if expires is None else min(expires, end)
