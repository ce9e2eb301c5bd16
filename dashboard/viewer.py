"""Who looks at a page, and what the page may therefore offer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


@dataclass(frozen=True, slots=True)
class Said:
    """What the last action came to: a code of `dashboard.words.SAID`, and its calls."""

    code: str
    call_ids: Sequence[str] = ()


def _nothing(_scope: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Viewer:
    """`account` is None for somebody who has not signed in."""

    now: datetime
    account: str | None = None
    #: "person Ada" or "key nightly".
    who: str = ""
    #: Of a person.
    role: str = ""
    may: Callable[[str], bool] = _nothing
    #: What every form must carry.
    token: str = ""
    zone: tzinfo = field(default=UTC)
    zone_name: str = "UTC"
    #: The path of this page.
    here: str = ""
    #: The same with its query.
    address: str = ""
    said: Said | None = None

    def may_some(self, scopes: str) -> bool:
        """Whether any of these scopes, with spaces between them, is theirs; none named: all may."""
        return not scopes or any(self.may(one) for one in scopes.split())


@cache
def zone_names() -> tuple[str, ...]:
    """The zones a viewer can choose from."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def zone_of(name: str) -> tzinfo | None:
    return ZoneInfo(name) if name in zone_names() else None
