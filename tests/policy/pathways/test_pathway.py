from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.pathways.pathway import (
    check_pathway,
    check_script,
    choose_branch,
    missing_variables,
    render_text,
)

SCRIPT: dict[str, Any] = {
    "start": "hello",
    "nodes": {
        "hello": {"kind": "say", "text": "Hello {{ name }}", "next": "ask"},
        "ask": {
            "kind": "gather",
            "text": "Press 1 to confirm {{time}}.",
            "input": ["digits", "speech"],
            "numDigits": 1,
            "timeout": 5,
            "branches": [
                {"digits": "1", "speech": ["yes", "sure"], "next": "yes"},
                {"digits": "2", "next": "no"},
                {"speech": ["not sure"], "next": "ask"},
                {"digits": "0", "next": "desk"},
                {"digits": "9", "next": "stop"},
            ],
            "otherwise": "bye",
        },
        "yes": {"kind": "outcome", "outcome": "confirmed", "next": "bye"},
        "no": {"kind": "outcome", "outcome": "declined", "next": "bye"},
        "stop": {"kind": "outcome", "outcome": "opted_out", "next": "bye"},
        "desk": {"kind": "transfer", "to": "+1 212 555 0123", "next": "bye"},
        "bye": {"kind": "hang_up", "text": "Goodbye."},
    },
    "variables": ["name", "time"],
}
ASK = SCRIPT["nodes"]["ask"]


def changed(path: str, value: Any) -> Any:
    """The script with one thing set (or, with `...`, taken away), by a path like "a/b/0"."""
    script: Any = deepcopy(SCRIPT)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = script
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return script


def test_a_script_with_every_kind_of_node_is_accepted():
    assert check_script(SCRIPT) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "field"),
    [
        ("start", ..., "malformed", "start"),
        ("start", "nowhere", "unknown_node", "start"),
        ("nodes", {}, "malformed", "nodes"),
        ("nodes", {"hello": "say it"}, "malformed", "nodes"),
        ("variables", ["a|b"], "malformed", "variables"),
        ("surprise", 1, "unknown_field", "surprise"),
        ("nodes/hello/kind", "sing", "unknown_kind", "nodes.hello.kind"),
        ("nodes/hello/kind", ["say"], "unknown_kind", "nodes.hello.kind"),
        ("nodes/hello/next", ..., "dead_end", "nodes.hello.next"),
        ("nodes/hello/next", "nowhere", "unknown_node", "nodes.hello.next"),
        ("nodes/hello/next", ["bye"], "unknown_node", "nodes.hello.next"),
        ("nodes/hello/next", "bye", "unreachable_node", "nodes.ask"),
        ("nodes/hello/text", ..., "malformed", "nodes.hello.text"),
        ("nodes/hello/text", " ", "malformed", "nodes.hello.text"),
        ("nodes/hello/text", "Hello {{name", "malformed", "nodes.hello.text"),
        ("nodes/hello/text", "Hello {{nick}}", "unknown_variable", "nodes.hello.text"),
        ("nodes/hello/volume", 11, "unknown_field", "nodes.hello.volume"),
        ("variables", ..., "unknown_variable", "nodes.hello.text"),
        ("nodes/yes/outcome", "maybe", "bad_outcome", "nodes.yes.outcome"),
        ("nodes/yes/outcome", ["confirmed"], "bad_outcome", "nodes.yes.outcome"),
        ("nodes/yes/outcome", "no_answer", "bad_outcome", "nodes.yes.outcome"),
        ("nodes/yes/next", ..., "dead_end", "nodes.yes.next"),
        ("nodes/ask/otherwise", ..., "dead_end", "nodes.ask.otherwise"),
        ("nodes/ask/input", [], "malformed", "nodes.ask.input"),
        ("nodes/ask/input", ["smell"], "malformed", "nodes.ask.input"),
        ("nodes/ask/input", ["speech"], "malformed", "nodes.ask.branches.0.digits"),
        ("nodes/ask/numDigits", 0, "malformed", "nodes.ask.numDigits"),
        ("nodes/ask/numDigits", True, "malformed", "nodes.ask.numDigits"),
        ("nodes/ask/timeout", 3600, "malformed", "nodes.ask.timeout"),
        ("nodes/ask/branches", [], "malformed", "nodes.ask.branches"),
        ("nodes/ask/branches/0/digits", "12", "bad_digits", "nodes.ask.branches.0.digits"),
        ("nodes/ask/branches/0/digits", "x", "bad_digits", "nodes.ask.branches.0.digits"),
        ("nodes/ask/branches/0/digits", 1, "bad_digits", "nodes.ask.branches.0.digits"),
        ("nodes/ask/branches/0/digits", "2", "bad_digits", "nodes.ask.branches"),
        ("nodes/ask/branches/0/speech", ["?!"], "malformed", "nodes.ask.branches.0.speech"),
        ("nodes/ask/branches/1", {"next": "no"}, "malformed", "nodes.ask.branches.1"),
        ("nodes/ask/branches/1/next", ..., "dead_end", "nodes.ask.branches.1.next"),
        ("nodes/ask/branches/1/next", "x", "unknown_node", "nodes.ask.branches.1.next"),
        ("nodes/desk/to", ..., "malformed", "nodes.desk.to"),
        ("nodes/desk/to", "555-0123", "bad_endpoint", "nodes.desk.to"),
        ("nodes/island", {"kind": "hang_up"}, "unreachable_node", "nodes.island"),
    ],
)
def test_a_mistake_in_a_script_is_refused_at_its_field(path, value, code, field):
    found = check_script(changed(path, value))
    assert (code, f"definition.{field}") in [(one.code, one.field) for one in found]


