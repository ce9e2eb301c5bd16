"""Turns traces on: the SDK of OpenTelemetry, which only the extra `otel` brings."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Status
from temporalio.contrib.opentelemetry import TracingInterceptor

from observability import traces
from observability.logs import redact


class AttemptIds(RandomIdGenerator):
    """Random, but for the first span of an attempt."""

    def generate_trace_id(self) -> int:
        forced = traces.forced_ids.get()
        return super().generate_trace_id() if forced is None else forced.trace_id

    def generate_span_id(self) -> int:
        forced = traces.forced_ids.get()
        return super().generate_span_id() if forced is None else forced.span_id


class BareSpans(SpanExporter):
    """Passes spans on without what libraries add of their own: exceptions and their words."""

    def __init__(self, to: SpanExporter) -> None:
        self._to = to

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._to.export([_bare(span) for span in spans])

    def shutdown(self) -> None:
        self._to.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._to.force_flush(timeout_millis)


def _bare(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=redact(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: redact(value) for name, value in (span.attributes or {}).items()},
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def start(endpoint: str, part: str, version: str) -> TracingInterceptor:
    """Spans go to the endpoint from now on; what is returned is for the client of Temporal."""
    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
    return start_with(BatchSpanProcessor(BareSpans(exporter)), part, version)


def start_with(processor: SpanProcessor, part: str, version: str) -> TracingInterceptor:
    """The same, to somebody else."""
    resource = Resource.create({"service.name": f"trunkline-{part}", "service.version": version})
    provider = TracerProvider(resource=resource, id_generator=AttemptIds())
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("trunkline", version)
    traces.install(tracer)
    return TracingInterceptor(tracer)
