"""What a leg hears: pathways rendered as TwiML. Pure; Twilio's library escapes every text."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twilio.twiml.voice_response import Connect, Gather

from policy.compliance.disclosures import Preamble
from policy.pathways.pathway import PARAMETER_LIMIT, render_text
from telephony.events import CallbackUrls
from telephony.twiml.script import Script
from telephony.twiml.verbs import (
    AGENT_NODE,
    BEGINNING,
    NOTHING,
    OPT_OUT_SECONDS,
    Passage,
    Rendered,
    dial,
    new_response,
    printable,
    say_and_listen,
    transfer_url,
)

JsonObject = Mapping[str, Any]

#: Names the parameters that were left out because they are too long.
OMITTED = "omitted"
#: The parameter that tells an AI agent what it has to say first.
NOTICE = "notice"
#: The parameter that tells an AI agent what became of the transfer that it asked for.
TRANSFER = "transfer"
#: TwiML attribute -> text of a conversation_relay definition, taken over when given.
_RELAY_TEXTS = {
    "welcome_greeting": "welcomeGreeting",
    "language": "language",
    "voice": "voice",
    "tts_provider": "ttsProvider",
    "transcription_provider": "transcriptionProvider",
}


def render(
    pathway_kind: str,
    definition: JsonObject,
    context: JsonObject,
    *,
    urls: CallbackUrls,
    call_id: str,
    node: str | None = None,
    preamble: Preamble = NOTHING,
    passage: Passage = BEGINNING,
    is_confirmed: bool = False,
    promised: Mapping[str, bool] | None = None,
    transfer: str = "",
) -> Rendered:
    """What a leg hears next, after the preamble; a script starts at `node`, or at its own start.

    `is_confirmed`: it is known that a person listens; private nodes are left out without.
    `promised`: what became of the promises that its nodes make; None: all would be made.
    `transfer`: what an AI agent that takes over again is told of its last transfer.
    """
    if pathway_kind == "script":
        script = Script(
            definition,
            context,
            urls,
            preamble,
            passage,
            is_confirmed=is_confirmed,
            promised=promised,
        )
        return script.render(node or definition["start"])
    if pathway_kind in _CONNECTED:
        connect = _CONNECTED[pathway_kind]
        leg = _Leg(call_id, preamble.text, transfer_url(urls, AGENT_NODE, passage), transfer)
        return Rendered(connect(definition, context, leg))
    response = new_response()
    say_and_listen(response, [preamble.text], urls, "", preamble)
    _HANDED_OVER[pathway_kind](response, definition)
    return Rendered(str(response))


def hangup() -> str:
    """End the leg."""
    response = new_response()
    response.hangup()
    return str(response)


def hold(voice_url: str, held: int) -> str:
    """A second of silence, then ask again: the agent stays quiet until the machine verdict."""
    response = new_response()
    response.pause(length=1)
    response.redirect(f"{voice_url}?held={held + 1}")
    return str(response)


def say_and_hang_up(text: str) -> str:
    """Say this, to a person or to a machine, and hang up."""
    response = new_response()
    response.say(printable(text))
    response.hangup()
    return str(response)


def inbound_menu(text: str, menu_url: str, transfer_to: str | None) -> str:
    """Somebody calls us: what they hear, the key to opt out, and where they are put through to."""
    response = new_response()
    gather: Any = Gather(  # type: ignore[no-untyped-call]
        action=menu_url, input="dtmf", num_digits=1, timeout=OPT_OUT_SECONDS
    )
    gather.say(printable(text))
    response.append(gather)
    return _put_through(response, transfer_to)


def inbound_end(transfer_to: str | None) -> str:
    """After another key than the opt-out's."""
    return _put_through(new_response(), transfer_to)


def nothing() -> str:
    """Nothing is said or sent."""
    return str(new_response())


def _put_through(response: Any, transfer_to: str | None) -> str:
    if transfer_to:
        response.append(dial(transfer_to))
    response.hangup()
    return str(response)


@dataclass(frozen=True, slots=True)
class _Leg:
    """What a leg that is connected to an AI agent is told, and where it asks for a transfer."""

    call_id: str
    notice: str
    transfer_url: str
    transfer: str


def _relay(definition: JsonObject, context: JsonObject, leg: _Leg) -> str:
    notice = leg.notice
    texts = {
        ours: printable(render_text(definition[theirs], context))
        for ours, theirs in _RELAY_TEXTS.items()
        if theirs in definition
    }
    if notice:
        greeting = texts.get("welcome_greeting", "")
        texts["welcome_greeting"] = f"{printable(notice)} {greeting}".strip()
    if leg.transfer:
        # It has greeted them before.
        texts.pop("welcome_greeting", None)
    connect: Any = Connect()  # type: ignore[no-untyped-call]
    relay = connect.conversation_relay(url=definition["url"], **texts)
    known = _parameters(definition, context, leg, notice)
    return _connected(connect, relay, known, _onward(definition, leg))


def _stream(definition: JsonObject, context: JsonObject, leg: _Leg) -> str:
    notice = leg.notice
    connect: Any = Connect()  # type: ignore[no-untyped-call]
    stream = connect.stream(url=definition["url"])
    # What is too long to be handed over is said before: it must not be left out.
    first = "" if _fits(NOTICE, printable(notice)) else notice
    known = _parameters(definition, context, leg, "" if first else notice)
    return _connected(connect, stream, known, _onward(definition, leg), first)


def _onward(definition: JsonObject, leg: _Leg) -> str:
    """Where the leg goes when its agent lets go of it; "": it ends."""
    return leg.transfer_url if definition.get("transfers") else ""


def _connected(
    connect: Any, session: Any, parameters: Mapping[str, str], onward: str, first: str = ""
) -> str:
    for name, value in parameters.items():
        session.parameter(name=name, value=value)
    response = new_response()
    if first:
        response.say(printable(first))
    response.append(connect)
    if onward:
        response.redirect(onward)
    else:
        response.hangup()
    return str(response)


def _twiml_url(response: Any, definition: JsonObject) -> None:
    response.redirect(definition["url"])


def _sip(response: Any, definition: JsonObject) -> None:
    response.append(dial(definition["uri"]))
    response.hangup()


#: Pathways whose agent speaks from the first moment on; the notice is said first, or handed over.
_CONNECTED: Mapping[str, Callable[[JsonObject, JsonObject, _Leg], str]] = {
    "conversation_relay": _relay,
    "stream": _stream,
}
#: Pathways that somebody else goes on with after the notice.
_HANDED_OVER: Mapping[str, Callable[[Any, JsonObject], None]] = {
    "twiml_url": _twiml_url,
    "sip": _sip,
}


def _parameters(
    definition: JsonObject, context: JsonObject, leg: _Leg, notice: str
) -> dict[str, str]:
    """The context, then the definition's own, then `callId`, and what has to be said first.

    What is too long is left out, and named in `omitted`: half a value would be taken for a whole.
    """
    known = {name: _as_text(value) for name, value in context.items() if value is not None}
    own = definition.get("parameters", {})
    known |= {name: printable(render_text(text, context)) for name, text in own.items()}
    known["callId"] = leg.call_id
    if leg.transfer:
        known[TRANSFER] = leg.transfer
    if notice:
        known[NOTICE] = printable(notice)
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
    return printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
