"""What a key may do: the scopes there are, which of them include which, and for how long."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from policy.accounts.roles import SCOPES_OF, written_out

#: What may only be read, and what may be read and changed.
_READ_ONLY = ("analytics", "audit_log", "events")
_BOTH = (
    *("account", "agents", "calls", "campaigns", "carriers", "compliance", "consents", "keys"),
    *("pathways", "people", "privacy", "suppressions", "webhooks"),
)
EVERYTHING = "*"
#: Each scope by itself; `calls:*` is both of a noun's, and `*` is all of all.
SCOPES = frozenset(
    [f"{noun}:read" for noun in (*_READ_ONLY, *_BOTH)] + [f"{noun}:write" for noun in _BOTH]
)
_WHOLE_NOUNS = frozenset(f"{noun}:*" for noun in (*_READ_ONLY, *_BOTH))
#: All that a key can be given: a role, too, which is as many scopes as `roles` says.
EVERY_SCOPE = SCOPES | {EVERYTHING} | _WHOLE_NOUNS | SCOPES_OF.keys()


def is_scope(text: str) -> bool:
    """Whether a key can be given this."""
    return text in EVERY_SCOPE


def allows(scopes: Iterable[str], wanted: str) -> bool:
    """Whether scopes such as `*`, `calls:*`, `calls:read` or `viewer` include the wanted one."""
    return not {EVERYTHING, wanted, wanted.partition(":")[0] + ":*"}.isdisjoint(written_out(scopes))


def beyond(held: Collection[str], wanted: Iterable[str]) -> list[str]:
    """Those of the wanted scopes that are more than what is held."""
    return [one for one in wanted if not all(allows(held, part) for part in written_out([one]))]


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
