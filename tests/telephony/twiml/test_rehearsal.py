"""A pathway is walked as a callee would, by the documents of a call."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from policy.compliance.disclosures import Identity
from policy.model.call import Outcome
from policy.model.purposes import Notice
from policy.pathways.callee_steps import read_steps
from telephony.twiml.rehearsal import Ending, HeardAs, Rehearsal, Stage, rehearse

NODES: Mapping[str, Any] = {
    "hello": {"kind": "say", "text": "Hello {{name|there}}.", "next": "ask"},
    "ask": {
        "kind": "gather",
        "text": "Press 1, 2 or 3.",
        "numDigits": 1,
        "branches": [
            {"digits": "1", "speech": ["yes"], "next": "yes"},
            {"digits": "2", "next": "desk"},
            {"digits": "3", "next": "code"},
        ],
        "otherwise": "bye",
    },
    "code": {
        "kind": "gather",
        "text": "Key in your code.",
        "input": ["digits"],
        "branches": [{"digits": "1234", "next": "yes"}],
        "otherwise": "ask",
    },
    "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
    "desk": {"kind": "transfer", "to": "+12025550101", "next": "thanks"},
    "thanks": {"kind": "hang_up", "text": "Thank you."},
    "bye": {"kind": "hang_up", "text": "Goodbye."},
}
SCRIPT = Stage("script", {"start": "hello", "nodes": NODES, "variables": ["name"]}, {"name": "Ada"})


def walk(*steps: str, stage: Stage = SCRIPT) -> Rehearsal:
    read, refused = read_steps(steps)
    assert not refused
    return rehearse(stage, read)


def said(found: Rehearsal) -> list[str]:
    return [text for turn in found.turns for text in turn.said]


def test_without_a_step_one_hears_the_first_question_and_is_waited_for():
    found = walk()
    assert said(found) == ["Hello Ada.", "Press 1, 2 or 3."]
    assert found.turns[0].nodes == ("hello", "ask")
    question = found.turns[0].question
    assert question is not None
    assert (question.node, question.inputs) == ("ask", ("digits", "speech"))
    assert (found.ending, found.outcome) == (None, None)


@pytest.mark.parametrize("step", ["1", "say:oh yes please"])
def test_an_answer_leads_where_the_script_says_and_reports_its_outcome(step: str):
    found = walk(step)
    assert found.turns[1].nodes == ("yes", "bye")
    assert said(found)[-1] == "Goodbye."
    assert (found.ending, found.outcome) == (Ending.HUNG_UP, Outcome.CONFIRMED)


def test_silence_leads_to_otherwise():
    found = walk("silence")
    assert found.turns[1].heard_as is HeardAs.NOTHING
    assert (found.turns[1].nodes, found.outcome) == (("bye",), Outcome.COMPLETED)


def test_the_carrier_takes_no_more_keys_than_are_asked_for():
    found = walk("31")
    assert found.turns[1].heard == "3"
    assert found.turns[1].nodes == ("code",)


def test_the_key_that_ends_the_input_is_no_part_of_it():
    found = walk("3", "1234#")
    assert found.turns[2].heard == "1234"
    assert found.outcome is Outcome.CONFIRMED


def test_speech_is_not_heard_where_keys_alone_are_asked_for():
    found = walk("3", "say:one two three four")
    assert found.turns[2].heard_as is HeardAs.NOTHING
    assert found.turns[2].nodes == ("ask",)


def test_whoever_hangs_up_ends_it_with_what_was_reported_so_far():
    found = walk("hang_up", "1")
    assert (found.ending, found.outcome) == (Ending.CALLEE_HUNG_UP, Outcome.COMPLETED)
    assert [step.text for step in found.unused] == ["1"]
    assert walk("1", "hang_up").outcome is Outcome.CONFIRMED


def test_after_a_transfer_the_script_goes_on():
    found = walk("2")
    assert found.turns[1].transferred_to == "+12025550101"
    assert found.turns[2].heard_as is HeardAs.TRANSFER_OVER
    assert said(found)[-1] == "Thank you."


def test_nine_opts_out_of_a_script_that_has_no_other_use_for_it():
    stage = replace(SCRIPT, identity=Identity("Blue Clinic", goodbye="Never again."))
    for steps in (("9",), ("say:stop calling me",), ("1", "9")):
        found = walk(*steps, stage=stage)
        assert said(found)[-1] == "Never again."
        assert (found.ending, found.outcome) == (Ending.HUNG_UP, Outcome.OPTED_OUT)


def test_what_has_to_be_said_first_is_said_once():
    stage = replace(SCRIPT, identity=Identity("Blue Clinic"), notices=(Notice.IDENTITY, Notice.AI))
    found = walk("3", "silence", stage=stage)
    first = "This is Blue Clinic. You are speaking with an automated assistant."
    assert said(found)[0] == first
    assert said(found).count(first) == 1


def test_a_machine_hears_its_message_where_somebody_listens_for_machines():
    stage = replace(SCRIPT, detects_machines=True, message="Please call us back.")
    found = walk("machine", "1", stage=stage)
    assert said(found) == ["Please call us back."]
    assert (found.ending, found.outcome) == (Ending.LEFT_TO_MACHINE, Outcome.VOICEMAIL)
    assert said(walk("machine", stage=replace(stage, message=""))) == []


def test_a_machine_that_nobody_listens_for_hears_what_people_hear():
    found = walk("machine")
    assert said(found) == ["Hello Ada.", "Press 1, 2 or 3."]
    assert found.turns[0].heard_as is HeardAs.MACHINE
    assert walk("machine", "silence").outcome is Outcome.COMPLETED


@pytest.mark.parametrize(
    ("kind", "definition", "ending"),
    [
        ("sip", {"uri": "sip:desk@example.com"}, Ending.TRANSFERRED),
        ("stream", {"url": "wss://example.com/agent"}, Ending.CONNECTED),
        ("twiml_url", {"url": "https://example.com/twiml"}, Ending.HANDED_OVER),
    ],
)
def test_what_others_go_on_with_ends_it(kind: str, definition: Mapping[str, Any], ending: Ending):
    found = walk(stage=Stage(kind, definition, {}))
    assert found.ending is ending
    turn = found.turns[0]
    assert next(iter(definition.values())) in (turn.transferred_to, turn.connected_to)


def test_an_ai_agent_says_its_greeting():
    definition = {"url": "wss://example.com/agent", "welcomeGreeting": "Good day, {{name}}."}
    found = walk(stage=Stage("conversation_relay", definition, {"name": "Ada"}))
    assert said(found) == ["Good day, Ada."]
    # What the agent will report is not known.
    assert (found.ending, found.outcome) == (Ending.CONNECTED, None)


def test_a_circle_ends_with_the_steps():
    found = walk(*["3", "silence"] * 25)
    assert len(found.turns) == 51
    assert found.ending is None


PRIVATE = Stage(
    "script",
    {
        "start": "ask",
        "nodes": {
            "ask": {
                "kind": "gather",
                "text": "Is it you?",
                "branches": [{"digits": "1", "speech": ["yes"], "next": "tell"}],
                "otherwise": "bye",
            },
            "tell": {"kind": "say", "text": "Secret.", "private": True, "next": "bye"},
            "bye": {"kind": "hang_up"},
        },
    },
    {},
)


@pytest.mark.parametrize(
    ("step", "ending", "is_told"),
    [
        ("1", Ending.HUNG_UP, True),
        ("say:yes", Ending.HUNG_UP, True),
        ("say:yes leave a message after the tone", Ending.WITHHELD, False),
        ("silence", Ending.HUNG_UP, False),
    ],
)
def test_what_is_private_is_rehearsed_as_a_call_would_say_it(step, ending, is_told):
    found = walk(step, stage=PRIVATE)
    assert (found.ending, "Secret." in said(found)) == (ending, is_told)


def test_where_machines_are_listened_for_a_person_who_answers_is_one():
    at_once = {**PRIVATE.definition, "start": "tell", "privateAfter": "detection"}
    unheard = replace(PRIVATE, definition=at_once)
    assert walk(stage=unheard).ending is Ending.WITHHELD
    assert said(walk(stage=replace(unheard, detects_machines=True))) == ["Secret."]
