"""What a callee may do in a rehearsal."""

import pytest

from policy.pathways.callee_steps import MOST_STEPS, CalleeStep, StepKind, read_steps


def test_each_step_is_read_as_what_it_says():
    assert read_steps(["machine", "12#", " say: yes please ", "silence", "hang_up"])[0] == [
        CalleeStep(StepKind.MACHINE),
        CalleeStep(StepKind.KEYS, "12#"),
        CalleeStep(StepKind.SPEECH, "yes please"),
        CalleeStep(StepKind.SILENCE),
        CalleeStep(StepKind.HANG_UP),
    ]


@pytest.mark.parametrize("text", ["", "yes", "say:", "say: ", "A", "1" * 21, "keys", "speech", "¹"])
def test_what_is_no_step_is_told_by_its_place(text: str):
    _, [refused] = read_steps(["1", text])
    assert refused.field == "steps.1"


def test_a_machine_answers_first_or_never():
    _, [refused] = read_steps(["1", "machine"])
    assert (refused.field, refused.message) == (
        "steps.1",
        "A machine answers at the beginning, or never.",
    )


def test_nobody_takes_more_steps_than_there_may_be():
    assert len(read_steps(["1"] * MOST_STEPS)[0]) == MOST_STEPS
    _, [refused] = read_steps(["1"] * (MOST_STEPS + 1))
    assert refused.field == "steps"
