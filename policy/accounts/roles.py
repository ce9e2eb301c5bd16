"""Roles: what somebody who works in an account may do, or a key that is given one for its scopes.

This table is the only place that says so. A role stands in a list of scopes like any other of them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


#: Who looks. Not who else may come in, what the carrier knows us by, or all that is on file of one
#: callee.
_SEEN = frozenset(
    f"{noun}:read"
    for noun in (
        *("account", "agents", "analytics", "calls", "campaigns", "compliance", "consents"),
        *("events", "pathways", "suppressions", "webhooks"),
    )
)
#: Who works: with calls and what they need. Which rules hold and who is told is settled by admins.
_WORKED_ON = frozenset(
    f"{noun}:write"
    for noun in ("agents", "calls", "campaigns", "consents", "pathways", "suppressions")
)
SCOPES_OF: Mapping[str, frozenset[str]] = {
    Role.VIEWER: _SEEN,
    Role.OPERATOR: _SEEN | _WORKED_ON,
    Role.ADMIN: frozenset({"*"}),
}


def written_out(scopes: Iterable[str]) -> set[str]:
    """The scopes, with what each role among them holds in its place."""
    found = set[str]()
    for one in scopes:
        found |= SCOPES_OF.get(one) or {one}
    return found
