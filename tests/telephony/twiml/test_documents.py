"""TwiML, as whole documents: one snapshot for each kind of pathway and each kind of node."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from policy.pathways.pathway import KINDS, check_pathway
from telephony.twilio.callbacks import callback_urls
from telephony.twiml.documents import hangup, hold, render, say_and_hang_up
from telephony.twiml.verbs import gather_url

URLS = callback_urls("https://us.test", "tok")
GATHER = "https://us.test/twilio/gather/tok"
CONTEXT = {"name": "Ann & Bob <3", "visits": 2, "vip": True, "none": None, "items": ["é", 1]}
SCRIPT: dict[str, Any] = {
    "start": "hello",
    "variables": ["name"],
    "nodes": {
        "hello": {"kind": "say", "text": "Hello {{name}}", "next": "ask"},
        "ask": {
            "kind": "gather",
            "text": "Will you come?",
            "numDigits": 1,
            "timeout": 4,
            "branches": [
                {"digits": "1", "speech": ["yes", "sure"], "next": "yes"},
                {"digits": "2", "next": "stop"},
                {"digits": "0", "next": "desk"},
            ],
            "otherwise": "bye",
        },
        "yes": {"kind": "outcome", "outcome": "confirmed", "next": "thanks"},
        "thanks": {"kind": "say", "text": "Thank you.", "next": "bye"},
        "stop": {"kind": "outcome", "outcome": "opted_out", "next": "bye"},
        "desk": {"kind": "transfer", "to": "+15550001111", "next": "thanks"},
        "bye": {"kind": "hang_up", "text": "Goodbye."},
    },
}


def body(twiml: str) -> str:
    """The document's inside; whatever is rendered must be XML."""
    ElementTree.fromstring(twiml.encode())
    head = '<?xml version="1.0" encoding="UTF-8"?><Response>'
    assert twiml.startswith(head)
    return twiml.removeprefix(head).removesuffix("</Response>")


def rendered(kind: str, definition: dict[str, Any], context: Any = CONTEXT) -> str:
    assert check_pathway(kind, definition) == []
    result = render(kind, definition, context, urls=URLS, call_id="call-1")
    assert result.outcome is None
    return body(result.twiml)


def from_node(node: str, script: dict[str, Any] = SCRIPT) -> tuple[str, str | None]:
    result = render("script", script, CONTEXT, urls=URLS, call_id="call-1", node=node)
    return body(result.twiml), result.outcome


def test_a_script_speaks_until_it_listens() -> None:
    assert rendered("script", SCRIPT) == (
        "<Say>Hello Ann &amp; Bob &lt;3</Say>"
        f'<Gather action="{GATHER}?node=ask" hints="yes, sure" input="dtmf speech" numDigits="1"'
        ' speechTimeout="auto" timeout="4"><Say>Will you come?</Say></Gather>'
        f"<Redirect>{GATHER}?node=ask</Redirect>"
    )


def test_an_outcome_is_reported_and_the_script_goes_on() -> None:
    assert from_node("yes") == (
        "<Say>Thank you.</Say><Say>Goodbye.</Say><Hangup />",
        "confirmed",
    )
    assert from_node("stop") == ("<Say>Goodbye.</Say><Hangup />", "opted_out")


def test_a_transfer_rings_the_other_line_and_goes_on_after_it() -> None:
    assert from_node("desk") == (
        '<Dial answerOnBridge="true"><Number>+15550001111</Number></Dial>'
        "<Say>Thank you.</Say><Say>Goodbye.</Say><Hangup />",
        None,
    )


def test_a_transfer_to_sip_may_be_the_end() -> None:
    script = {"start": "t", "nodes": {"t": {"kind": "transfer", "to": "sip:desk@us.test"}}}
    assert rendered("script", script) == (
        '<Dial answerOnBridge="true"><Sip>sip:desk@us.test</Sip></Dial><Hangup />'
    )


def test_a_silent_hang_up_only_hangs_up() -> None:
    assert from_node("x", {"start": "x", "nodes": {"x": {"kind": "hang_up"}}})[0] == "<Hangup />"


def test_a_node_that_is_gone_and_a_circle_hang_up() -> None:
    circle = {
        "start": "a",
        "nodes": {
            "a": {"kind": "say", "text": "A", "next": "b"},
            "b": {"kind": "say", "text": "B", "next": "a"},
        },
    }
    assert from_node("no such node")[0] == "<Hangup />"
    assert from_node("a", circle)[0] == "<Say>A</Say><Say>B</Say><Hangup />"


@pytest.mark.parametrize(
    ("gather", "attributes"),
    [
        ({"branches": [{"speech": ["yes"], "next": "e"}], "input": ["speech"]}, (
            ' hints="yes" input="speech" speechTimeout="auto"'
        )),
        ({"branches": [{"digits": "12", "next": "e"}], "input": ["digits"]}, (
            ' input="dtmf" numDigits="2"'
        )),
        ({"branches": [{"digits": "#", "next": "e"}], "input": ["digits"]}, (
            ' finishOnKey="" input="dtmf" numDigits="1"'
        )),
        ({"branches": [{"digits": "1", "next": "e"}, {"digits": "22", "next": "e"}]}, (
            ' input="dtmf speech" numDigits="2" speechTimeout="auto"'
        )),
    ],
)  # fmt: skip
def test_a_gather_listens_for_what_its_branches_need(
    gather: dict[str, Any], attributes: str
) -> None:
    nodes = {
        "ask": {"kind": "gather", "otherwise": "e"} | gather,
        "e": {"kind": "hang_up"},
    }
    url = f"{GATHER}?node=ask"
    assert rendered("script", {"start": "ask", "nodes": nodes}) == (
        f'<Gather action="{url}"{attributes} /><Redirect>{url}</Redirect>'
    )