def test_a_loop_that_nothing_leaves_is_refused_and_one_with_a_way_out_is_not():
    loop = {
        "start": "a",
        "nodes": {
            "a": {"kind": "say", "text": "again", "next": "b"},
            "b": {"kind": "say", "text": "and again", "next": "a"},
        },
    }
    assert {(one.code, one.field) for one in check_script(loop)} == {
        ("endless_loop", "definition.nodes.a"),
        ("endless_loop", "definition.nodes.b"),
    }
    assert check_script(changed("nodes/ask/otherwise", "ask")) == []


@pytest.mark.parametrize("definition", [None, [], "say hello", {}])
def test_what_is_no_script_at_all_is_refused(definition):
    assert check_script(definition)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["start", "nodes", "kind", "next", "branches", "a", "url", "variables"]
            ),
            inner,
            max_size=4,
        )
    ),
)
paths = st.sampled_from(
    ["start", "nodes", "variables", "nodes/ask", "nodes/ask/branches", "nodes/ask/branches/0",
     "nodes/ask/branches/0/speech", "nodes/ask/input", "nodes/ask/next", "nodes/hello/kind",
     "nodes/yes/outcome", "nodes/desk/to", "nodes/hello/text"]
)  # fmt: skip
kinds = st.sampled_from(["script", "conversation_relay", "stream", "twiml_url", "sip", "dance"])


@given(paths, json, kinds)
def test_no_json_makes_the_checks_fail(path, value, kind):
    check_script(changed(path, value))
    check_pathway(kind, value)


WSS, HTTPS = "wss://agent.example.com/relay", "https://agent.example.com/twiml"


@pytest.mark.parametrize(
    ("kind", "definition"),
    [
        ("script", SCRIPT),
        ("conversation_relay", {"url": f"{WSS}?v=1"}),
        (
            "conversation_relay",
            {
                "url": WSS,
                "welcomeGreeting": "Hello {{name}}",
                "language": "en-US",
                "voice": "a",
                "ttsProvider": "Google",
                "transcriptionProvider": "Deepgram",
                "parameters": {"who": "{{name}}"},
                "variables": ["name"],
            },
        ),
        ("stream", {"url": WSS, "parameters": {"a": "b"}}),
        ("twiml_url", {"url": HTTPS}),
        ("twiml_url", {"url": "http://127.0.0.1:9000/x"}),
        ("sip", {"uri": "sip:agent@example.com"}),
    ],
)
def test_a_pathway_of_each_kind_is_accepted(kind, definition):
    assert check_pathway(kind, definition) == []


