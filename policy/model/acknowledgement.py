"""What an account has said is so, because no rule can look it up: a registration, for one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a prerequisite is met, until it expires. `reference`: its number, if there is one."""

    prerequisite: str
    reference: str = ""
    expires_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


def acknowledged(
    found: Iterable[Acknowledgement], prerequisite: str, now: datetime, *, needs_reference: bool
) -> Acknowledgement | None:
    """The acknowledgement that meets a prerequisite, if one does."""
    for one in found:
        is_of = one.prerequisite == prerequisite and one.holds(now)
        if is_of and (one.reference or not needs_reference):
            return one
    return None