def test_a_node_id_is_quoted_in_the_url() -> None:
    assert gather_url(URLS, "a b&c/é") == f"{GATHER}?node=a%20b%26c%2F%C3%A9"


PARAMETERS = (
    '<Parameter name="name" value="Ann &amp; Bob &lt;3" />'
    '<Parameter name="visits" value="2" />'
    '<Parameter name="vip" value="true" />'
    '<Parameter name="items" value="[&quot;é&quot;, 1]" />'
    '<Parameter name="greeting" value="Dear Ann &amp; Bob &lt;3" />'
    '<Parameter name="callId" value="call-1" />'
)


def test_a_conversation_relay_gets_its_options_and_the_context() -> None:
    definition = {
        "url": "wss://agent.test/relay?x=1",
        "welcomeGreeting": "Hi {{name}}",
        "language": "en-US",
        "voice": "Joanna",
        "ttsProvider": "Amazon",
        "transcriptionProvider": "Deepgram",
        "parameters": {"greeting": "Dear {{name}}"},
        "variables": ["name"],
    }
    assert rendered("conversation_relay", definition) == (
        '<Connect><ConversationRelay language="en-US" transcriptionProvider="Deepgram"'
        ' ttsProvider="Amazon" url="wss://agent.test/relay?x=1" voice="Joanna"'
        ' welcomeGreeting="Hi Ann &amp; Bob &lt;3">'
        f"{PARAMETERS}</ConversationRelay></Connect><Hangup />"
    )


def test_a_stream_gets_the_context() -> None:
    definition = {
        "url": "wss://agent.test/stream",
        "parameters": {"greeting": "Dear {{name}}"},
        "variables": ["name"],
    }
    assert rendered("stream", definition) == (
        f'<Connect><Stream url="wss://agent.test/stream">{PARAMETERS}</Stream></Connect><Hangup />'
    )


def test_a_long_parameter_is_left_out_and_named_and_the_call_id_is_ours() -> None:
    context = {"long": "x" * 900, "y" * 500: "no room", "callId": "forged"}
    twiml = rendered("stream", {"url": "wss://agent.test/stream"}, context)
    found = {p.get("name"): p.get("value") for p in ElementTree.fromstring(twiml[:-10]).iter()}
    assert found["callId"] == "call-1"
    assert "long" not in found
    assert "y" * 500 not in found
    assert found["omitted"] == "long"


def test_a_parameter_that_just_fits_is_whole() -> None:
    twiml = rendered("stream", {"url": "wss://agent.test/stream"}, {"long": "x" * 495})
    found = {p.get("name"): p.get("value") for p in ElementTree.fromstring(twiml[:-10]).iter()}
    assert found["long"] == "x" * 495
    assert "omitted" not in found


def test_a_twiml_url_is_handed_the_leg() -> None:
    definition = {"url": "https://ivr.test/start?a=1&b=2"}
    assert rendered("twiml_url", definition) == (
        "<Redirect>https://ivr.test/start?a=1&amp;b=2</Redirect>"
    )


def test_a_sip_pathway_is_put_through() -> None:
    assert rendered("sip", {"uri": "sip:bot@us.test"}) == (
        '<Dial answerOnBridge="true"><Sip>sip:bot@us.test</Sip></Dial><Hangup />'
    )


def test_every_kind_of_pathway_is_rendered_above() -> None:
    assert set(KINDS) == {"script", "conversation_relay", "stream", "twiml_url", "sip"}


def test_holding_asks_again_and_counts() -> None:
    assert body(hold(URLS.voice, 2)) == (
        '<Pause length="1" /><Redirect>https://us.test/twilio/voice/tok?held=3</Redirect>'
    )


def test_a_say_and_hang_up_is_said_and_the_leg_hung_up() -> None:
    assert body(say_and_hang_up("Call <us>")) == "<Say>Call &lt;us&gt;</Say><Hangup />"
    assert body(hangup()) == "<Hangup />"


def test_no_text_can_break_the_document() -> None:
    nasty = json.loads('"\\u0000\\u0007\\ud800\\uffff]]>&<Hangup/>"')
    script = {"start": "s", "variables": ["name"], "nodes": {
        "s": {"kind": "say", "text": "{{name}}", "next": "e"},
        "e": {"kind": "hang_up"},
    }}  # fmt: skip
    twiml = rendered("script", script, {"name": nasty})
    assert twiml == "<Say>]]&gt;&amp;&lt;Hangup/&gt;</Say><Hangup />"
    assert body(say_and_hang_up(nasty)).startswith("<Say>]]&gt;")
    rendered("stream", {"url": "wss://agent.test/stream"}, {"name": nasty, "list": [nasty]})
