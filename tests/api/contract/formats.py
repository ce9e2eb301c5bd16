"""What the formats of the OpenAPI document stand for, as Hypothesis makes them."""

from datetime import datetime

import schemathesis
from hypothesis import strategies as st

_FIRST, _LAST = datetime(2026, 1, 1), datetime(2028, 6, 1)  # noqa: DTZ001

FORMATS: dict[str, st.SearchStrategy[str]] = {
    "endpoint": st.sampled_from(
        ["+12125550123", "+1 (202) 555-0124", "+442079460123", "sip:ada@example.com"]
    ),
    "time-zone": st.sampled_from(["America/New_York", "Europe/Berlin", "UTC", "Asia/Kolkata"]),
    "country": st.sampled_from(["US", "DE", "gb", "FR"]),
    "jurisdiction": st.sampled_from(["US", "US-CA", "CA"]),
    "duration": st.sampled_from(["PT1S", "PT90M", "PT24H", "P1W", "P30D"]),
    "uri": st.sampled_from(["https://example.com/hooks", "https://hooks.example.org:8443/a?b=c"]),
    "date-time": st.datetimes(_FIRST, _LAST).map(lambda at: f"{at.isoformat()}Z"),
}


def register() -> None:
    """Known formats too: a year of 1 and a duration of centuries are others' tests."""
    for name, strategy in FORMATS.items():
        schemathesis.openapi.format(name, strategy)
