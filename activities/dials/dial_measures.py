"""What the metrics and traces hold of a dial."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from activities.clock import utcnow
from observability import traces
from observability.metrics import CARRIER_SECONDS, DIAL_SECONDS, DIALS
from policy.dispatch.start_targets import band_of
from storage.tables import Attempt, Call
from telephony.errors import Ambiguous, Rejected, RejectedClass, Unreachable

# From the start there, so that the first of a kind is an increase.
RESULTS = ("taken", "unreachable", "unknown", "stopped", *(one.value for one in RejectedClass))
_DIALS = {result: DIALS.labels(result) for result in RESULTS}


@contextmanager
def of_dial(call: Call, attempt: Attempt) -> Iterator[None]:
    """Around the one request; what it raises is passed on."""
    waited = (utcnow() - attempt.dialed_at).total_seconds()
    DIAL_SECONDS.labels(band_of(call.priority)).observe(max(0.0, waited))
    began, result = time.perf_counter(), "stopped"
    try:
        with traces.dial(call.call_id, attempt.number, attempt.token):
            yield
        result = "taken"
    except Rejected as error:
        result = error.reason.value
        raise
    except Unreachable:
        result = "unreachable"
        raise
    except Ambiguous:
        result = "unknown"
        raise
    finally:
        _DIALS[result].inc()
        CARRIER_SECONDS.observe(time.perf_counter() - began)
