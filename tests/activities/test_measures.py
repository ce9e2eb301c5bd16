"""What is counted of decisions and dials: once, by kinds, and how long was waited."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import Counter, Histogram
from temporalio.testing import ActivityEnvironment

from activities.decision_measures import CallBefore
from activities.dials.dial_measures import RESULTS
from observability import metrics
from policy.model.call import Decision, DecisionKind
from policy.model.reasons import Reason
from telephony.errors import Ambiguous, RejectedClass, Unreachable
from tests.activities.conftest import Desk
from tests.storage.make import NOW, later

DIAL = Decision(kind=DecisionKind.DIAL, reason=Reason.FIRST_ATTEMPT, detail="")


def counted(counter: Counter, *labels: str) -> float:
    return cast(float, counter.labels(*labels)._value.get())


def waited(histogram: Histogram, *labels: str) -> float:
    return cast(float, histogram.labels(*labels)._sum.get())


def before(*, is_decided: bool = False, **times: Any) -> CallBefore:
    unset = dict.fromkeys(("queued_at", "next_attempt_at", "not_before"))
    call = SimpleNamespace(**{"priority": 9, "created_time": NOW, **unset, **times})
    return CallBefore.of(cast(Any, SimpleNamespace(call=call, is_decided=is_decided)))


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ({}, 100),
        ({"queued_at": later(40), "next_attempt_at": later(10)}, 60),
        ({"next_attempt_at": later(70)}, 30),
        ({"not_before": later(80)}, 20),
        # Asked for in the past, it is due since it was accepted.
        ({"not_before": NOW - timedelta(days=1)}, 100),
        # By another clock than ours.
        ({"queued_at": later(500)}, 0),
    ],
)
def test_a_call_is_due_since_it_could_have_been_dialed(times: dict[str, Any], seconds: float):
    had = waited(metrics.PERMISSION_SECONDS, "8-9")
    before(**times).note(DIAL, later(100))
    assert waited(metrics.PERMISSION_SECONDS, "8-9") - had == pytest.approx(seconds)


def test_a_decision_that_is_asked_for_once_more_is_counted_once():
    had = counted(metrics.DECISIONS, "dial", "first_attempt")
    before().note(DIAL, NOW)
    before(is_decided=True).note(DIAL, NOW)
    assert counted(metrics.DECISIONS, "dial", "first_attempt") == had + 1


def test_a_reason_that_is_none_of_ours_is_no_new_label():
    had = counted(metrics.DECISIONS, "dial", "other")
    before().note(replace(DIAL, reason="+12025550123"), NOW)
    assert counted(metrics.DECISIONS, "dial", "other") == had + 1


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (None, "taken"),
        (Unreachable("refused"), "unreachable"),
        (Ambiguous("no answer"), "unknown"),
    ],
)
async def test_a_dial_is_counted_by_what_became_of_it(
    desk: Desk, error: Exception | None, result: str
):
    had = counted(metrics.DIALS, result)
    if error is not None:
        desk.carrier.dial = _raising(error)  # type: ignore[method-assign]
    await desk.plan()
    await ActivityEnvironment().run(desk.dial.dial, desk.ref)
    assert counted(metrics.DIALS, result) == had + 1


def _raising(error: Exception):
    async def dial(*_: object) -> None:
        raise error

    return dial


def test_every_refusal_is_a_result():
    assert {one.value for one in RejectedClass} < set(RESULTS)
