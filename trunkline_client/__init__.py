"""The Python client of Trunkline's API: `Trunkline` waits for answers, `AsyncTrunkline` awaits.

It imports nothing else of this repository, so it can be taken out as it is. `models` is what is
said and answered, `operations` and `async_operations` what may be asked: both follow from the
OpenAPI document (tools/client) and are never edited. See docs/client.md.
"""

from trunkline_client.client import AsyncTrunkline, Trunkline
from trunkline_client.problems import (
    Away,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    Problem,
    TrunklineError,
    Unauthorized,
    Unreadable,
)
from trunkline_client.webhooks import NotGenuine, event_of, signed_headers

__all__ = [
    "AsyncTrunkline",
    "Away",
    "Conflict",
    "FieldError",
    "Forbidden",
    "NotFound",
    "NotGenuine",
    "Problem",
    "Trunkline",
    "TrunklineError",
    "Unauthorized",
    "Unreadable",
    "event_of",
    "signed_headers",
]
