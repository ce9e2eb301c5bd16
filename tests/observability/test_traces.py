"""One call's spans: from the request by the workflow to the carrier, and what the carrier says."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from temporalio.contrib.opentelemetry import TracingInterceptor

from observability import otlp, traces
from tests.cost.whole_stack import NUMBER, whole_stack
from tests.databases import SqliteTemplates
from tests.workflows.server import start_plain_server

#: What a span says of itself besides its name.
ATTRIBUTES = {
    *("call_id", "agent_id", "attempt", "http.status_code"),
    *("temporalWorkflowID", "temporalRunID", "temporalActivityID"),
}
CALL = {"answer": {"after": 0.5, "by": "human", "talk": 5}}


@pytest.fixture
def exported() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def interceptor(exported: InMemorySpanExporter) -> Iterator[TracingInterceptor]:
    processor = SimpleSpanProcessor(otlp.BareSpans(exported))
    yield otlp.start_with(processor, "test", "0")
    traces.install(None)


def named(spans: tuple[ReadableSpan, ...], *names: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name in names]


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.trace_id)


async def test_a_call_is_one_trace_to_the_carrier_and_its_callbacks_are_linked(
    exported: InMemorySpanExporter,
    interceptor: TracingInterceptor,
    sqlite_templates: SqliteTemplates,
):
    async with (
        await start_plain_server() as env,
        sqlite_templates.opened("traces") as db,
        whole_stack(env, db, [interceptor]) as stack,
    ):
        agent_id = await stack.agent()
        await stack.script(NUMBER, CALL)
        call_id = await stack.call(agent_id, NUMBER)
    spans = exported.get_finished_spans()
    (request,) = named(spans, "POST /api/v1/calls")
    of_call = [span for span in spans if trace_of(span) == trace_of(request)]
    names = {span.name for span in of_call}
    assert {"StartWorkflow:CallWorkflow", "RunWorkflow:CallWorkflow", "dial"} <= names
    (dial,) = named(tuple(of_call), "dial")
    assert dial.kind is SpanKind.CLIENT
    assert dict(dial.attributes or {}) == {"call_id": call_id, "attempt": 1}
    (attempt,) = named(spans, "attempt")
    assert [link.context for link in attempt.links] == [dial.context]
    assert dial.links[0].context.span_id == attempt.context.span_id
    callbacks = [span for span in spans if span.name.startswith("POST /twilio/")]
    assert {span.name.split("/")[2] for span in callbacks} >= {"voice", "status"}
    assert {trace_of(span) for span in callbacks} == {trace_of(attempt)}
    assert {span.parent.span_id for span in callbacks if span.parent} == {attempt.context.span_id}
    for span in spans:
        said = f"{span.name} {dict(span.attributes or {})}"
        assert not any(secret in said for secret in (NUMBER[1:], "Ada", "counted"))
        assert set(span.attributes or {}) <= ATTRIBUTES


def test_the_words_of_an_exception_are_not_exported(
    exported: InMemorySpanExporter, interceptor: TracingInterceptor
):
    with (
        pytest.raises(ValueError, match="no route"),
        interceptor.tracer.start_as_current_span("to +12025550123", attributes={"a": "sip:b@c"}),
    ):
        raise ValueError("no route to +12025550123")
    (span,) = exported.get_finished_spans()
    assert (span.name, dict(span.attributes or {})) == ("to [redacted]", {"a": "[redacted]"})
    assert not span.events
    assert span.status.description is None
    assert not span.status.is_ok


def test_an_attempts_trace_does_not_hold_its_token():
    token = "tok" * 10
    found = traces.attempt_of(token)
    assert found == traces.attempt_of(token)
    assert found.is_valid
    assert found.trace_id != traces.attempt_of(token + "x").trace_id


def test_nothing_is_made_while_traces_are_off():
    assert not traces.is_on()
    with traces.dial("call", 1, "token"), traces.request(None) as span:
        assert not span.is_recording()
