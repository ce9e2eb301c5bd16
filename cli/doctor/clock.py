"""Whether this machine's clock agrees with another one."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from cli.doctor.diagnosis import Finding, bad, skipped, well

#: Webhooks are refused at five minutes; calling hours are held to the second.
_MOST_SECONDS = 5.0


def against(name: str, whose: str, answer: httpx2.Response) -> Finding:
    """By the time that an answer bears, to a second and however long it was under way."""
    try:
        there = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return skipped(name, f"{whose} does not say what time it has.")
    apart = abs((datetime.now(UTC) - there).total_seconds())
    if apart > _MOST_SECONDS:
        remedy = "Synchronize the clocks, by NTP."
        return bad(name, f"It is {apart:.0f} s away from {whose}'s.", remedy)
    return well(name, f"It agrees with {whose}'s.")
