"""What a leg hears: pathways rendered as TwiML. Pure; Twilio's library escapes every text."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from twilio.twiml.voice_response import Connect, Dial, Gather, VoiceResponse

from policy.pathway import PARAMETER_LIMIT, render_text
from telephony.events import CallbackUrls

JsonObject = Mapping[str, Any]

#: Names the parameters that were left out because they are too long.
OMITTED = "omitted"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GATHER_INPUTS = {"digits": "dtmf", "speech": "speech"}
#: TwiML attribute -> text of a conversation_relay definition, taken over when given.
_RELAY_TEXTS = {
    "welcome_greeting": "welcomeGreeting",
    "language": "language",
    "voice": "voice",
    "tts_provider": "ttsProvider",
    "transcription_provider": "transcriptionProvider",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A TwiML document and the outcome that its nodes report, if any."""

    twiml: str
    outcome: str | None = None


def render(
    pathway_kind: str,
    definition: JsonObject,
    context: JsonObject,
    *,
    urls: CallbackUrls,
    call_id: str,
    node: str | None = None,
) -> Rendered:
    """What a leg hears next; a script starts at `node`, or at its own start."""
    if pathway_kind == "script":
        return _Script(definition, context, urls).render(node or definition["start"])
    return Rendered(_BUILDERS[pathway_kind](definition, context, call_id))


def hangup() -> str:
    """End the leg."""
    response = _response()
    response.hangup()
    return str(response)


def hold(voice_url: str, held: int) -> str:
    """A second of silence, then ask again: the agent stays quiet until the machine verdict."""
    response = _response()
    response.pause(length=1)
    response.redirect(f"{voice_url}?held={held + 1}")
    return str(response)


def voicemail_message(text: str) -> str:
    """Leave this message and hang up."""
    response = _response()
    response.say(_printable(text))
    response.hangup()
    return str(response)


def gather_url(urls: CallbackUrls, node: str) -> str:
    """Where the answer to a script's gather node goes."""
    return f"{urls.gather}?node={quote(node, safe='')}"


class _Script:
    """One walk through a script, from a node to the next gather or the end."""

    def __init__(self, definition: JsonObject, context: JsonObject, urls: CallbackUrls) -> None:
        self._nodes: Mapping[str, JsonObject] = definition["nodes"]
        self._context = context
        self._urls = urls
        self._response = _response()
        self._outcome: str | None = None
        self._verbs: Mapping[str, Callable[[str, JsonObject], None]] = {
            "say": self._say,
            "gather": self._gather,
            "outcome": self._report,
            "transfer": self._transfer,
            "hang_up": self._hang_up,
        }

    def render(self, start: str) -> Rendered:
        walked: set[str] = set()
        here = start
        # Hangs up at a second visit, as a circle without a gather would never end, and at a
        # node that an edit of the pathway took away during the call.
        while here in self._nodes and here not in walked:
            walked.add(here)
            step = self._nodes[here]
            self._verbs[step["kind"]](here, step)
            if step["kind"] == "gather":
                return self._rendered()
            here = step.get("next", "")
        self._response.hangup()
        return self._rendered()

    def _rendered(self) -> Rendered:
        return Rendered(str(self._response), self._outcome)

    def _text(self, step: JsonObject) -> str:
        return _printable(render_text(step["text"], self._context))

    def _say(self, name: str, step: JsonObject) -> None:
        self._response.say(self._text(step))

    def _gather(self, name: str, step: JsonObject) -> None:
        url = gather_url(self._urls, name)
        gather: Any = Gather(action=url, **_listening(step))  # type: ignore[no-untyped-call]
        if step.get("text"):
            gather.say(self._text(step))
        self._response.append(gather)
        # Silence falls through to here and comes back with neither digits nor speech.
        self._response.redirect(url)

    def _report(self, name: str, step: JsonObject) -> None:
        self._outcome = step["outcome"]

    def _transfer(self, name: str, step: JsonObject) -> None:
        self._response.append(_dial(step["to"]))

    def _hang_up(self, name: str, step: JsonObject) -> None:
        if step.get("text"):
            self._say(name, step)


