"""Spans, and how what a carrier calls back finds the dial that it is about.

Off, all of it costs next to nothing; `observability.otlp` turns it on. Names and attributes are
ids, kinds and templates of routes.

Between a dial and its callbacks stands the carrier, which passes no trace on. But each callback
names its attempt's token, so the ids of the attempt's own trace are made of the token: the dial
and that trace link to each other, and callbacks are spans in it.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags

Attributes = dict[str, str | int]

#: Trace and span of which the next span is to have the ids, instead of random ones.
forced_ids: ContextVar[SpanContext | None] = ContextVar("forced_ids", default=None)


class _Traces:
    tracer: trace.Tracer | None = None


def install(tracer: trace.Tracer | None) -> None:
    """From now on spans are made by it; None: none are."""
    _Traces.tracer = tracer


def is_on() -> bool:
    return _Traces.tracer is not None


@contextmanager
def request(token: str | None) -> Iterator[Span]:
    """The span of a request, which is named when its route is known.

    `token`: of the attempt that it calls back about. Whoever asks cannot name a trace.
    """
    parent = None if token is None else NonRecordingSpan(attempt_of(token))
    context = contexts.Context() if parent is None else trace.set_span_in_context(parent)
    with _span("request", SpanKind.SERVER, context=context) as span:
        yield span


@contextmanager
def dial(call_id: str, number: int, token: str) -> Iterator[None]:
    """The span of a request to the carrier, and the beginning of the attempt's own trace."""
    if not is_on():
        yield
        return
    ids: Attributes = {"call_id": call_id, "attempt": number}
    own = attempt_of(token)
    with _span("dial", SpanKind.CLIENT, ids, links=[Link(own)]) as span:
        before = forced_ids.set(own)
        try:
            link = [Link(span.get_span_context())]
            with _span("attempt", SpanKind.INTERNAL, ids, link, contexts.Context()):
                pass
        finally:
            forced_ids.reset(before)
        yield


def attempt_of(token: str) -> SpanContext:
    """The first span of the attempt's trace. Nobody finds the token by it."""
    digest = hashlib.sha256(b"attempt:" + token.encode()).digest()
    return SpanContext(
        trace_id=int.from_bytes(digest[:16], "big"),
        span_id=int.from_bytes(digest[16:24], "big"),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


@contextmanager
def _span(
    name: str,
    kind: SpanKind,
    attributes: Attributes | None = None,
    links: list[Link] | None = None,
    context: contexts.Context | None = None,
) -> Iterator[Span]:
    tracer = _Traces.tracer or trace.NoOpTracer()
    with tracer.start_as_current_span(
        name, context, kind, attributes, links, record_exception=False
    ) as span:
        yield span
