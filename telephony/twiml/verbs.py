"""The verbs that every TwiML document of ours is made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from policy.compliance.disclosures import Preamble
from policy.pathways.answers import ONWARD
from policy.pathways.script import MOST_TURNS
from telephony.events import CallbackUrls

#: Seconds in which the key can still be pressed where nothing else is asked.
OPT_OUT_SECONDS = 2
NOTHING = Preamble()
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """How far a leg has come in its script; it travels in the gather URLs, which are signed.

    `turns`: the documents that it was given before. `replays`: how often in a row what is said
    was cut short by a key and begun anew.
    """

    turns: int = 0
    replays: int = 0

    @property
    def is_last(self) -> bool:
        """Whether a leg is given no more documents."""
        return self.turns >= MOST_TURNS

    def after(self, node: str) -> "Passage":
        """The next document's, which answers what was heard at `node`."""
        return Passage(self.turns + 1, self.replays + 1 if node.startswith(ONWARD) else 0)


BEGINNING = Passage()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A TwiML document, the outcome that its nodes report, if any, and which nodes those are.

    `withheld`: the private node before which it ends, as nobody is known to be a person.
    `asks`: the document is not finished, as this node wants a promise to be made or refused first.
    """

    twiml: str
    outcome: str | None = None
    nodes: tuple[str, ...] = ()
    withheld: str | None = None
    asks: str | None = None


def say_and_listen(
    response: Any,
    texts: Sequence[str],
    urls: CallbackUrls,
    onward: str,
    preamble: Preamble,
    passage: Passage = BEGINNING,
) -> None:
    """Says the texts; where the opt-out is offered the key works meanwhile and a moment longer."""
    said = [text for text in texts if text]
    if said and preamble.offers_opt_out:
        gather: Any = Gather(  # type: ignore[no-untyped-call]
            action=gather_url(urls, ONWARD + onward, passage),
            input="dtmf",
            num_digits=1,
            timeout=OPT_OUT_SECONDS,
        )
        response.append(gather)
        response = gather
    for text in said:
        response.say(printable(text))


#: Where an AI agent asks for a transfer: it has no node.
AGENT_NODE = "~agent"


def transfer_url(urls: CallbackUrls, node: str, passage: Passage = BEGINNING) -> str:
    """Where a leg asks for the transfer of a script's node, or of its AI agent."""
    return _with_place(urls.transfer, node, passage)


def gather_url(urls: CallbackUrls, node: str, passage: Passage = BEGINNING) -> str:
    """Where the answer to a script's gather node goes."""
    return _with_place(urls.gather, node, passage)


def _with_place(url: str, node: str, passage: Passage) -> str:
    counts = {"turns": passage.turns, "replays": passage.replays}
    counted = "".join(f"&{name}={count}" for name, count in counts.items() if count)
    return f"{url}?node={quote(node, safe='')}{counted}"


def dial(to: str) -> Any:
    """Connect the leg to a phone number or a SIP address."""
    verb: Any = Dial(answer_on_bridge=True)  # type: ignore[no-untyped-call]
    if to.startswith("sip:"):
        verb.sip(to)
    else:
        verb.number(to)
    return verb


def printable(text: str) -> str:
    """Without the characters that no XML document may hold, even escaped."""
    return _NOT_XML.sub("", text)


def new_response() -> Any:
    """A new document."""
    return VoiceResponse()  # type: ignore[no-untyped-call]
