"""Every metric there is, by name; docs/operations.md lists them, and a test compares the two.

Counted in the process where it happens, which costs a call no statement, or, of what only the
database knows, read from it when somebody asks: `Gauge` says the shape, `storage.gauges` the query.
A label's values are few whatever happens: routes, kinds and states, and agents up to a number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

# Else there is one more series for each of a counter, which says when it was made.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_STATEMENTS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10)
#: The bounds of `policy.dispatch.start_targets` are among them, or nobody could be held to one.
_WAITS = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400)


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(name, says, labels, registry=REGISTRY)


def _histogram(name: str, says: str, buckets: Sequence[float], *labels: str) -> Histogram:
    return Histogram(name, says, labels, buckets=buckets, registry=REGISTRY)


def _gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(name, says, labels, registry=REGISTRY)


INFO = _gauge("trunkline_info", "1; which version and which part this is", "version", "part")

REQUESTS = _counter("trunkline_http_requests", "Requests answered", "method", "route", "status")
REQUEST_SECONDS = _histogram(
    "trunkline_http_request_seconds",
    "From a request's headers to the end of its answer; streams of events are left out",
    _QUICK,
    "route",
)
CALLBACKS_REFUSED = _counter(
    "trunkline_callbacks_refused", "Callbacks that were not the carrier's", "reason"
)

LAST_WORDS = _counter(
    "trunkline_last_words", "Requests for a customer's last word, by what was answered", "result"
)
LOOKUPS = _counter(
    "trunkline_lookups", "Questions about numbers, by what came of them", "kind", "result"
)
LOOKUP_COST = _counter(
    "trunkline_lookup_cost", "What questions about numbers cost, in units of the accounts' currency"
)

DECISIONS = _counter("trunkline_decisions", "Decisions about calls", "kind", "reason")
PERMISSION_SECONDS = _histogram(
    "trunkline_due_to_permission_seconds",
    "From when a call may be dialed to its permission to be: its wait for a slot",
    _WAITS,
    "priority",
)
DIAL_SECONDS = _histogram(
    "trunkline_permission_to_dial_seconds",
    "From the permission to the request to the carrier: the wait for the carrier's pace",
    _WAITS,
    "priority",
)
DIALS = _counter("trunkline_dials", "Requests to the carrier to make a phone ring", "result")
CARRIER_SECONDS = _histogram(
    "trunkline_carrier_request_seconds", "How long such a request took", _QUICK
)

WEBHOOK_REQUESTS = _counter("trunkline_webhook_requests", "Tries of deliveries", "result")
WEBHOOK_LAG = _histogram(
    "trunkline_webhook_lag_seconds", "From an event to the request that told of it well", _WAITS
)

LOOP_TURNS = _counter("trunkline_loop_turns", "Turns of a loop", "loop", "result")
LOOP_TURN = _gauge(
    "trunkline_loop_last_turn_timestamp_seconds",
    "When this process ended a turn of the loop well",
    "loop",
)

STATEMENTS = _counter("trunkline_database_statements", "Statements sent to the database", "kind")
STATEMENT_SECONDS = _histogram(
    "trunkline_database_statement_seconds", "How long a statement took", _STATEMENTS
)
DATABASE_ERRORS = _counter("trunkline_database_errors", "Statements that failed", "disconnected")
CONNECTIONS = _gauge(
    "trunkline_database_connections", "Connections of this process's pool", "state"
)


@dataclass(frozen=True, slots=True)
class DatabaseMetric:
    """What the database knows, and the API's process shows."""

    name: str
    says: str
    labels: tuple[str, ...] = ()
    type: Literal["gauge", "counter"] = "gauge"


FROM_DATABASE = (
    DatabaseMetric("trunkline_calls", "Calls that have not ended", ("status",)),
    DatabaseMetric("trunkline_calls_waiting", "Calls that wait, by for what", ("for",)),
    DatabaseMetric("trunkline_calls_ended", "Calls that have ended", ("outcome",), "counter"),
    DatabaseMetric(
        "trunkline_queue_calls", "Calls that wait for a slot; agents with few are `other`",
        ("agent", "priority"),
    ),
    DatabaseMetric(
        "trunkline_queue_oldest_seconds", "How long a call has waited for a slot, at most",
        ("priority",),
    ),
    DatabaseMetric(
        "trunkline_calls_without_workflow",
        "Calls whose workflow should have begun; 10,000 stands for more",
    ),
    DatabaseMetric("trunkline_attempts_open", "Attempts that are not settled", ("state",)),
    DatabaseMetric("trunkline_leases", "Leases that nobody has given back", ("state",)),
    DatabaseMetric(
        "trunkline_promises",
        "Promises to call back: open, overdue, and kept or missed in the last 24 hours",
        ("state",),
    ),
    DatabaseMetric("trunkline_accounts_paused", "Accounts whose dialing is paused"),
    DatabaseMetric("trunkline_webhooks", "Webhooks", ("state",)),
    DatabaseMetric(
        "trunkline_webhook_deliveries_due", "Deliveries that are due; 10,000 stands for more"
    ),
    DatabaseMetric(
        "trunkline_webhook_overdue_seconds", "How long a delivery has been due, at most"
    ),
    DatabaseMetric("trunkline_loop_held", "1 if a worker holds the loop, else 0", ("loop",)),
    DatabaseMetric("trunkline_workers", "Workers that were seen in the last 6 seconds"),
    DatabaseMetric(
        "trunkline_rules_unreviewed", "Rules whose sources nobody has looked at for 90 days"
    ),
    DatabaseMetric(
        "trunkline_database_read", "1 if what the database knows could be read for this answer"
    ),
)  # fmt: skip

#: Values by the values of the labels, by name. What is not read is not there.
Samples = Mapping[str, Mapping[tuple[str, ...], float]]


class DatabaseMetrics(Collector):
    """What was read last."""

    def __init__(self) -> None:
        self.samples: Samples = {}

    def describe(self) -> Iterable[Metric]:
        return [_family(one) for one in FROM_DATABASE]

    def collect(self) -> Iterator[Metric]:
        for one in FROM_DATABASE:
            found = self.samples.get(one.name)
            if found is not None:
                family = _family(one)
                for labels, value in found.items():
                    family.add_metric(labels, value)
                yield family


def _family(one: DatabaseMetric) -> GaugeMetricFamily | CounterMetricFamily:
    make = GaugeMetricFamily if one.type == "gauge" else CounterMetricFamily
    return make(one.name, one.says, labels=one.labels)


def of_process() -> list[Metric]:
    """What a process counts itself, without what is said of Python: for the documentation."""
    kinds = (Counter, Gauge, Histogram)
    known = [one for one in globals().values() if isinstance(one, kinds)]
    return [metric for one in known for metric in one.describe()]


def labels_of(name: str) -> tuple[str, ...]:
    """Of one of those."""
    for one in globals().values():
        if isinstance(one, Counter | Gauge | Histogram) and one._name == name:
            return tuple(one._labelnames)
    raise LookupError(name)