def _listening(step: JsonObject) -> dict[str, Any]:
    """The attributes of a Gather that say what to wait for."""
    inputs: Sequence[str] = step.get("input") or list(_GATHER_INPUTS)
    attributes: dict[str, Any] = {
        "input": " ".join(_GATHER_INPUTS[name] for name in inputs),
        "timeout": step.get("timeout"),
    }
    if "digits" in inputs:
        attributes |= _keypad(step)
    if "speech" in inputs:
        attributes |= {"speech_timeout": "auto", "hints": ", ".join(_phrases(step)) or None}
    return attributes


def _keypad(step: JsonObject) -> dict[str, Any]:
    keys = [branch["digits"] for branch in step["branches"] if branch.get("digits")]
    return {
        # The longest branch is enough: nobody should have to press # to be heard.
        "num_digits": step.get("numDigits") or max(map(len, keys), default=None),
        # A # that is an answer must not end the input instead.
        "finish_on_key": "" if any("#" in key for key in keys) else None,
    }


def _phrases(step: JsonObject) -> list[str]:
    return [_printable(said) for branch in step["branches"] for said in branch.get("speech", [])]


def _relay(definition: JsonObject, context: JsonObject, call_id: str) -> str:
    texts = {
        ours: _printable(render_text(definition[theirs], context))
        for ours, theirs in _RELAY_TEXTS.items()
        if theirs in definition
    }
    connect: Any = Connect()  # type: ignore[no-untyped-call]
    relay = connect.conversation_relay(url=definition["url"], **texts)
    return _connected(connect, relay, _parameters(definition, context, call_id))


def _stream(definition: JsonObject, context: JsonObject, call_id: str) -> str:
    connect: Any = Connect()  # type: ignore[no-untyped-call]
    stream = connect.stream(url=definition["url"])
    return _connected(connect, stream, _parameters(definition, context, call_id))


def _connected(connect: Any, session: Any, parameters: Mapping[str, str]) -> str:
    for name, value in parameters.items():
        session.parameter(name=name, value=value)
    response = _response()
    response.append(connect)
    response.hangup()
    return str(response)


def _twiml_url(definition: JsonObject, context: JsonObject, call_id: str) -> str:
    response = _response()
    response.redirect(definition["url"])
    return str(response)


def _sip(definition: JsonObject, context: JsonObject, call_id: str) -> str:
    response = _response()
    response.append(_dial(definition["uri"]))
    response.hangup()
    return str(response)


_BUILDERS: Mapping[str, Callable[[JsonObject, JsonObject, str], str]] = {
    "conversation_relay": _relay,
    "stream": _stream,
    "twiml_url": _twiml_url,
    "sip": _sip,
}


def _dial(to: str) -> Any:
    dial: Any = Dial(answer_on_bridge=True)  # type: ignore[no-untyped-call]
    if to.startswith("sip:"):
        dial.sip(to)
    else:
        dial.number(to)
    return dial


def _parameters(definition: JsonObject, context: JsonObject, call_id: str) -> dict[str, str]:
    """The context, then the definition's own, then `callId`.

    What is too long is left out, and named in `omitted`: half a value would be taken for a whole.
    """
    known = {name: _as_text(value) for name, value in context.items() if value is not None}
    own = definition.get("parameters", {})
    known |= {name: _printable(render_text(text, context)) for name, text in own.items()}
    known["callId"] = call_id
    fitting = {name: value for name, value in known.items() if _fits(name, value)}
    left_out = [name for name in known if name not in fitting]
    return fitting | ({OMITTED: _names(left_out)} if left_out else {})


def _fits(name: str, value: str) -> bool:
    return len(name) + len(value) <= PARAMETER_LIMIT


def _names(left_out: Sequence[str]) -> str:
    """As many of the names as a parameter holds, with commas between."""
    shown: list[str] = []
    for name in left_out:
        if not _fits(OMITTED, ", ".join([*shown, name])):
            break
        shown.append(name)
    return ", ".join(shown)


def _as_text(value: object) -> str:
    return _printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _printable(text: str) -> str:
    """Without the characters that no XML document may hold, even escaped."""
    return _NOT_XML.sub("", text)


def _response() -> Any:
    return VoiceResponse()  # type: ignore[no-untyped-call]
