"""Steps that follow a call: what follows what, and which graphs are none."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.campaigns.steps import (
    ANY,
    BEGIN,
    MOST_STEPS,
    BadSteps,
    Step,
    StepKind,
    check,
    next_step,
)
from policy.model.call import Outcome

CALL, TEXT, WAIT, TELL = StepKind.CALL, StepKind.TEXT, StepKind.WAIT, StepKind.TELL
GOOD = {
    BEGIN: Step(CALL, {"no_answer": "text", "voicemail": "text"}),
    "text": Step(TEXT, {"sent": "a day", ANY: "tell"}, text="Hello"),
    "a day": Step(WAIT, {ANY: "again"}, wait=timedelta(days=1)),
    "again": Step(CALL),
    "tell": Step(TELL, {ANY: "again"}),
}


@pytest.mark.parametrize(
    ("name", "result", "following"),
    [
        (BEGIN, "no_answer", "text"),
        (BEGIN, "completed", None),
        ("text", "sent", "a day"),
        ("text", "refused", "tell"),
        ("a day", ANY, "again"),
        ("again", "completed", None),
        ("gone", "completed", None),
    ],
)
def test_what_follows_is_told_by_how_a_step_ended(name, result, following) -> None:
    check(GOOD)
    assert next_step(GOOD, name, result) == following


@pytest.mark.parametrize(
    ("changed", "step", "message"),
    [
        ({"again": Step(CALL, {"busy": "nowhere"})}, "again", "no step nowhere"),
        ({"again": Step(CALL, {"sent": "tell"})}, "again", "does not end as sent"),
        ({"again": Step(CALL, {ANY: "text"})}, None, "round in a circle"),
        ({"a day": Step(WAIT)}, "a day", "Nothing follows"),
        ({"lonely": Step(CALL)}, "lonely", "No step leads here"),
        ({"again": Step(CALL, {ANY: BEGIN})}, "again", "no step"),
    ],
)
def test_a_graph_with_an_error_is_refused_at_its_step(changed, step, message: str) -> None:
    with pytest.raises(BadSteps, match=message) as wrong:
        check({**GOOD, **changed})
    assert step in (None, wrong.value.step)


names = st.sampled_from([BEGIN, *(f"s{n}" for n in range(MOST_STEPS))])


@given(st.dictionaries(names, st.dictionaries(st.sampled_from([ANY, "busy"]), names)))
def test_whoever_walks_what_was_checked_comes_to_an_end(edges) -> None:
    steps = {
        BEGIN: Step(CALL),
        **{name: Step(CALL, following) for name, following in edges.items()},
    }
    try:
        check(steps)
    except BadSteps:
        return
    for result in (ANY, "busy", Outcome.COMPLETED.value):
        name, walked = BEGIN, 0
        while (following := next_step(steps, name, result)) is not None:
            name, walked = following, walked + 1
            assert walked <= len(steps)