@pytest.mark.parametrize(
    ("kind", "definition", "code", "field"),
    [
        ("dance", {}, "unknown_kind", "kind"),
        ("sip", "sip:agent@example.com", "malformed", "definition"),
        ("sip", {"uri": "+12125550123"}, "bad_endpoint", "definition.uri"),
        ("sip", {}, "bad_endpoint", "definition.uri"),
        ("stream", {"url": HTTPS}, "bad_url", "definition.url"),
        ("stream", {"url": f"{WSS}?a=b"}, "bad_url", "definition.url"),
        ("stream", {"url": WSS, "parameters": {"a": 1}}, "malformed", "definition.parameters.a"),
        ("stream", {"url": WSS, "parameters": []}, "malformed", "definition.parameters"),
        (
            "stream",
            {"url": WSS, "parameters": {"a": "b" * 499}},
            "too_long",
            "definition.parameters.a",
        ),
        ("stream", {"url": "wss://"}, "bad_url", "definition.url"),
        ("stream", {"url": "wss://a:99999/x"}, "bad_url", "definition.url"),
        ("stream", {"url": "wss://me:secret@a.org/x"}, "bad_url", "definition.url"),
        ("conversation_relay", {"url": "ws://a.org"}, "bad_url", "definition.url"),
        ("conversation_relay", {"url": WSS, "mood": "x"}, "unknown_field", "definition.mood"),
        (
            "conversation_relay",
            {"url": WSS, "welcomeGreeting": "Hello {{name}}"},
            "unknown_variable",
            "definition.welcomeGreeting",
        ),
        ("twiml_url", {"url": "ftp://a.org/x"}, "bad_url", "definition.url"),
        ("twiml_url", {"url": "https://a.org/ x"}, "bad_url", "definition.url"),
    ],
)
def test_a_mistake_in_a_pathway_is_refused_at_its_field(kind, definition, code, field):
    assert (code, field) in [(one.code, one.field) for one in check_pathway(kind, definition)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {{name}}", "Hello Ada"),
        ("{{ name }}, {{count}} {{ half }}", "Ada, 3 0.5"),
        ("{{missing}}{{none}}{{list}}!", "!"),
        ("{{ready}}", "yes"),
        ("{{braces}}", "{{name}}"),
        ("{name} {{}}", "{name} {{}}"),
    ],
)
def test_variables_are_filled_in_once_and_missing_ones_are_silent(text, said):
    context = {
        "name": "Ada",
        "count": 3,
        "half": 0.5,
        "none": None,
        "list": [1],
        "ready": True,
        "braces": "{{name}}",
    }
    assert render_text(text, context) == said


@pytest.mark.parametrize(
    ("digits", "speech", "next_id"),
    [
        ("1", None, "yes"),
        ("2", None, "no"),
        ("7", None, "bye"),
        ("", "", "bye"),
        (None, None, "bye"),
        (None, "Yes, please!", "yes"),
        (None, "SURE", "yes"),
        (None, "I'm not sure.", "ask"),
        (None, "yesterday", "bye"),
        ("2", "yes", "no"),
        ("7", "yes", "yes"),
    ],
)
def test_what_is_keyed_or_said_chooses_the_branch(digits, speech, next_id):
    assert choose_branch(ASK, digits, speech) == next_id


def test_the_variables_a_context_lacks_are_told():
    assert missing_variables(SCRIPT, {"name": "Ada"}) == ("time",)
    assert missing_variables(SCRIPT, {"name": "Ada", "time": ""}) == ("time",)
    assert missing_variables(SCRIPT, {"name": "Ada", "time": 9, "more": 1}) == ()
    relay = {"url": WSS, "welcomeGreeting": "Hi {{name}}", "parameters": {"p": "{{plan}}"}}
    assert missing_variables(relay, {}) == ("name", "plan")


def test_a_script_is_no_longer_than_can_be_said():
    long = {"a": {"kind": "hang_up", "text": "x" * 4097}}
    [found] = check_script({"start": "a", "nodes": long})
    assert (found.code, found.field) == ("too_long", "definition.nodes.a.text")
    many = {f"n{n}": {"kind": "say", "text": "x", "next": f"n{n + 1}"} for n in range(200)}
    many["n200"] = {"kind": "hang_up"}
    [found] = check_script({"start": "n0", "nodes": many})
    assert (found.code, found.field) == ("too_long", "definition.nodes")


@pytest.mark.parametrize(
    ("text", "context", "said"),
    [
        ("Hello {{name|there}}.", {}, "Hello there."),
        ("Hello {{ name | dear friend }}.", {"name": ""}, "Hello dear friend."),
        ("Hello {{name|there}}.", {"name": "Ada"}, "Hello Ada."),
        ("Hello {{Customer Name}}.", {"Customer Name": "Ada"}, "Hello Ada."),
        ("Hello {{name|}}.", {}, "Hello ."),
        ("Hello {{prénom|vous}}.", {"prénom": "Ada"}, "Hello Ada."),
    ],
)
def test_a_variable_may_have_spaces_and_a_default(text: str, context: Any, said: str):
    assert render_text(text, context) == said


def test_what_has_a_default_is_not_missing():
    text = {"text": "{{name|there}} {{First Name}} {{time}} {{time|soon}}"}
    assert missing_variables(text, {}) == ("First Name", "time")
