"""Short ways to make the values of these tests. All numbers are fictional."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from policy.facts import AttemptFact, Facts
from policy.model.call import AttemptResult, EndpointKind, WeeklyWindow
from policy.model.person import Consent, Scope
from policy.model.purposes import ConsentTier, Purpose
from policy.time.windows import weekly

NEW_YORK = "America/New_York"
EVERY_DAY = range(7)
#: A Wednesday, 10:00 in New York.
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)


#: Somebody who agreed long ago to be called, short of in writing.
AGREED = Consent("call", ConsentTier.EXPRESS, Scope(), datetime(2020, 1, 1, tzinfo=UTC))


def daily(start: str, end: str, days: Any = EVERY_DAY) -> WeeklyWindow:
    return weekly({day: [(start, end)] for day in days})


def at(text: str, zone_name: str = "UTC", fold: int = 0) -> datetime:
    """The UTC instant of "2026-11-18 10:00" on a zone's clocks."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone_name), fold=fold)
    return local.astimezone(UTC)


def facts(**given: Any) -> Facts:
    usual: dict[str, Any] = {
        "endpoint": "+12125550123",
        "endpoint_kind": EndpointKind.PHONE,
        "agent_enabled": True,
        "agent_zone": NEW_YORK,
        "purpose": Purpose.REMINDER,
        "stated_consent": AGREED,
    }
    return Facts(**{**usual, **given})


def attempts(
    *results: AttemptResult, dialed_at: datetime = NOW, each: timedelta = timedelta(seconds=40)
) -> tuple[AttemptFact, ...]:
    """Attempts that follow each other at once, each lasting `each`."""
    return tuple(
        AttemptFact(n, dialed_at + each * (n - 1), dialed_at + each * n, result)
        for n, result in enumerate(results, start=1)
    )
