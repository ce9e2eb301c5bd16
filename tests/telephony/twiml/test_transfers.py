"""Transfers and messages in documents and in rehearsals."""

from typing import Any

import pytest

from policy.pathways.callee_steps import read_steps
from telephony.twiml.rehearsal import Ending, HeardAs, Stage, WarmWords, rehearse
from telephony.twiml.transfers import TargetDial, put_through, whisper

NODES: dict[str, Any] = {
    "ask": {
        "kind": "gather",
        "text": "Press 1.",
        "branches": [{"digits": "1", "next": "desk"}],
        "otherwise": "bye",
    },
    "desk": {"kind": "transfer", "target": "desk", "next": "thanks", "otherwise": "message"},
    "thanks": {"kind": "hang_up", "text": "Thanks."},
    "message": {"kind": "take_message", "text": "Leave a message.", "next": "bye"},
    "bye": {"kind": "hang_up", "text": "Goodbye."},
}


def walked(*texts: str) -> Any:
    steps, wrong = read_steps(texts)
    assert wrong == []
    return rehearse(Stage("script", {"start": "ask", "nodes": NODES}, {}), steps)


def test_a_rehearsal_reaches_a_target_and_goes_on_after_the_talk() -> None:
    found = walked("1")
    assert found.turns[1].transferred_to == "desk"
    assert (found.turns[2].heard_as, found.turns[2].said) == (HeardAs.TRANSFER_OVER, ["Thanks."])
    assert walked("1", "reached").unused == []


def test_a_rehearsal_walks_what_comes_if_nobody_is_reached() -> None:
    found = walked("1", "unreached", "say:Call me back.")
    assert [turn.heard_as for turn in found.turns[2:]] == [
        HeardAs.TRANSFER_MISSED,
        HeardAs.MESSAGE,
    ]
    assert found.turns[2].said == ["Leave a message."]
    assert (found.turns[3].heard, found.turns[3].said) == ("Call me back.", ["Goodbye."])
    assert found.ending is Ending.HUNG_UP


def test_who_hangs_up_while_it_rings_has_ended_the_call() -> None:
    assert walked("1", "hang_up").ending is Ending.CALLEE_HUNG_UP


@pytest.mark.parametrize(
    ("to", "noun"), [("+12025550101", "<Number "), ("sip:desk@us.test", "<Sip ")]
)
def test_a_target_is_dialed_by_its_kind_and_no_number_is_in_its_repr(to: str, noun: str) -> None:
    target = TargetDial(to, "+12025550100", 20, "/over", "/whisper", "/target")
    document = put_through(target)
    assert noun in document
    assert 'statusCallbackEvent="initiated completed"' in document
    assert to not in repr(target)


def test_a_whisper_with_a_key_ends_for_whoever_does_not_press_it() -> None:
    document = whisper("A call.", "/taken", key="1")
    assert "A call. Press 1 to take the call." in document
    assert document.endswith("<Hangup /></Response>")


def test_a_rehearsal_says_what_a_callee_hears_of_a_warm_target() -> None:
    words = {"desk": WarmWords("Please hold.", "Here is the desk.")}
    stage = Stage("script", {"start": "ask", "nodes": NODES}, {}, warm=words)
    for step, said in (("reached", ["Please hold.", "Here is the desk."]),
                       ("unreached", ["Please hold."])):  # fmt: skip
        steps, _ = read_steps(["1", step])
        assert rehearse(stage, steps).turns[1].said == said


def test_what_is_said_in_one_go_is_no_longer_than_the_carrier_takes() -> None:
    document = whisper("long " * 2000, "/taken", key="1")
    said = document.partition("<Say>")[2].partition("</Say>")[0]
    assert len(said) <= 4096
    assert said.endswith("Press 1 to take the call.")
